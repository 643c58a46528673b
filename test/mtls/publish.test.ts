/** Publishing an uploaded list over a real HTTP S3: order, faults, races, issuers. */
import { createHash } from 'node:crypto';

import { listsBucket } from '../../lambdas/mtls/adapters/lists-bucket';
import { ISSUER_SUFFIX, LIST_SUFFIX, PRIVATE_CA_UPLOADS, UPLOADS } from '../../lambdas/mtls/contract';
import { readManifest } from '../../lambdas/mtls/core/manifest';
import { publish, type Publication } from '../../lambdas/mtls/core/publish';
import { uploadOf } from '../../lambdas/mtls/core/upload';
import { Authority, RULES } from './authority';
import {
  CA_CONSTRAINTS,
  CA_USAGE,
  der,
  deltaOf,
  extension,
  issuingPoint,
  makeCertificate,
  makeKeys,
  makeList,
  NOW,
  pem,
  sequence,
  subjectKeyId,
  type Keys,
  type ListParts,
} from './make-crl';
import { S3Server } from './s3-server';

const SUFFIXES = { list: LIST_SUFFIX, issuer: ISSUER_SUFFIX };
const TRUST_STORE = { bucket: 'trust', key: 'truststore.pem' };
const ca = new Authority('CA');

// a busy machine takes a while for the retries over HTTP
jest.setTimeout(30_000);

let s3: S3Server;

beforeEach(async () => {
  s3 = await S3Server.start();
  s3.put('trust/truststore.pem', pem('CERTIFICATE', ca.der));
});

afterEach(async () => {
  await s3.stop();
});

/** An event as the bucket sends it. */
function created(key: string, version?: string): object {
  const object = { key, size: 1, etag: 'x', ...(version === undefined ? {} : { 'version-id': version }) };
  return { source: 'aws.s3', 'detail-type': 'Object Created', detail: { bucket: { name: 'lists' }, object } };
}

async function run(event: object): Promise<Publication> {
  const upload = uploadOf(event, [UPLOADS, PRIVATE_CA_UPLOADS], SUFFIXES);
  if (upload === undefined) throw new Error('the event is about no list');
  return publish(upload, listsBucket(s3.client(), 'lists', TRUST_STORE), { now: NOW, rules: RULES });
}

async function publishList(name: string, list: Uint8Array | string): Promise<Publication> {
  const version = s3.put(`lists/uploads/${name}.crl`, list);
  return run(created(`uploads/${name}.crl`, version));
}

function outcomeOf(publication: Publication): string {
  return publication.outcome === 'refused' ? publication.refusal.code : publication.outcome;
}

function inForce(name: string): string | undefined {
  return s3.body(`lists/current/${name}.cache.json`)?.toString();
}

/** What every reader relies on: the index that a manifest names is there, whole. */
function expectReadable(name: string): void {
  const { index } = readManifest(inForce(name)!);
  const bytes = s3.body(`lists/indexes/${index.key}`)!;
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(index.key);
}

const numbered = (number: bigint, ...serials: readonly bigint[]): Buffer =>
  ca.list(
    serials.map((serial) => ({ serial })),
    { number },
  );

