import { createHash } from 'node:crypto';

import { bodyOf, encodeSignIn, type Caller, decodeCaller, encodeCaller } from '../../lambdas/_kernel/caller';
import { CALLER } from './gateway-events';

describe('the caller context', () => {
  it('is flat texts with lists separated by spaces', () => {
    expect(encodeCaller(CALLER)).toEqual({
      subject: 'user-1',
      clientId: 'client-1',
      scheme: 'cognito',
      scopes: 'widgets/read widgets/write',
      groups: 'staff',
    });
  });

  it('comes back as it went in, whatever a group is called', () => {
    const caller: Caller = {
      ...CALLER,
      scopes: [],
      groups: ['domain admins', '100%', 'a%20b', 'tab\there', 'grün'],
    };

    expect(decodeCaller(encodeCaller(caller))).toEqual(caller);
  });

  it('is read beside what API Gateway adds', () => {
    expect(decodeCaller({ ...encodeCaller(CALLER), principalId: 'p', integrationLatency: 12 })).toEqual(
      CALLER,
    );
  });

  it('may come without lists', () => {
    expect(decodeCaller({ subject: 's', clientId: 'c', scheme: 'x' })).toEqual({
      subject: 's',
      clientId: 'c',
      scheme: 'x',
      scopes: [],
      groups: [],
    });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'user-1'],
    ['a list', ['user-1']],
    ['no subject', { clientId: 'c', scheme: 'x' }],
    ['an empty subject', { subject: '', clientId: 'c', scheme: 'x' }],
    ['a number for the client', { subject: 's', clientId: 4, scheme: 'x' }],
    ['no scheme', { subject: 's', clientId: 'c' }],
    ['an inherited subject', Object.create({ subject: 's', clientId: 'c', scheme: 'x' })],
    ['scopes that are no text', { subject: 's', clientId: 'c', scheme: 'x', scopes: ['admin'] }],
    ['groups with a broken escape', { subject: 's', clientId: 'c', scheme: 'x', groups: 'a%zz' }],
    ['claims of a built-in authorizer', { claims: { sub: 's', client_id: 'c' } }],
    ['a JWT authorizer of an HTTP API', { jwt: { claims: { sub: 's' }, scopes: null } }],
  ])('is refused for %s', (_case, authorizer) => {
    expect(decodeCaller(authorizer)).toBeUndefined();
  });
});

describe('the certificate of a caller', () => {
  const certificate = {
    subject: 'CN=client\\, Inc.,O=Acme',
    issuer: 'CN=CA',
    serial: '0A',
    fingerprint: 'ab'.repeat(32),
    status: 'fresh',
  };
  const known = {
    subject: 's',
    clientId: 'c',
    scheme: 'clientCertificate',
    scopes: [],
    groups: [],
    certificate,
  };

  test('comes out as it went in, without a subject too', () => {
    const nameless = { ...known, certificate: { ...certificate, subject: '' } };

    expect(decodeCaller(encodeCaller(known))).toEqual(known);
    expect(decodeCaller(encodeCaller(nameless))).toEqual(nameless);
  });

  test.each(['certificateIssuer', 'certificateSerial', 'certificateFingerprint', 'certificateStatus'])(
    'is none without %s',
    (key) => {
      expect(decodeCaller({ ...encodeCaller(known), [key]: '' })?.certificate).toBeUndefined();
    },
  );
});

describe('a sign-in', () => {
  const caller = { subject: 's', clientId: 'c', scheme: 'x', scopes: [], groups: [] };

  test('is read back as it was rendered, without its level', () => {
    const session = { id: 'session-1', endsAt: 1_800_000_000, authTime: 1_799_999_000, acr: 'high' };
    const { acr, ...kept } = session;
    const context = { ...encodeCaller(caller), ...encodeSignIn(session) };

    expect(decodeCaller(context)).toEqual({ ...caller, session: kept });
    expect(JSON.stringify(context)).not.toContain(acr);
  });

  test.each([{ sessionId: 's' }, { sessionId: 's', sessionEndsAt: 'never' }, { sessionEndsAt: '1' }])(
    'of %j there is none',
    (context) => {
      expect(decodeCaller({ ...encodeCaller(caller), ...context })).toEqual(caller);
    },
  );
});

describe('STEP-07 a body', () => {
  const body = Buffer.from('{"amountCents":1}');
  const contentDigest = createHash('sha256').update(body).digest('base64');

  test('is the one that was let in, byte for byte', () => {
    expect(bodyOf({ contentDigest }, body, true)).toBe('let_in');
    for (const other of [
      Buffer.from('{"amountCents":2}'),
      Buffer.from('{"amountCents":1} '),
      Buffer.alloc(0),
    ])
      expect(bodyOf({ contentDigest }, other, true)).toBe('different');
    expect(bodyOf({ contentDigest: contentDigest.slice(0, -4) }, body, true)).toBe('different');
    // also of an operation that does not ask for it
    expect(bodyOf({ contentDigest }, Buffer.alloc(0), false)).toBe('different');
  });

  test.each([{}, null, undefined, { contentDigest: 7 }])(
    'without a digest of the front door (%j) there is none',
    (context) => {
      expect([bodyOf(context, body, true), bodyOf(context, body, false)]).toEqual(['missing', 'let_in']);
    },
  );
});
