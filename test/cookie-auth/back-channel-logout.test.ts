/** Logout tokens over real HTTP and signatures: what ends which sessions, and what ends none. */
import { marksOf, soughtBy } from '../../lambdas/cookie-auth/core/marks';
import { CLIENT_SECRET, ProviderServer, signingKey } from './provider-server';
import { type Forgery, LOGOUT_EVENT, logoutToken, RelyingParty, signedInAt } from './relying-party';
import { AUDIENCE, givenRing } from './sample';

let server: ProviderServer;
let party: RelyingParty;

beforeEach(async () => {
  server = await ProviderServer.start();
  party = new RelyingParty(server.provider());
});

afterEach(async () => {
  await server.stop();
});

const of = (sub: string, sid?: string): Forgery => ({ claims: { sub, sid } });
const signedIn = async (sub: string, sid?: string): Promise<string> =>
  signedInAt(server, party, of(sub, sid));
const told = async (forgery?: Forgery): Promise<string> => party.toldOf(logoutToken(server, forgery));
const verdicts = async (...cookies: readonly string[]): Promise<string[]> =>
  Promise.all(cookies.map((cookie) => party.verdictOf(cookie)));
const seconds = (offset: number): number => Math.floor(Date.now() / 1000) + offset;

describe('SESSION-04 a logout token ends', () => {
  test('SESSION-04 the sessions of its sid, and no other of that person', async () => {
    const cookies = [
      await signedIn('ada', 's1'),
      await signedIn('ada', 's1'),
      await signedIn('ada', 's2'),
      await signedIn('bob', 's3'),
    ];

    expect(await told(of('ada', 's1'))).toBe('ok');
    expect(await verdicts(...cookies)).toEqual(['session_ended', 'session_ended', 'ok', 'ok']);
  });

  test('SESSION-04 the sessions of its sid where it names nobody', async () => {
    const cookies = [await signedIn('ada', 's1'), await signedIn('ada', 's2')];

    expect(await told({ claims: { sub: undefined, sid: 's1' } })).toBe('ok');
    expect(await verdicts(...cookies)).toEqual(['session_ended', 'ok']);
  });

  test('SESSION-04 all sessions of its sub where it names no sid, those without a sid too', async () => {
    const cookies = [await signedIn('ada', 's1'), await signedIn('ada'), await signedIn('bob', 's3')];

    expect(await told(of('ada'))).toBe('ok');
    expect(await verdicts(...cookies)).toEqual(['session_ended', 'session_ended', 'ok']);
  });

  test('SESSION-04 with a sid also the sessions of that person whose sid nobody knows', async () => {
    const cookies = [await signedIn('ada'), await signedIn('bob'), await signedIn('ada', 's2')];

    expect(await told(of('ada', 's1'))).toBe('ok');
    expect(await verdicts(...cookies)).toEqual(['session_ended', 'ok', 'ok']);
  });

  test('SESSION-04 sessions that were begun under a key that is no longer the current one', async () => {
    const cookie = await signedIn('ada', 's1');
    party.ring = givenRing('k2', 'k1');
    const newer = await signedIn('ada', 's1');

    expect(await told(of('ada', 's1'))).toBe('ok');
    expect(await verdicts(cookie, newer)).toEqual(['session_ended', 'session_ended']);
  });

  test('SESSION-04 more sessions than are ended at once', async () => {
    const cookies = [];
    for (let count = 0; count < 30; count += 1) cookies.push(await signedIn('ada', `s${count}`));

    expect(await told(of('ada'))).toBe('ok');
    expect(new Set(await verdicts(...cookies))).toEqual(new Set(['session_ended']));
  });

  test('SESSION-04 nothing, and all the same well, where there is no such session', async () => {
    const cookie = await signedIn('ada', 's1');

    expect(await told(of('eve', 's9'))).toBe('ok');
    expect(await verdicts(cookie)).toEqual(['ok']);
  });
});

