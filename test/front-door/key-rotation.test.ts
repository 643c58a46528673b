/** Keys come and go while tokens are checked, and nobody can make the door ask for them without end. */
import { randomUUID } from 'node:crypto';

import { openDoor } from './door';
import { allowing, authorizerEvent, denying, NOT_VALID, POLICY, refusingToken } from './events';
import { JwksServer } from './jwks-server';
import { accessToken, signingKey } from './tokens';

const key = signingKey();
const next = signingKey();
const LET_IN = allowing(authorizerEvent().methodArn);
const UNKNOWN_KEY = denying(refusingToken(NOT_VALID, 'widgets/read'), 'token_key_unknown');
const SECOND_ISSUER = 'https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_SallyPort';

let jwks: JwksServer;

beforeEach(async () => {
  jwks = await JwksServer.start(key);
});

afterEach(() => jwks.stop());

test('JWT-03 a new key is accepted after one more fetch, and the old one stays good while it is published', async () => {
  const { withToken } = openDoor(jwks.url);
  expect((await withToken(accessToken(key))).answer).toEqual(LET_IN);

  jwks.serve(key, next);
  expect((await withToken(accessToken(next))).answer).toEqual(LET_IN);
  expect((await withToken(accessToken(next))).answer).toEqual(LET_IN);
  expect((await withToken(accessToken(key))).answer).toEqual(LET_IN);
  expect(jwks.fetches).toHaveLength(2);
});

test('JWT-03 once the new set is fetched, a key that is in it no more opens nothing', async () => {
  const { withToken } = openDoor(jwks.url);
  await withToken(accessToken(key));

  jwks.serve(next);
  expect((await withToken(accessToken(next))).answer).toEqual(LET_IN);
  expect((await withToken(accessToken(key))).answer).toEqual(UNKNOWN_KEY);
});

test('JWT-03 fifty first requests at once cause one fetch', async () => {
  const { withToken } = openDoor(jwks.url);
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => withToken(accessToken(key))));

  expect(outcomes.map(({ answer }) => answer)).toEqual(Array.from({ length: 50 }, () => LET_IN));
  expect(jwks.fetches).toHaveLength(1);
});

test('JWT-03 two hundred tokens with key ids of their own cause one fetch, and known keys keep working', async () => {
  const { withToken } = openDoor(jwks.url);
  await withToken(accessToken(key));
  for (let index = 0; index < 200; index += 1) {
    expect((await withToken(accessToken(key, { header: { kid: randomUUID() } }))).answer).toEqual(
      UNKNOWN_KEY,
    );
    expect((await withToken(accessToken(key))).answer).toEqual(LET_IN);
  }

  expect(jwks.fetches).toHaveLength(2);
});

test('JWT-03 the same before any key is known, and with both forms of the issuer: one fetch for each', async () => {
  const { withToken } = openDoor(jwks.url);
  for (let index = 0; index < 200; index += 1) {
    const claims = index % 2 === 0 ? {} : { iss: SECOND_ISSUER };
    await withToken(accessToken(key, { header: { kid: randomUUID() }, claims }));
  }

  expect((await withToken(accessToken(key))).answer).toEqual(LET_IN);
  expect(jwks.fetches).toHaveLength(2);
});

test('JWT-03 two hundred unknown key ids at once cause one fetch', async () => {
  const { withToken } = openDoor(jwks.url);
  await withToken(accessToken(key));
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, () => withToken(accessToken(key, { header: { kid: randomUUID() } }))),
  );

  expect(outcomes.filter(({ decision }) => decision.reason !== 'token_key_unknown')).toEqual([]);
  expect(jwks.fetches).toHaveLength(2);
});

test('JWT-03 tokens that are malformed, of another issuer or without a key id cause no fetch at all', async () => {
  const { withToken } = openDoor(jwks.url);
  for (const header of [{ kid: undefined }, { alg: 'none' }, { jku: jwks.url }]) {
    await withToken(accessToken(key, { header }));
  }
  await withToken(accessToken(key, { claims: { iss: 'https://evil.example.com' } }));
  await withToken('a.b.c');

  expect(jwks.fetches).toEqual([]);
});

test('JWT-03 while the key set cannot be had, two hundred tokens cause one fetch a second, and known keys keep working', async () => {
  let now = 0;
  const { withToken } = openDoor(jwks.url, POLICY, () => now);
  expect((await withToken(accessToken(key))).answer).toEqual(LET_IN);

  jwks.answer(429, '');
  for (let index = 0; index < 200; index += 1) {
    const unknown = await withToken(accessToken(key, { header: { kid: randomUUID() } }));
    expect(unknown.decision.reason).toBe('keys_unavailable');
    expect((await withToken(accessToken(key))).answer).toEqual(LET_IN);
    if (index === 99) now += 1_000;
  }
  expect(jwks.fetches).toHaveLength(3);
});

test('JWT-03 forged tokens of an issuer whose key set cannot be had do not keep the other form of the issuer from its own', async () => {
  const { withToken } = openDoor(jwks.url, POLICY, () => 0);
  const forged = accessToken(next, { claims: { iss: SECOND_ISSUER } });
  jwks.answer(404, '');
  expect((await withToken(forged)).decision.reason).toBe('keys_unavailable');

  jwks.serve(key);
  expect((await withToken(accessToken(key))).answer).toEqual(LET_IN);
  // the pause of its own set goes on
  expect((await withToken(forged)).decision.reason).toBe('keys_unavailable');
  expect(jwks.fetches).toHaveLength(2);
});

test('JWT-03 a key withdrawn from the set opens for an hour at most, also one replaced under the same key id', async () => {
  let now = 0;
  const { withToken } = openDoor(jwks.url, POLICY, () => now);
  const replaced = { ...next, jwk: { ...next.jwk, kid: key.jwk.kid } };
  await withToken(accessToken(key));
  jwks.serve(replaced);
  now = 3_599_999;
  expect((await withToken(accessToken(key))).answer).toEqual(LET_IN);

  now = 3_600_000;
  expect((await withToken(accessToken(key))).decision.reason).toBe('token_signature_invalid');
  expect((await withToken(accessToken(next, { header: { kid: key.jwk.kid } }))).answer).toEqual(LET_IN);
});

test('JWT-01 a key that is too short to trust opens nothing, though the set has it', async () => {
  const short = signingKey(undefined, 1024);
  jwks.serve(short, key);
  const { withToken } = openDoor(jwks.url);

  expect((await withToken(accessToken(short))).decision).toMatchObject({
    verdict: 'forbid',
    reason: 'keys_unavailable',
  });
  expect((await withToken(accessToken(key))).answer).toEqual(LET_IN);
});
