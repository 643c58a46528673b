/** What an OCSP answer must be to count, and what is done with it (RFC 6960). */
import fc from 'fast-check';

import { clientCertificateCheck, type CertificateCheckPorts } from '../../lambdas/mtls/check';
import type { Certificate } from '../../lambdas/mtls/core/certificate';
import { readOcspResponse } from '../../lambdas/mtls/core/ocsp';
import { ocspRequest, respondersOf, type OcspQuestion } from '../../lambdas/mtls/core/ocsp-request';
import { OnlineStatuses, type OnlineStatusOptions, type Sent } from '../../lambdas/mtls/core/online-status';
import { Authority } from './authority';
import { CA_CONSTRAINTS, CA_USAGE, extension, makeCertificate, NOW, pem, subjectKeyId } from './make-crl';
import { ANY_USE, makeAnswer, makeDelegate, NONCE, responderAt, type AnswerParts } from './make-ocsp';
import { encoded, mutated, parsed, Random } from './mutations';

const ca = new Authority('CA');
const other = new Authority('Other CA');
const impostor = new Authority('CA');
const client = ca.client(8n);
const question: OcspQuestion = {
  certificate: client,
  issuer: ca.certificate,
  nonce: NONCE,
  now: NOW,
  maximumAge: 300,
};
const delegate = makeDelegate(ca);

function verdictOf(parts: AnswerParts, more: Partial<OcspQuestion> = {}): string {
  const answer = readOcspResponse(makeAnswer(ca, parts), { ...question, ...more });
  return answer.status === 'fault' ? answer.reason : answer.status;
}

describe('OCSP-01 an answer', () => {
  test.each<[string, AnswerParts, string]>([
    ['by the CA', {}, 'good'],
    ['by the CA, named by its key', { byKey: true }, 'good'],
    ['by somebody whom the CA let answer', { signer: delegate }, 'good'],
    ['by the same, named by the key', { signer: delegate, byKey: true }, 'good'],
    ['with SHA-256 in its CertID', { digest: 'sha256' }, 'good'],
    ['that the certificate is revoked', { status: 'revoked' }, 'revoked'],
    ['that it is revoked, of a delegate', { status: 'revoked', signer: delegate }, 'revoked'],
    ['that the responder does not know it', { status: 'unknown' }, 'ocsp_unknown'],
    ['without a nonce, as one made beforehand', { nonce: null }, 'good'],
    ['with another nonce', { nonce: Buffer.alloc(32, 8) }, 'ocsp_nonce_differs'],
    ['about another serial', { serial: 9n }, 'ocsp_certificate_differs'],
    ['about a CA of another name', { issuerName: 'Other CA' }, 'ocsp_certificate_differs'],
    ['from the future', { thisUpdate: NOW + 61 }, 'ocsp_out_of_date'],
    ['from a clock that is a minute ahead', { thisUpdate: NOW + 60 }, 'good'],
    ['past its nextUpdate', { nextUpdate: NOW - 1 }, 'ocsp_out_of_date'],
    ['at its nextUpdate', { nextUpdate: NOW }, 'good'],
    ['without nextUpdate, young enough', { nextUpdate: null, thisUpdate: NOW - 300 }, 'good'],
    ['without nextUpdate, too old', { nextUpdate: null, thisUpdate: NOW - 301 }, 'ocsp_out_of_date'],
    ['that is none: malformedRequest', { responseStatus: 1 }, 'ocsp_refused'],
    ['that is none: tryLater', { responseStatus: 3 }, 'ocsp_refused'],
    ['that is none: unauthorized', { responseStatus: 6 }, 'ocsp_refused'],
    [
      'with an extension that is not critical',
      { extensions: [extension('1.2.3.4', Buffer.from([5, 0]))] },
      'good',
    ],
    [
      'with a critical extension that is not known',
      { extensions: [extension('1.2.3.4', Buffer.from([5, 0]), true)] },
      'ocsp_malformed',
    ],
  ])('OCSP-01 %s', (_name, parts, expected) => {
    expect(verdictOf(parts)).toBe(expected);
  });

  const signers: [string, AnswerParts['signer'], string][] = [
    ['a CA of the same name', { commonName: 'CA', keys: impostor.keys }, 'ocsp_signature_invalid'],
    [
      'another CA',
      { commonName: 'Other CA', keys: other.keys, certificates: [other.der] },
      'ocsp_signer_not_allowed',
    ],
    ['another CA, as the CA itself', { commonName: 'CA', keys: other.keys }, 'ocsp_signature_invalid'],
    ['a delegate of another CA', makeDelegate(other), 'ocsp_signer_not_allowed'],
    [
      'a delegate of another CA that says it is of this one',
      makeDelegate(impostor),
      'ocsp_signer_not_allowed',
    ],
    [
      'a delegate of another name, by the same key',
      makeDelegate(ca, { issuerName: 'Other CA' }),
      'ocsp_signer_not_allowed',
    ],
    ['a delegate without the use', makeDelegate(ca, { extensions: [] }), 'ocsp_signer_not_allowed'],
    ['a delegate with any use', makeDelegate(ca, { extensions: [ANY_USE] }), 'ocsp_signer_not_allowed'],
    [
      'a client of the CA',
      { commonName: 'client', keys: ca.keys, certificates: [] },
      'ocsp_signer_not_allowed',
    ],
    [
      'a delegate whose certificate is not there',
      { ...delegate, certificates: [] },
      'ocsp_signer_not_allowed',
    ],
    [
      'somebody else in the name of the delegate',
      { ...delegate, keys: other.keys },
      'ocsp_signature_invalid',
    ],
  ];
  test.each(signers)('OCSP-02 signed by %s does not count', (_name, signer, expected) => {
    expect(verdictOf({ signer: signer! })).toBe(expected);
    expect(verdictOf({ signer: delegate })).toBe('good');
  });

  test('OCSP-02 signed by a delegate whose certificate has ended does not count', () => {
    const later = NOW + 366 * 86_400;
    const fresh = { thisUpdate: later - 60, nextUpdate: later + 60 };
    expect(verdictOf({ signer: delegate, ...fresh }, { now: later })).toBe('ocsp_signer_not_allowed');
    expect(verdictOf(fresh, { now: later })).toBe('good');
  });

  test('OCSP-03 of any bytes, or of bytes that were changed, is never good and never a crash', () => {
    const valid = makeAnswer(ca, { signer: delegate });
    const tree = parsed(valid)!;
    const inner = parsed(makeAnswer(ca))!;
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const changed = encoded(mutated(tree, new Random(seed), [tree, inner]));
        fc.pre(!changed.equals(valid));
        const { status } = readOcspResponse(changed, { ...question, nonce: Buffer.alloc(32, 9) });
        expect(status).toBe('fault');
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(readOcspResponse(bytes, question)).toEqual({ status: 'fault', reason: 'ocsp_malformed' });
      }),
    );
  });

  test('OCSP-03 with one octet changed is never good', () => {
    const valid = makeAnswer(ca, { signer: delegate, nonce: null });
    for (let at = 0; at < valid.length; at += 1) {
      const broken = Buffer.from(valid);
      broken[at]! ^= 0x01;
      expect([at, readOcspResponse(broken, question).status]).toEqual([at, 'fault']);
    }
  });
});