const OTHER = signingKey('key-1');
const REFUSED: readonly (readonly [string, Forgery, string])[] = [
  ['of another issuer', { claims: { iss: 'https://evil.test' } }, 'token_unverified'],
  ['for another client', { claims: { aud: 'client-2' } }, 'token_unverified'],
  [
    'for several clients, of which another is meant',
    { claims: { aud: ['client-1', 'client-2'], azp: 'client-2' } },
    'token_unverified',
  ],
  ['that is over', { claims: { exp: seconds(-1) } }, 'token_unverified'],
  ['without an end', { claims: { exp: undefined } }, 'token_unverified'],
  ['without a beginning', { claims: { iat: undefined } }, 'token_unverified'],
  [
    'that is old, whatever end it names',
    { claims: { iat: seconds(-601), exp: seconds(9_999) } },
    'token_stale',
  ],
  ['of the future', { claims: { iat: seconds(90), exp: seconds(200) } }, 'token_stale'],
  ['with a nonce', { claims: { nonce: 'n' } }, 'nonce_present'],
  ['with a nonce of null', { claims: { nonce: null } }, 'nonce_present'],
  ['without events', { claims: { events: undefined } }, 'event_missing'],
  ['with another event', { claims: { events: { 'https://evil.test/event': {} } } }, 'event_missing'],
  ['with the event alone in place of events', { claims: { events: LOGOUT_EVENT } }, 'event_missing'],
  ['with an event that is no object', { claims: { events: { [LOGOUT_EVENT]: true } } }, 'event_missing'],
  ['with events in a list', { claims: { events: [{ [LOGOUT_EVENT]: {} }] } }, 'event_missing'],
  ['with neither sub nor sid', { claims: { sub: undefined, sid: undefined } }, 'owner_missing'],
  ['with an empty sid and no sub', { claims: { sub: undefined, sid: '' } }, 'owner_missing'],
  ['without an id', { claims: { jti: undefined } }, 'id_missing'],
  ['without a signature', { header: { alg: 'none' } }, 'token_unverified'],
  ['signed by HS256 with the public key', { header: { alg: 'HS256' } }, 'token_unverified'],
  [
    'signed by HS256 with the client’s secret',
    { header: { alg: 'HS256' }, secret: CLIENT_SECRET },
    'token_unverified',
  ],
  ['signed by another key of the same id', { key: OTHER }, 'token_unverified'],
  ['that says it is an access token', { header: { typ: 'at+jwt' } }, 'token_type'],
  ['that says it is another security event', { header: { typ: 'secevent+jwt' } }, 'token_type'],
];

test.each(REFUSED)(
  'SESSION-04 a token %s ends nothing; one that is well does',
  async (_, forgery, reason) => {
    const cookie = await signedIn('ada', 'sid-1');

    expect(await told(forgery)).toBe(reason);
    expect(await verdicts(cookie)).toEqual(['ok']);
    expect(await told()).toBe('ok');
    expect(await verdicts(cookie)).toEqual(['session_ended']);
  },
);

test('SESSION-04 an id token of this very client is no logout token', async () => {
  const cookie = await signedIn('ada', 's1');
  const { id_token: idToken } = server.answer.body as { id_token: string };

  expect(await party.toldOf(idToken)).toBe('event_missing');
  expect(await verdicts(cookie)).toEqual(['ok']);
});

test.each([undefined, 'JWT', 'jwt', 'logout+jwt', 'application/logout+jwt', 'LOGOUT+JWT'])(
  'SESSION-04 a token of the type %s is taken: explicit typing is recommended only',
  async (typ) => {
    const cookie = await signedIn('ada', 'sid-1');

    expect(await told({ header: { typ } })).toBe('ok');
    expect(await verdicts(cookie)).toEqual(['session_ended']);
  },
);

