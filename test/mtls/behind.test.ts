/** Whose certificates a list speaks of where names do not tell, and what becomes of certificates below a revoked CA. */
import { readCertificate, type Certificate } from '../../lambdas/mtls/core/certificate';
import { compileList } from '../../lambdas/mtls/core/compile';
import { keyIdentifierOf, type Issuer } from '../../lambdas/mtls/core/behind';
import { issuersOf } from '../../lambdas/mtls/core/issuers';
import { ListsInForce, type ListStatus } from '../../lambdas/mtls/core/lists';
import { IndexView } from '../../lambdas/mtls/core/lookup';
import { manifestText, readManifest } from '../../lambdas/mtls/core/manifest';
import { accepted, Authority, bytesOf, ruleOf, RULES, type Accepted } from './authority';
import {
  authorityKeyId,
  CA_CONSTRAINTS,
  CA_USAGE,
  der,
  extension,
  issuingPoint,
  makeCertificate,
  makeKeys,
  makeList,
  NOW,
  pem,
  pointOf,
  subjectKeyId,
  type Keys,
  type ListParts,
} from './make-crl';

const GOOD = { status: 'good', freshness: 'fresh' };
const REVOKED = expect.objectContaining({ status: 'revoked' }) as ListStatus;
const SIGNS_LISTS = extension('2.5.29.15', der(0x03, [1, 0x02]), true);
const AUTHORITY = [CA_USAGE, CA_CONSTRAINTS];
const unknown = (reason: string): object => ({ status: 'unknown', reason });

async function compile(list: Uint8Array, ...issuers: readonly Issuer[]): Promise<Accepted> {
  return accepted(await compileList([list], { issuers, now: NOW, rules: RULES }));
}

/** What a process of the authorizer says while these lists are in force, their manifests read as it reads them. */
async function ask(
  lists: readonly Accepted[],
  certificate: Certificate,
  { now = NOW, unreadable }: { readonly now?: number; readonly unreadable?: Accepted } = {},
): Promise<ListStatus> {
  const inForce = new ListsInForce(
    {
      listManifests: async () => lists.map((_, i) => ({ key: String(i), etag: '1' })),
      readManifest: async (key) => ({
        etag: '1',
        manifest: readManifest(manifestText(lists[Number(key)]!.manifest)),
        publishedAt: undefined,
      }),
      openIndex: async ({ index: { key } }) => {
        const list = lists.find(({ index }) => index.key === key)!;
        if (list === unreadable) throw new Error('503 Slow Down');
        const view = new IndexView(bytesOf(list));
        return {
          find: async (issuer, serial) => {
            const found = view.find(issuer, serial);
            if (!('status' in found)) throw new Error('not whole');
            return found;
          },
        };
      },
    },
    {
      rules: RULES,
      revalidateAfter: 0,
      maximumStale: 3_600_000,
      clock: () => now * 1000,
      onTrouble: () => undefined,
      onReplaced: () => undefined,
    },
  );
  return inForce.statusOf(certificate);
}

