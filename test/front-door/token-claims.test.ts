/** Tokens with a good signature that are not for this API. */
import { openDoor } from './door';
import { allowing, authorizerEvent, denying, NOT_VALID, refusingToken } from './events';
import { JwksServer } from './jwks-server';
import { accessToken, CLIENT, issuerOf, POOL, seconds, signingKey } from './tokens';

const key = signingKey();
const foreign = signingKey();
const { methodArn } = authorizerEvent();

let jwks: JwksServer;

beforeAll(async () => {
  jwks = await JwksServer.start(key);
});

afterAll(() => jwks.stop());

async function answerTo(token: string): Promise<unknown> {
  return (await openDoor(jwks.url).withToken(token)).answer;
}

function refusal(reason: string, description = NOT_VALID): unknown {
  return denying(refusingToken(description, 'widgets/read'), reason);
}

/** Claims of an ID token of the same pool, client and person. */
const ID_TOKEN = {
  token_use: 'id',
  aud: CLIENT,
  client_id: undefined,
  scope: undefined,
  'cognito:username': 'somebody',
  email: 'somebody@example.com',
};
const EXPIRED = 'the access token expired';
const EARLY = 'the access token is not valid yet';
const NO_ACCESS_TOKEN = 'not an access token';

describe('JWT-02 refused under a signature that holds, and let in without the change', () => {
  test.each<[string, Record<string, unknown>, unknown]>([
    [
      'another app client of the pool',
      { client_id: 'anotherclientofthepool' },
      refusal('token_client_unknown'),
    ],
    ['our client in another case', { client_id: CLIENT.toUpperCase() }, refusal('token_client_unknown')],
    ['our client in a list', { client_id: [CLIENT] }, refusal('token_client_unknown')],
    ['no client', { client_id: undefined }, refusal('token_client_unknown')],
    ['our client as audience only', { client_id: undefined, aud: CLIENT }, refusal('token_client_unknown')],
    ['an ID token', ID_TOKEN, refusal('token_use_wrong', NO_ACCESS_TOKEN)],
    [
      'an ID token with a client',
      { ...ID_TOKEN, client_id: CLIENT },
      refusal('token_use_wrong', NO_ACCESS_TOKEN),
    ],
    ['a refresh token', { token_use: 'refresh' }, refusal('token_use_wrong', NO_ACCESS_TOKEN)],
    [
      'a token bound to a key',
      { cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } },
      refusal('token_claims_invalid'),
    ],
    ['a token bound to a certificate', { cnf: { 'x5t#S256': 'x' } }, refusal('token_claims_invalid')],
    ['no use', { token_use: undefined }, refusal('token_use_wrong', NO_ACCESS_TOKEN)],
    ['both uses', { token_use: ['access', 'id'] }, refusal('token_use_wrong', NO_ACCESS_TOKEN)],
    [
      'another pool, signed by our key',
      { iss: issuerOf('eu-west-1_Other') },
      refusal('token_issuer_unknown'),
    ],
    [
      'the same pool in another region',
      { iss: issuerOf('us-east-1_SallyPort') },
      refusal('token_issuer_unknown'),
    ],
    ['another issuer', { iss: 'https://evil.example.com' }, refusal('token_issuer_unknown')],
    ['our issuer with a slash', { iss: `${issuerOf(POOL)}/` }, refusal('token_issuer_unknown')],
    [
      'our issuer over plain HTTP',
      { iss: issuerOf(POOL).replace('https', 'http') },
      refusal('token_issuer_unknown'),
    ],
    ['our issuer in another case', { iss: issuerOf(POOL).toUpperCase() }, refusal('token_issuer_unknown')],
    [
      'our issuer as a prefix',
      { iss: `${issuerOf(POOL)}.evil.example.com` },
      refusal('token_issuer_unknown'),
    ],
    [
      'the address the keys come from as issuer',
      { iss: 'http://127.0.0.1' },
      refusal('token_issuer_unknown'),
    ],
    ['no issuer', { iss: undefined }, refusal('token_issuer_unknown')],
    ['an issuer in a list', { iss: [issuerOf(POOL)] }, refusal('token_claims_invalid')],
    ['expired a second ago', { exp: seconds(-2) }, refusal('token_expired', EXPIRED)],
    ['expired long ago', { exp: 0 }, refusal('token_expired', EXPIRED)],
    ['expired before time began', { exp: -1 }, refusal('token_expired', EXPIRED)],
    ['an expiry no date can hold', { exp: -1e300 }, refusal('token_claims_invalid')],
    ['no expiry', { exp: undefined }, refusal('token_claims_invalid')],
    ['an expiry of null', { exp: null }, refusal('token_claims_invalid')],
    ['an expiry that is a text', { exp: String(seconds(3600)) }, refusal('token_claims_invalid')],
    ['not valid yet', { nbf: seconds(60) }, refusal('token_not_yet_valid', EARLY)],
    ['a start that is a text', { nbf: 'now' }, refusal('token_claims_invalid')],
    ['no subject', { sub: undefined }, refusal('token_claims_invalid')],
    ['an empty subject', { sub: '' }, refusal('token_claims_invalid')],
    ['a subject that is no text', { sub: 7 }, refusal('token_claims_invalid')],
    ['scopes in a list', { scope: ['widgets/read'] }, refusal('token_claims_invalid')],
  ])('JWT-02 %s', async (_name, change, expected) => {
    expect(await answerTo(accessToken(key, { claims: change }))).toEqual(expected);
    expect(await answerTo(accessToken(key))).toEqual(allowing(methodArn));
  });

  test("JWT-02 a token of another pool, by that pool's own key", async () => {
    const token = accessToken(foreign, { claims: { iss: issuerOf('eu-west-1_Other') } });
    const sameKid = accessToken(
      { ...foreign, kid: key.kid },
      { claims: { iss: issuerOf('eu-west-1_Other') } },
    );

    expect(await answerTo(token)).toEqual(refusal('token_issuer_unknown'));
    expect(await answerTo(sameKid)).toEqual(refusal('token_issuer_unknown'));
  });

  test('JWT-02 a token that names our pool, by the key of another', async () => {
    expect(await answerTo(accessToken(foreign))).toEqual(refusal('token_key_unknown'));
    expect(await answerTo(accessToken({ ...foreign, kid: key.kid }))).toEqual(
      refusal('token_signature_invalid'),
    );
  });

  test('JWT-02 what a token with a bad signature claims is not told: the signature is looked at first', async () => {
    const forged = accessToken({ ...foreign, kid: key.kid }, { claims: { exp: 1, token_use: 'id' } });

    expect(await answerTo(forged)).toEqual(refusal('token_signature_invalid'));
  });
});