describe('SESSION-04 a token is good once', () => {
  test('SESSION-04 sent again it ends no session begun since, for as long as it would hold', async () => {
    await signedIn('ada', 's1');
    const token = logoutToken(server, { claims: { sid: undefined, exp: seconds(9_999) } });
    expect(await party.toldOf(token)).toBe('ok');
    const later = await signedIn('ada', 's1');

    for (const ahead of [0, 9_000, 599_000]) {
      party.ahead = ahead;
      expect([ahead, await party.toldOf(token)]).toEqual([ahead, 'token_replayed']);
    }
    party.ahead = 700_000;
    expect(await party.toldOf(token)).toBe('token_stale');
    party.ahead = 0;
    expect(await verdicts(later)).toEqual(['ok']);
    expect(await told({ claims: { sid: undefined } })).toBe('ok');
    expect(await verdicts(later)).toEqual(['session_ended']);
  });

  test('SESSION-04 of ten at once one is taken', async () => {
    const token = logoutToken(server);
    const results = await Promise.all(Array.from({ length: 10 }, () => party.toldOf(token)));

    expect(results.filter((result) => result === 'ok')).toHaveLength(1);
    expect(results.filter((result) => result === 'token_replayed')).toHaveLength(9);
  });

  test('SESSION-04 one whose logout failed half-way may be sent again, a little later', async () => {
    const cookie = await signedIn('ada', 'sid-1');
    const token = logoutToken(server);
    const remove = party.store.remove.bind(party.store);
    party.store.remove = async () => Promise.reject(new Error('throttled'));
    expect(await party.toldOf(token)).toBe('logout_failed');
    expect(await verdicts(cookie)).toEqual(['ok']);

    party.store.remove = remove;
    expect(await party.toldOf(token)).toBe('token_replayed');
    party.ahead = 11_000;
    expect(await party.toldOf(token)).toBe('ok');
    expect(await verdicts(cookie)).toEqual(['session_ended']);
  });

  test('SESSION-04 one that was refused is not used up', async () => {
    const claims = { jti: 'the same' };
    expect(await told({ claims: { ...claims, nonce: 'n' } })).toBe('nonce_present');
    expect(await told({ claims })).toBe('ok');
    expect(await told({ claims })).toBe('token_replayed');
  });
});

test('SESSION-04 AUTHZ-04 with the keys out of reach nothing ends, and with them it does', async () => {
  const cookie = await signedIn('ada', 'sid-1');
  const [fresh, { issuer }] = [new RelyingParty(server.provider()), server];
  server.keysStatus = 500;
  expect(await fresh.toldOf(logoutToken(server))).toBe('keys_unavailable');
  server.discovered = { issuer: 'https://evil.test' };
  expect(await new RelyingParty(server.provider()).toldOf(logoutToken(server))).toBe('keys_unavailable');

  server.keysStatus = 200;
  server.discovered = { issuer };
  expect(await told()).toBe('ok');
  expect(await verdicts(cookie)).toEqual(['session_ended']);
});

describe('marks', () => {
  const owner = { subject: 'ada@example.com', providerSession: 'sid-1' };

  test('say nothing of whose session it is, and differ by kind, key and environment', async () => {
    await signedInAt(server, party, { claims: { sub: owner.subject, sid: owner.providerSession } });
    const kept = JSON.stringify([...party.store.rows.values(), ...party.store.marks.values()]);
    expect(kept).not.toMatch(/ada|sid-1/);

    const all = [
      marksOf(givenRing('k1'), AUDIENCE, owner),
      marksOf(givenRing('k2'), AUDIENCE, owner),
      marksOf(givenRing('k1'), 'https://other.test client-1', owner),
      marksOf(givenRing('k1'), AUDIENCE, { subject: owner.providerSession, providerSession: owner.subject }),
      marksOf(givenRing('k1'), AUDIENCE, { subject: owner.subject }),
    ].flatMap(({ subject, providerSession }) => [subject, providerSession]);
    // the last one's subject is the first one's: the same person
    expect(new Set(all).size).toBe(all.length - 1);
  });

  test('are looked for under every key of the ring, and for nobody not at all', () => {
    expect(soughtBy(givenRing('k1', 'k2'), AUDIENCE, { subject: 'ada' })).toHaveLength(2);
    expect(soughtBy(givenRing('k1', 'k2'), AUDIENCE, owner)).toHaveLength(4);
    expect(soughtBy(givenRing('k1'), AUDIENCE, { providerSession: 's' })).toHaveLength(1);
    expect(soughtBy(givenRing('k1'), AUDIENCE, {})).toEqual([]);
  });
});