describe('CRL-08 index first, manifest last', () => {
  test('a list is published: the manifest is the last thing written', async () => {
    expect(outcomeOf(await publishList('ca', numbered(1n, 7n)))).toBe('published');

    expectReadable('ca');
    const writes = s3.requests.filter((request) => request.startsWith('PUT'));
    expect(writes).toEqual([
      expect.stringMatching(/^PUT lists\/indexes\/[\da-f]{64}$/),
      'PUT lists/current/ca.cache.json',
    ]);
  });

  test('a fault at any call leaves the old list in force, and the next attempt publishes the new one', async () => {
    await publishList('ca', numbered(1n, 7n));
    const old = inForce('ca');
    const list = numbered(2n, 7n, 8n);
    const version = s3.put('lists/uploads/ca.crl', list);
    // trust store, certificate beside the list, listing, manifest, list, index, manifest
    const calls = 7;
    for (let n = 0; n < calls; n += 1) {
      let seen = 0;
      s3.intercept = () => ((seen += 1) > n ? 'fail' : undefined);
      await expect(run(created('uploads/ca.crl', version))).rejects.toThrow();
      expect(inForce('ca')).toBe(old);
      expectReadable('ca');
    }
    s3.requests.length = 0;
    s3.intercept = () => undefined;

    expect(outcomeOf(await run(created('uploads/ca.crl', version)))).toBe('published');
    expect(readManifest(inForce('ca')!).number).toBe(2n);
    expectReadable('ca');
    expect(s3.requests).toHaveLength(calls);
  });

  test('a manifest that was written while its answer was lost is found written', async () => {
    const version = s3.put('lists/uploads/ca.crl', numbered(1n, 7n));
    s3.intercept = (what) => (what.startsWith('PUT lists/current/') ? 'lose' : undefined);
    await expect(run(created('uploads/ca.crl', version))).rejects.toThrow();
    s3.intercept = () => undefined;

    expect(outcomeOf(await run(created('uploads/ca.crl', version)))).toBe('unchanged');
    expectReadable('ca');
  });

  test('a list in force whose index has an older format is replaced by the same list, and not by an older one', async () => {
    await publishList('ca', numbered(2n, 7n));
    const { index } = readManifest(inForce('ca')!);
    const text = inForce('ca')!.replace(/("index":\s*\{\s*"version":\s*)\d+/, '$11');
    s3.put('lists/current/ca.cache.json', Buffer.from(text));
    expect(readManifest(inForce('ca')!).index.version).toBe(1);

    expect(outcomeOf(await publishList('ca', numbered(1n, 7n)))).toBe('number_backwards');
    expect(outcomeOf(await publishList('ca', numbered(2n, 7n)))).toBe('published');
    expect(readManifest(inForce('ca')!).index).toEqual(index);
  });

  test('an index larger than a part is stored whole', async () => {
    const pieces = [Buffer.alloc(9_000_000, 1), Buffer.alloc(3_000_001, 2)];
    const whole = Buffer.concat(pieces);
    const key = createHash('sha256').update(whole).digest('hex');
    const index = {
      key,
      size: whole.length,
      entries: 0,
      pieces,
      resident: { directory: 0, filter: 0, serials: 0 },
    };
    await listsBucket(s3.client(), 'lists', TRUST_STORE).putIndex(index);

    expect(s3.body(`lists/indexes/${key}`)?.equals(whole)).toBe(true);
    expect(s3.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(3);
  });
});

describe('CRL-03 events in any order', () => {
  test('the same event twice writes once', async () => {
    const version = s3.put('lists/uploads/ca.crl', numbered(1n, 7n));
    const event = created('uploads/ca.crl', version);

    expect(outcomeOf(await run(event))).toBe('published');
    s3.requests.length = 0;
    expect(outcomeOf(await run(event))).toBe('unchanged');
    expect(s3.requests.filter((request) => request.startsWith('PUT'))).toEqual([]);
  });

  test('the event of an older upload that comes late is refused', async () => {
    const older = s3.put('lists/uploads/ca.crl', numbered(1n));
    const newer = s3.put('lists/uploads/ca.crl', numbered(2n, 7n));

    expect(outcomeOf(await run(created('uploads/ca.crl', newer)))).toBe('published');
    expect(outcomeOf(await run(created('uploads/ca.crl', older)))).toBe('number_backwards');
  });

  test('two runs at once do not go back behind each other', async () => {
    await publishList('ca', numbered(1n));
    const older = s3.put('lists/uploads/ca.crl', numbered(2n, 7n));
    const newer = s3.put('lists/uploads/ca.crl', numbered(3n, 7n, 8n));
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let reached: () => void = () => undefined;
    const atManifest = new Promise<void>((resolve) => (reached = resolve));
    let first = true;
    s3.intercept = async (what) => {
      if (what === 'PUT lists/current/ca.cache.json' && first) {
        first = false;
        reached();
        await held;
      }
      return undefined;
    };
    const slow = run(created('uploads/ca.crl', older));
    await atManifest;
    const fast = await run(created('uploads/ca.crl', newer));
    release();

    expect(outcomeOf(fast)).toBe('published');
    expect(outcomeOf(await slow)).toBe('number_backwards');
    expect(readManifest(inForce('ca')!).number).toBe(3n);
  });

  test('two first uploads at once: one is published, the other judged against it', async () => {
    const one = s3.put('lists/uploads/ca.crl', numbered(1n));
    const two = s3.put('lists/uploads/ca.crl', numbered(2n, 7n));
    const outcomes = await Promise.all([
      run(created('uploads/ca.crl', one)),
      run(created('uploads/ca.crl', two)),
    ]);

    expect(outcomes.map(outcomeOf)).toContain('published');
    expect(readManifest(inForce('ca')!).number).toBe(2n);
  });

  test('the version of the event is read, not what overwrote it meanwhile', async () => {
    const version = s3.put('lists/uploads/ca.crl', numbered(1n, 7n));
    s3.put('lists/uploads/ca.crl', 'something else');

    expect(outcomeOf(await run(created('uploads/ca.crl', version)))).toBe('published');
    expect(s3.metadata('lists/current/ca.cache.json')).toEqual({
      'source-key': 'uploads%2Fca.crl',
      'source-version': version,
    });
  });

  test('under another name a list replaces the one of its series, and an older one is refused', async () => {
    await publishList('ca', numbered(2n, 7n));

    expect(outcomeOf(await publishList('other', numbered(1n)))).toBe('number_backwards');
    expect(outcomeOf(await publishList('other', numbered(3n)))).toBe('published');
    expect(s3.paths('lists/current/')).toEqual(['lists/current/ca.cache.json']);
  });

  test('a list of another series takes no name over, else an older list of the first could come back', async () => {
    const second = new Authority('Second');
    s3.put('trust/truststore.pem', pem('CERTIFICATE', ca.der) + pem('CERTIFICATE', second.der));
    await publishList('ca', numbered(2n, 7n));

    expect(outcomeOf(await publishList('ca', second.list()))).toBe('upload_name_taken');
    expect(outcomeOf(await publishList('ca', numbered(1n)))).toBe('number_backwards');
    expect(outcomeOf(await publishList('second', second.list()))).toBe('published');
  });
});

describe('CRL-01 whose certificate may come with a list', () => {
  const stranger = new Authority('CA');
  const [own, delegate] = [makeKeys('ecdsa-p256'), makeKeys('ecdsa-p384')];
  const SIGNS_LISTS = extension('2.5.29.15', der(0x03, [1, 0x02]), true);

  interface Parts {
    readonly subject?: string;
    readonly issuer?: string;
    readonly keys?: Keys;
    readonly signer?: Keys;
    readonly extensions?: readonly Buffer[];
  }
  const certificate = ({
    subject = 'CA',
    issuer = 'CA',
    keys = delegate,
    signer = ca.keys,
    extensions = [SIGNS_LISTS],
  }: Parts = {}): Buffer => makeCertificate({ subject, issuer, keys, signer, extensions, serial: 99n });
  const listOf = (keys: Keys, parts: Partial<ListParts> = {}): Buffer =>
    makeList({ issuer: 'CA', keys, number: 5n, ...parts });

  async function withCompanion(list: Buffer, companion: Buffer | string): Promise<string> {
    s3.put('lists/uploads/ca.crl.crt', companion);
    return outcomeOf(await publishList('ca', list));
  }

  test('the CA of the trust store itself is accepted, DER or PEM', async () => {
    expect(await withCompanion(numbered(1n), ca.der)).toBe('published');
    expect(await withCompanion(numbered(2n), pem('CERTIFICATE', ca.der))).toBe('published');
  });

  test('a stranger’s CA of the same name takes no revocation back', async () => {
    await publishList('ca', numbered(1n, 7n));
    const before = inForce('ca');

    expect(await withCompanion(stranger.list([], { number: 9n }), stranger.der)).toBe('issuer_not_trusted');
    expect(inForce('ca')).toBe(before);
  });

  test('a separate key for lists that the CA certified is accepted, and refused without its certificate', async () => {
    expect(outcomeOf(await publishList('ca', listOf(delegate)))).not.toBe('published');
    expect(await withCompanion(listOf(delegate), certificate())).toBe('published');
  });

  test.each<[string, Parts]>([
    ['without cRLSign', { extensions: [] }],
    ['signed with another key', { signer: own }],
    ['that names an issuer the trust store does not have', { issuer: 'Nobody' }],
  ])('a certificate %s is refused', async (_, parts) => {
    expect(await withCompanion(listOf(delegate), certificate(parts))).toBe('issuer_not_trusted');
  });

  test('an expired one is refused', async () => {
    s3.put('lists/uploads/ca.crl.crt', certificate());
    const upload = { name: 'ca', key: 'uploads/ca.crl', version: undefined };
    const later = NOW + 400 * 86_400;
    s3.put('lists/uploads/ca.crl', listOf(delegate, { thisUpdate: later - 60, nextUpdate: later + 3600 }));
    const lists = listsBucket(s3.client(), 'lists', TRUST_STORE);

    expect(outcomeOf(await publish(upload, lists, { now: later, rules: RULES }))).toBe('issuer_not_trusted');
  });

  test('one CA of the trust store does not speak for another one', async () => {
    const other = new Authority('Other');
    s3.put('trust/truststore.pem', pem('CERTIFICATE', ca.der) + pem('CERTIFICATE', other.der));
    const forged = certificate({ issuer: 'Other', signer: other.keys });

    expect(await withCompanion(listOf(delegate), forged)).toBe('issuer_not_trusted');
    expect(await withCompanion(listOf(delegate), certificate())).toBe('published');
  });

  test('an intermediate CA that one of the trust store certified may sign its own lists', async () => {
    const extensions = [CA_USAGE, CA_CONSTRAINTS];
    const intermediate = certificate({ subject: 'Intermediate', extensions });

    expect(await withCompanion(listOf(delegate, { issuer: 'Intermediate' }), intermediate)).toBe('published');
  });

  test('a certificate whose issuer is no CA is refused', async () => {
    const leaf = new Authority('Leaf', 'ecdsa-p256', []);
    s3.put('trust/truststore.pem', pem('CERTIFICATE', ca.der) + pem('CERTIFICATE', leaf.der));
    const parts = { subject: 'Below', issuer: 'Leaf', signer: leaf.keys };

    expect(await withCompanion(listOf(delegate, { issuer: 'Below' }), certificate(parts))).toBe(
      'issuer_not_trusted',
    );
  });

  test('uploaded after its list it starts the list again', async () => {
    expect(outcomeOf(await publishList('ca', listOf(delegate)))).not.toBe('published');
    const version = s3.put('lists/uploads/ca.crl.crt', certificate());

    expect(outcomeOf(await run(created('uploads/ca.crl.crt', version)))).toBe('published');
  });

  test('uploaded before its list it waits', async () => {
    const version = s3.put('lists/uploads/ca.crl.crt', certificate());

    expect(outcomeOf(await run(created('uploads/ca.crl.crt', version)))).toBe('absent');
  });
});

describe('lists as AWS Private CA writes them', () => {
  const id = '0c2ac4c5-7e45-4b8f-a1d4-9d2a0f6b1e77';
  const partition = 'b7a3d0d6-33f1-4f51-8b3e-5b1f7a9c2d10';
  const put = async (key: string, list: Buffer): Promise<Publication> =>
    run(created(key, s3.put(`lists/${key}`, list)));

  test('a complete list is published under the id of the authority', async () => {
    // its number is a time in milliseconds
    expect(outcomeOf(await put(`crl/${id}.crl`, numbered(1_795_240_800_123n, 7n)))).toBe('published');
    expectReadable(id);
  });

  test('CRL-06 each partition is a list of its own, for certificates that name it', async () => {
    const scope = (file: string): Buffer =>
      issuingPoint(`http://lists.s3.amazonaws.com/crl/${id}/${file}.crl`, 1);
    const parts = (file: string): Partial<ListParts> => ({ extensions: [scope(file)], number: 3n });

    expect(
      outcomeOf(await put(`crl/${id}/${partition}.crl`, ca.list([{ serial: 7n }], parts(partition)))),
    ).toBe('published');
    expect(outcomeOf(await put(`crl/${id}/second.crl`, ca.list([{ serial: 8n }], parts('second'))))).toBe(
      'published',
    );
    expect(s3.paths('lists/current/')).toHaveLength(2);
    expect(readManifest(inForce(`${id}/${partition}`)!).scope).toEqual({
      distributionPoints: [expect.stringContaining(partition)],
      only: 'user',
      indirect: false,
    });
  });
});

describe('what else may come', () => {
  test.each([
    'uploads/partner ca+1%20.crl',
    'uploads/Zertifizierungsstelle ä & co/a=b.crl',
    'uploads/a%2Fb.crl',
  ])('the key %s is taken as it is', async (key) => {
    expect(outcomeOf(await run(created(key, s3.put(`lists/${key}`, numbered(1n)))))).toBe('published');
    expect(s3.paths('lists/current/')).toEqual([`lists/current/${key.slice(8, -4)}.cache.json`]);
  });

  test.each([
    null,
    {},
    { detail: null },
    { detail: { object: { key: 7 } } },
    created('uploads/readme.txt'),
    created('elsewhere/ca.crl'),
    created('current/ca.cache.json'),
  ])('an event about no list is left alone: %j', (event) => {
    expect(uploadOf(event, [UPLOADS], SUFFIXES)).toBeUndefined();
  });

  test('a name that no key can be made of is refused', async () => {
    const key = `uploads/${'x'.repeat(600)}.crl`;

    expect(outcomeOf(await run(created(key, s3.put(`lists/${key}`, numbered(1n)))))).toBe(
      'upload_name_malformed',
    );
    expect(outcomeOf(await run(created('uploads/.crl', s3.put('lists/uploads/.crl', numbered(1n)))))).toBe(
      'upload_name_malformed',
    );
  });

  test('a list that was deleted meanwhile is no trouble', async () => {
    expect(outcomeOf(await run(created('uploads/gone.crl', 'v0')))).toBe('absent');
  });

  test('trouble is no refusal: without a trust store it throws', async () => {
    s3.remove('trust/truststore.pem');

    await expect(publishList('ca', numbered(1n))).rejects.toThrow();
  });

  test('CRL-06 a delta is merged into the list in force, whose index must be what it is called', async () => {
    const keyId = 'key-of-the-ca';
    const certified = makeCertificate({
      subject: 'CA',
      keys: ca.keys,
      extensions: [CA_USAGE, CA_CONSTRAINTS, subjectKeyId(keyId)],
    });
    s3.put('trust/truststore.pem', pem('CERTIFICATE', certified));
    const named = extension('2.5.29.35', sequence(der(0x80, Buffer.from(keyId))));
    const delta = ca.list([{ serial: 8n }], { number: 2n, extensions: [named, deltaOf(1n)] });
    await publishList('ca', ca.list([{ serial: 7n }], { number: 1n, extensions: [named] }));
    const { index } = readManifest(inForce('ca')!);
    const bytes = s3.body(`lists/indexes/${index.key}`)!;

    s3.put(`lists/indexes/${index.key}`, Buffer.concat([bytes, Buffer.from([0])]));
    await expect(publishList('ca-delta', delta)).rejects.toThrow('SHA-256');
    s3.put(`lists/indexes/${index.key}`, bytes);
    expect(outcomeOf(await publishList('ca-delta', delta))).toBe('published');
    expect(readManifest(inForce('ca')!).entries).toBe(2);
  });
});