describe('JWT-02 let in: what the good twins have in common with the refused', () => {
  test.each<[string, Record<string, unknown>]>([
    ['a start in the past', { nbf: seconds(-1) }],
    ['about to expire', { exp: seconds(30) }],
    [
      'the second form of the issuer',
      { iss: 'https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_SallyPort' },
    ],
    ['an audience beside the client', { aud: 'https://api.example.com' }],
    ['claims nobody knows', { 'custom:x': { y: [1, 2] } }],
  ])('JWT-02 %s', async (_name, change) => {
    expect(await answerTo(accessToken(key, { claims: change }))).toEqual(allowing(methodArn));
  });
});

describe('JWT-02 keys of the set that are not for signatures', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['for encryption', { use: 'enc' }, 'token_claims_invalid'],
    ['for encryption, by its operations', { use: undefined, key_ops: ['encrypt'] }, 'token_claims_invalid'],
    ['for operations that are no list', { use: undefined, key_ops: 'verify' }, 'token_claims_invalid'],
    ['for another algorithm', { alg: 'RS512' }, 'token_claims_invalid'],
    ['symmetric', { kty: 'oct' }, 'token_claims_invalid'],
    ['without a modulus', { n: '' }, 'keys_unavailable'],
  ])('JWT-02 a key %s is not used', async (_name, change, reason) => {
    const server = await JwksServer.start({ ...key, jwk: { ...key.jwk, ...change } });
    const refused = await openDoor(server.url).withToken(accessToken(key));
    server.serve(key);
    const admitted = await openDoor(server.url).withToken(accessToken(key));
    await server.stop();

    expect(refused.decision.reason).toBe(reason);
    expect(refused.decision.verdict).toBe(reason === 'keys_unavailable' ? 'forbid' : 'deny');
    expect(admitted.answer).toEqual(allowing(methodArn));
  });
});