test('a certificate names its responders, and others name none', () => {
  expect(respondersOf(ca.client(8n, responderAt('http://a.test/', 'http://b.test/')))).toEqual([
    'http://a.test/',
    'http://b.test/',
  ]);
  expect(respondersOf(client)).toEqual([]);
});

describe('a responder', () => {
  const ADDRESS = 'http://ocsp.test/';
  let now: number;
  let asked: string[];
  let faults: string[];
  let send: (request: Uint8Array) => Promise<Sent>;

  const online = (options: Partial<OnlineStatusOptions> = {}): OnlineStatuses =>
    new OnlineStatuses({
      responders: [ADDRESS, 'http://second.test/'],
      maximumAge: 300,
      clock: () => now,
      nonce: () => NONCE,
      ask: async (responder, request) => {
        asked.push(responder);
        return send(request);
      },
      authorities: async () => [ca.certificate, other.certificate],
      onFault: (reason) => faults.push(reason),
      ...options,
    });
  const answered =
    (parts: AnswerParts = {}) =>
    async (): Promise<Sent> => ({
      outcome: 'answered',
      bytes: makeAnswer(ca, parts),
    });

  beforeEach(() => {
    now = NOW * 1000;
    asked = [];
    faults = [];
    send = answered();
  });

  test('is asked once for what it answered, until the answer is as old as it may get', async () => {
    const statuses = online();
    expect(await statuses.statusOf(client)).toEqual({ status: 'good' });
    send = answered({ status: 'revoked' });
    now += 299_000;
    expect(await statuses.statusOf(client)).toEqual({ status: 'good' });
    now += 1_000;
    expect(await statuses.statusOf(client)).toEqual({ status: 'revoked' });
    expect(asked).toEqual([ADDRESS, ADDRESS]);
  });

  test('is asked again when its answer ends sooner', async () => {
    const statuses = online();
    send = answered({ nextUpdate: NOW + 10 });
    await statuses.statusOf(client);
    now += 10_000;
    send = answered({ status: 'revoked', nextUpdate: NOW + 60 });
    expect(await statuses.statusOf(client)).toEqual({ status: 'revoked' });
  });

  test('is asked once by many requests that come together, and for each certificate by itself', async () => {
    const statuses = online();
    await Promise.all(Array.from({ length: 50 }, () => statuses.statusOf(client)));
    expect(asked).toHaveLength(1);
    expect(await statuses.statusOf(ca.client(9n))).toEqual({
      status: 'fault',
      reason: 'ocsp_certificate_differs',
    });
    expect(asked).toHaveLength(2);
  });

  test.each<[string, () => Promise<Sent>, string]>([
    ['does not answer', async () => ({ outcome: 'unreachable' }), 'ocsp_unreachable'],
    ['answers too much', async () => ({ outcome: 'too_large' }), 'ocsp_too_large'],
    [
      'answers something else',
      async () => ({ outcome: 'answered', bytes: Buffer.from('<html>') }),
      'ocsp_malformed',
    ],
    ['cannot be asked', async () => Promise.reject(new Error('broken')), 'ocsp_unreachable'],
  ])(
    'AUTHZ-04 that %s lets nobody in, is left alone for a second, then asked again',
    async (_name, fault, reason) => {
      const statuses = online();
      send = fault;
      expect(await statuses.statusOf(client)).toEqual({ status: 'fault', reason });
      expect(await statuses.statusOf(client)).toEqual({ status: 'fault', reason });
      expect(asked).toHaveLength(1);
      expect(faults).toEqual([reason]);
      send = answered();
      now += 1_000;
      expect(await statuses.statusOf(client)).toEqual({ status: 'good' });
    },
  );

  test('AUTHZ-04 is not asked while the trust store cannot be read', async () => {
    const broken = online({ authorities: async () => Promise.reject(new Error('503')) });
    expect(await broken.statusOf(client)).toEqual({ status: 'fault', reason: 'ocsp_unreachable' });
    expect(asked).toEqual([]);
  });

  test('OCSP-04 that the settings do not have is never asked', async () => {
    const statuses = online();
    const stranger = ca.client(8n, responderAt('http://169.254.169.254/latest/'));
    expect(await statuses.statusOf(stranger)).toEqual({
      status: 'fault',
      reason: 'ocsp_responder_not_allowed',
    });
    expect(asked).toEqual([]);
    const named = ca.client(8n, responderAt('http://169.254.169.254/', 'http://second.test/'));
    expect(await statuses.statusOf(named)).toEqual({ status: 'good' });
    expect(asked).toEqual(['http://second.test/']);
  });

  test('OCSP-04 of a certificate whose CA is not in the trust store, or is one of two, is never asked', async () => {
    const reason = 'ocsp_issuer_unknown';
    const none = online({ authorities: async () => [other.certificate] });
    const two = online({ authorities: async () => [ca.certificate, impostor.certificate] });
    expect(await none.statusOf(client)).toEqual({ status: 'fault', reason });
    expect(await two.statusOf(client)).toEqual({ status: 'fault', reason });
    expect(asked).toEqual([]);
    const twice = online({ authorities: async () => [ca.certificate, ca.certificate] });
    expect(await twice.statusOf(client)).toEqual({ status: 'good' });
  });

  test('OCSP-04 of two CAs of one name the one whose key the certificate names is meant', async () => {
    const [first, second] = ['first', 'second'].map(
      (id) => new Authority('CA', 'ecdsa-p256', [CA_USAGE, CA_CONSTRAINTS, subjectKeyId(id)]),
    );
    const keyId = Buffer.concat([Buffer.from([0x30, 0x07, 0x80, 0x05]), Buffer.from('first')]);
    const authorities = async (): Promise<Certificate[]> => [second!.certificate, first!.certificate];
    send = async () => ({ outcome: 'answered', bytes: makeAnswer(first!) });
    const statuses = online({ authorities });
    expect(await statuses.statusOf(first!.client(8n, extension('2.5.29.35', keyId)))).toEqual({
      status: 'good',
    });
  });

  test('keeps a bounded number of answers', async () => {
    const statuses = online();
    for (let serial = 0n; serial <= 10_000n; serial += 1n) {
      send = async () => ({ outcome: 'unreachable' });
      await statuses.statusOf({
        ...client,
        serial: Uint8Array.from(Buffer.from(serial.toString(16).padStart(6, '0'), 'hex')),
      });
    }
    asked.length = 0;
    await statuses.statusOf({ ...client, serial: Uint8Array.from([0, 0x27, 0x10]) });
    expect(asked).toEqual([]);
    await statuses.statusOf({ ...client, serial: Uint8Array.from([0, 0, 0]) });
    expect(asked).toHaveLength(1);
  });
});