describe('CRL-04 two CAs of one name', () => {
  const first = new Authority('CA');
  const second = new Authority('CA', 'rsa-sha256');
  const both = [first.certificate, second.certificate];
  const of = (authority: Authority, serial: bigint, ...extensions: readonly Buffer[]): Certificate =>
    authority.client(serial, authorityKeyId(keyIdentifierOf(authority.certificate)), ...extensions);

  test('CRL-04 the list of one calls no certificate of the other good', async () => {
    const empty = await compile(second.list(), ...both);

    expect(await ask([empty], of(second, 7n))).toEqual(GOOD);
    expect(await ask([empty], of(first, 7n))).toEqual(unknown('issuer_key_differs'));
  });

  test('CRL-04 the same serial is revoked under the one that revoked it', async () => {
    const lists = [
      await compile(first.list([{ serial: 7n }]), ...both),
      await compile(second.list([{ serial: 9n }]), ...both),
    ];

    expect(await ask(lists, of(first, 7n))).toEqual(REVOKED);
    expect(await ask(lists, of(second, 7n))).toEqual(GOOD);
    expect(await ask(lists, of(first, 9n))).toEqual(GOOD);
    expect(await ask(lists, of(second, 9n))).toEqual(REVOKED);
  });

  test('CRL-04 their lists do not replace each other, partitions neither', async () => {
    const series = async (authority: Authority, ...extensions: Buffer[]): Promise<string> =>
      (await compile(authority.list([], { extensions }), ...both)).manifest.series;

    expect(await series(first)).toBe(await series(first));
    expect(await series(first)).not.toBe(await series(second));
    expect(await series(first, issuingPoint('http://crl/1'))).not.toBe(
      await series(second, issuingPoint('http://crl/1')),
    );
  });

  test('CRL-04 a certificate that names no key is unknown, and good where one key alone has the name', async () => {
    const lists = [await compile(first.list(), ...both), await compile(second.list(), ...both)];

    expect(await ask(lists, first.client(7n))).toEqual(unknown('issuer_key_differs'));
    expect(await ask([await compile(first.list(), first.certificate)], first.client(7n))).toEqual(GOOD);
  });

  test('CRL-04 a certificate that names another key is unknown although one key alone is known', async () => {
    const list = await compile(first.list(), first.certificate);

    expect(await ask([list], of(second, 7n))).toEqual(unknown('issuer_key_differs'));
  });

  test('CRL-04 the same key certified twice is one CA', async () => {
    const renewed = readCertificate(
      makeCertificate({ subject: 'CA', keys: first.keys, serial: 2n, extensions: AUTHORITY }),
    );

    expect(await ask([await compile(first.list(), first.certificate, renewed)], first.client(7n))).toEqual(
      GOOD,
    );
  });

  test('CRL-04 two keys that claim one identifier are refused', async () => {
    const [one, copy, other] = ['same', 'same', 'other'].map(
      (id) => new Authority('CA', 'ecdsa-p256', [...AUTHORITY, subjectKeyId(id)]),
    );
    const by = (issuer: Authority): Promise<string> =>
      one!
        .compile(one!.list(), { issuers: [one!.certificate, issuer.certificate] })
        .then((compiled) => ruleOf(compiled));

    expect(await by(copy!)).toBe('issuer_key_ambiguous');
    expect(await by(other!)).toBe('accepted');
  });

  test('CRL-04 who has a list of another issuer named by name means the one that has it', async () => {
    const client = first.client(7n, pointOf('http://crl/i', 'Lists'));
    const [lists, twin] = [new Authority('Lists'), new Authority('Lists', 'ecdsa-p384')];
    const indirect = lists.list([], { extensions: [issuingPoint('http://crl/i', 4)] });

    expect(await ask([await compile(indirect, lists.certificate)], client)).toEqual(GOOD);
    expect(await ask([await compile(indirect, lists.certificate, twin.certificate)], client)).toEqual(
      unknown('issuer_key_differs'),
    );
  });
});

describe('CRL-04 a CA that changed its key and certified the new one under its own name', () => {
  const old = new Authority('CA');
  const next = makeKeys('ecdsa-p384');
  const certify = (serial: bigint, keys: Keys, signer: Keys): Certificate =>
    readCertificate(makeCertificate({ subject: 'CA', serial, keys, signer, extensions: AUTHORITY }));
  const link = certify(50n, next, old.keys);
  const itself = certify(51n, next, next);
  const client = (keys: Keys, certificate: Certificate): Certificate =>
    readCertificate(
      makeCertificate({
        subject: 'client',
        issuer: 'CA',
        serial: 7n,
        keys,
        extensions: [authorityKeyId(keyIdentifierOf(certificate))],
      }),
    );
  const [ofOld, ofNext] = [client(old.keys, old.certificate), client(next, link)];
  const listBy = (keys: Keys, parts: Partial<ListParts> = {}): Buffer =>
    makeList({ issuer: 'CA', keys, ...parts });

  test('CRL-04 signs lists for both, with either key', async () => {
    for (const keys of [old.keys, next]) {
      const list = await compile(listBy(keys), old.certificate, link);
      expect([await ask([list], ofOld), await ask([list], ofNext)]).toEqual([GOOD, GOOD]);
      expect(await ask([list], old.client(7n))).toEqual(GOOD);
      const revoking = await compile(listBy(keys, { entries: [{ serial: 7n }] }), old.certificate, link);
      expect([await ask([revoking], ofOld), await ask([revoking], ofNext)]).toEqual([REVOKED, REVOKED]);
    }
  });

  test('CRL-04 without that certificate each key signs for itself', async () => {
    const list = await compile(listBy(next), old.certificate, itself);

    expect(await ask([list], ofOld)).toEqual(unknown('issuer_key_differs'));
    expect(await ask([list], ofNext)).toEqual(GOOD);
  });

  test('CRL-04 with a list for each key does not call good by one what the other revoked, or no longer says', async () => {
    const nextList = await compile(listBy(next, { nextUpdate: NOW + 9 * 86_400 }), old.certificate, link);
    const oldList = await compile(listBy(old.keys, { entries: [{ serial: 7n }] }), old.certificate, link);
    const later = { now: NOW + 2 * 86_400 };

    expect(await ask([nextList, oldList], ofOld)).toEqual(REVOKED);
    expect(await ask([nextList, oldList], ofOld, later)).toEqual(unknown('list_expired'));
    expect(await ask([nextList, oldList], ofNext, later)).toEqual(GOOD);
  });

  test('CRL-11 and then revoked it: certificates of that key are refused, those of the old one are not', async () => {
    const list = await compile(listBy(old.keys, { entries: [{ serial: 50n }] }), old.certificate, link);

    expect(await ask([list], ofNext)).toEqual({ status: 'issuer_revoked' });
    expect(await ask([list], ofOld)).toEqual(GOOD);
  });

  test('CRL-04 an old signature of the CA’s own certificate is not looked at', async () => {
    const keys = makeKeys('rsa-sha1');
    const root = readCertificate(makeCertificate({ subject: 'CA', keys, extensions: AUTHORITY }));
    const list = await compile(listBy({ ...keys, kind: 'rsa-sha256' }), root, old.certificate);

    expect(await ask([list], client(keys, root))).toEqual(GOOD);
  });
});

