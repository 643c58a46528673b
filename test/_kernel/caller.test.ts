import { type Caller, decodeCaller, encodeCaller } from '../../lambdas/_kernel/caller';
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