describe('the check', () => {
  const der = makeCertificate({ subject: 'client', issuer: 'CA', serial: 8n, keys: ca.keys });
  const request = { clientCertificate: { clientCertPem: pem('CERTIFICATE', der) } };
  const check = (
    statusOf: Parameters<typeof clientCertificateCheck>[1],
  ): ReturnType<ReturnType<typeof clientCertificateCheck>> =>
    clientCertificateCheck('clientCertificate', statusOf)(request);
  const whys: string[] = [];
  const ports = {
    clock: () => NOW * 1000,
    onLate: () => undefined,
    onUnknown: (why: string) => whys.push(why),
    statusOf: async () => ({ status: 'unknown', reason: 'no_list' }) as const,
    onlineStatusOf: async () => undefined,
  };

  test('OCSP-05 denies a certificate without a list where no responder is set', async () => {
    expect(await check(ports)).toMatchObject({ ok: false, reason: 'list_missing' });
    expect(whys).toEqual(['no_list']);
  });

  test('OCSP-05 asks about a certificate without a list, and says by whom it was let in', async () => {
    const good = {
      ...ports,
      onlineStatusOf: async () => ({ status: 'good', issuer: ca.certificate }) as const,
    };
    const revoked = { ...ports, onlineStatusOf: async () => ({ status: 'revoked' }) as const };
    const fault = {
      ...ports,
      onlineStatusOf: async () => ({ status: 'fault', reason: 'ocsp_unreachable' }) as const,
    };
    expect(await check(good)).toMatchObject({ ok: true, caller: { certificate: { status: 'online' } } });
    expect(await check(revoked)).toMatchObject({
      ok: false,
      failure: 'forbidden',
      reason: 'certificate_revoked',
    });
    expect(await check(fault)).toMatchObject({
      ok: false,
      failure: 'unavailable',
      reason: 'ocsp_unreachable',
    });
  });

  test.each<[string, Awaited<ReturnType<CertificateCheckPorts['statusOf']>>, string]>([
    ['a list revoked', { status: 'revoked', date: 0, reason: 'cACompromise' }, 'issuer_revoked'],
    ['is below one that a list revoked', { status: 'issuer_revoked' }, 'issuer_revoked'],
    ['has a list that has ended', { status: 'unknown', reason: 'list_expired' }, 'list_expired'],
    ['has a list that cannot be read', { status: 'unavailable' }, 'lists_unavailable'],
    ['a list calls good', { status: 'good', freshness: 'fresh' }, 'allowed'],
    ['no list speaks of', { status: 'unknown', reason: 'no_list' }, 'allowed'],
  ])('CRL-11 a certificate that is good by a responder, of a CA that %s', async (_name, above, outcome) => {
    const asked: string[] = [];
    const result = await check({
      ...ports,
      statusOf: async ({ subject }) => {
        asked.push(subject.text);
        return subject.text === 'CN=CA' ? above : { status: 'unknown', reason: 'no_list' };
      },
      onlineStatusOf: async () => ({ status: 'good', issuer: ca.certificate }),
    });

    expect(result.ok ? 'allowed' : result.reason).toBe(outcome);
    expect(asked).toEqual(['CN=client', 'CN=CA']);
  });

  test.each([
    [
      'revoked by a list',
      { status: 'revoked', date: 0, reason: 'keyCompromise' } as const,
      'certificate_revoked',
    ],
    ['whose list has ended', { status: 'unknown', reason: 'list_expired' } as const, 'list_expired'],
    ['whose lists cannot be read', { status: 'unavailable' } as const, 'lists_unavailable'],
  ])('OCSP-05 asks about no certificate %s', async (_name, status, reason) => {
    const asking = {
      ...ports,
      statusOf: async () => status,
      onlineStatusOf: async () => ({ status: 'good', issuer: ca.certificate }) as const,
    };
    expect(await check(asking)).toMatchObject({ ok: false, reason });
  });
});

test('a question is about one certificate, with a nonce', () => {
  const bytes = Buffer.from(ocspRequest(question));
  expect(bytes.includes(NONCE)).toBe(true);
  expect(bytes.length).toBeLessThan(200);
});