test('CRL-03 a manifest of version 1 goes on for the key it names, and is replaced, never by an older list', async () => {
  const ca = new Authority('CA', 'ecdsa-p256', [...AUTHORITY, subjectKeyId('one')]);
  const one = Buffer.from('one').toString('hex');
  const list = await compile(ca.list([{ serial: 7n }], { number: 5n }), ca.certificate);
  const { name, hash, keyId } = list.manifest.issuer;
  const text = JSON.parse(manifestText(list.manifest)) as object;
  const first = readManifest(
    JSON.stringify({ ...text, version: 1, issuer: { name, hash, keyId }, series: '0'.repeat(64) }),
  );
  const published = async (number: bigint): Promise<string> =>
    ruleOf(
      await ca.compile(ca.list([], { number }), {
        previous: async (series) => (series === first.series ? first : undefined),
      }),
    );

  expect(await ask([{ ...list, manifest: first }], ca.client(7n, authorityKeyId(one)))).toEqual(REVOKED);
  expect(await ask([{ ...list, manifest: first }], ca.client(8n, authorityKeyId(one)))).toEqual(GOOD);
  expect(await ask([{ ...list, manifest: first }], ca.client(8n))).toEqual(unknown('issuer_key_differs'));
  expect(await published(4n)).toBe('number_backwards');
  expect(await published(5n)).toBe('accepted');
});

describe('CRL-01 a key for lists that a CA certified', () => {
  const [one, other] = [new Authority('One'), new Authority('Other')];
  const trustStore = pem('CERTIFICATE', one.der) + pem('CERTIFICATE', other.der);
  const keys = makeKeys('ecdsa-p256');
  const certified = (authority: Authority, subject: string, extensions = [SIGNS_LISTS]): Issuer[] => {
    const { commonName: issuer, keys: signer } = authority;
    const companion = makeCertificate({ subject, issuer, keys, signer, serial: 99n, extensions });
    return [...issuersOf(trustStore, companion, NOW)];
  };
  const list = (issuer: string, parts: Partial<ListParts> = {}): Buffer =>
    makeList({ issuer, keys, ...parts });
  const of = (authority: Authority, ...extensions: readonly Buffer[]): Certificate =>
    authority.client(7n, authorityKeyId(keyIdentifierOf(authority.certificate)), ...extensions);

  test('CRL-01 speaks for that CA, in the series of its own lists', async () => {
    const delegated = await compile(list('One'), ...certified(one, 'One'));
    const own = await compile(one.list(), one.certificate, other.certificate);

    expect(await ask([delegated], of(one))).toEqual(GOOD);
    expect(await ask([delegated], one.client(7n))).toEqual(GOOD);
    expect(delegated.manifest.series).toBe(own.manifest.series);
  });

  test('CRL-01 under a name of its own it speaks for certificates of that CA, and no other', async () => {
    const indirect = list('Lists', { extensions: [issuingPoint('http://crl/i', 4)] });
    const point = pointOf('http://crl/i', 'Lists');
    const byOne = await compile(indirect, ...certified(one, 'Lists'));
    const byOther = await compile(indirect, ...certified(other, 'Lists'));

    expect(await ask([byOne], of(one, point))).toEqual(GOOD);
    expect(await ask([byOther], of(one, point))).toEqual(unknown('issuer_key_differs'));
    expect(byOne.manifest.series).not.toBe(byOther.manifest.series);
  });

  test('CRL-01 a CA below one of the trust store speaks for itself', async () => {
    const below = await compile(list('Below'), ...certified(one, 'Below', AUTHORITY));
    const id = keyIdentifierOf(certified(one, 'Below', AUTHORITY).at(-1)!);
    const client = (keyId: string): Certificate =>
      readCertificate(
        makeCertificate({ subject: 'client', issuer: 'Below', keys, extensions: [authorityKeyId(keyId)] }),
      );

    expect(await ask([below], client(id))).toEqual(GOOD);
    expect(await ask([below], client('00'.repeat(20)))).toEqual(unknown('issuer_key_differs'));
  });

  test('CRL-11 whose certificate was revoked does not count', async () => {
    const revoking = (serial: bigint): Promise<Accepted> =>
      compile(list('One', { entries: [{ serial }] }), ...certified(one, 'One'));

    expect(await ask([await revoking(98n)], of(one))).toEqual(GOOD);
    expect(await ask([await revoking(99n)], of(one))).toEqual({ status: 'issuer_revoked' });
  });
});

describe('CRL-11 a CA that the CA above it revoked', () => {
  const root = new Authority('Root');
  const [middle, issuing] = [makeKeys('ecdsa-p256'), makeKeys('ecdsa-p384')];
  const certify = (subject: string, keys: Keys, issuer: string, signer: Keys, serial: bigint): Certificate =>
    readCertificate(makeCertificate({ subject, keys, issuer, signer, serial, extensions: AUTHORITY }));
  const middleCertificate = certify('Middle', middle, 'Root', root.keys, 50n);
  const issuingCertificate = certify('Issuing', issuing, 'Middle', middle, 60n);
  const store = [root.certificate, middleCertificate, issuingCertificate];
  const client = readCertificate(
    makeCertificate({ subject: 'client', issuer: 'Issuing', keys: issuing, serial: 7n }),
  );
  const listBy = (issuer: string, keys: Keys, ...serials: readonly bigint[]): Promise<Accepted> =>
    compile(makeList({ issuer, keys, entries: serials.map((serial) => ({ serial })) }), ...store);
  let ownList: Accepted;
  let middleList: Accepted;

  beforeAll(async () => {
    ownList = await listBy('Issuing', issuing);
    middleList = await listBy('Middle', middle);
  });

  test('CRL-11 lets in nobody, one step above and two', async () => {
    expect(await ask([ownList, middleList, await listBy('Root', root.keys)], client)).toEqual(GOOD);
    expect(await ask([ownList, await listBy('Middle', middle, 60n)], client)).toEqual({
      status: 'issuer_revoked',
    });
    expect(await ask([ownList, middleList, await listBy('Root', root.keys, 50n)], client)).toEqual({
      status: 'issuer_revoked',
    });
  });

  test('CRL-11 a serial of the same number under another CA is another certificate', async () => {
    expect(await ask([ownList, middleList, await listBy('Root', root.keys, 60n, 7n)], client)).toEqual(GOOD);
  });

  test('CRL-11 of which no list speaks is taken as the trust store has it', async () => {
    expect(await ask([ownList], client)).toEqual(GOOD);
  });

  test('CRL-11 of which a list speaks that has ended, or cannot be read, lets in nobody', async () => {
    const later = NOW + 2 * 86_400;
    const lasting = await compile(
      makeList({ issuer: 'Issuing', keys: issuing, nextUpdate: NOW + 9 * 86_400 }),
      ...store,
    );

    expect(await ask([lasting, middleList], client)).toEqual(GOOD);
    expect(await ask([lasting, middleList], client, { now: later })).toEqual(unknown('list_expired'));
    expect(await ask([ownList, middleList], client, { unreadable: middleList })).toEqual({
      status: 'unavailable',
    });
  });

  test('CRL-11 whose key has another certificate that holds is not revoked', async () => {
    const renewed = certify('Issuing', issuing, 'Middle', middle, 61n);
    const own = await compile(makeList({ issuer: 'Issuing', keys: issuing }), ...store, renewed);

    expect(await ask([own, await listBy('Middle', middle, 60n)], client)).toEqual(GOOD);
    expect(await ask([own, await listBy('Middle', middle, 60n, 61n)], client)).toEqual({
      status: 'issuer_revoked',
    });
  });
});
