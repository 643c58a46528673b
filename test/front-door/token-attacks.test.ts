/** Forged and malformed tokens. Each attack differs in one thing from a token that is let in. */
import { constants, createHmac, generateKeyPairSync, sign } from 'node:crypto';

import { openDoor } from './door';
import { allowing, authorizerEvent, denying, NOT_A_JWT, NOT_VALID, refusingToken } from './events';
import { JwksServer } from './jwks-server';
import { accessClaims, accessToken, base64url, compact, rs256, signingKey, withChanges } from './tokens';

const key = signingKey('kid-1');
const other = signingKey('kid-2');
const { methodArn } = authorizerEvent();
const LET_IN = allowing(methodArn);
/** Refused for its form, before any key is looked for. */
const MALFORMED = denying(refusingToken(NOT_A_JWT, 'widgets/read'), 'credentials_malformed');

let jwks: JwksServer;

beforeAll(async () => {
  jwks = await JwksServer.start(key);
});

afterAll(() => jwks.stop());

async function answerTo(token: string): Promise<unknown> {
  return (await openDoor(jwks.url).withToken(token)).answer;
}

function refusal(reason: string): unknown {
  return denying(refusingToken(NOT_VALID, 'widgets/read'), reason);
}

const claims = JSON.stringify(accessClaims());
const header = JSON.stringify({ kid: 'kid-1', alg: 'RS256' });
const good = compact(header, claims, rs256(key));
const [goodHeader = '', goodClaims = '', goodSignature = ''] = good.split('.');

/** Signed by the pool's own key over whatever the header says: the form alone is wrong. */
function withHeader(change: Readonly<Record<string, unknown>>): string {
  return compact(JSON.stringify(withChanges({ kid: 'kid-1', alg: 'RS256' }, change)), claims, rs256(key));
}

function withTexts(headerText: string, payloadText: string): string {
  return compact(headerText, payloadText, rs256(key));
}

test('JWT-01 the good twin: the token that every attack changes one thing of is let in', async () => {
  expect(await answerTo(good)).toEqual(LET_IN);
});

describe('JWT-01 no signature, or none that counts', () => {
  test.each<[string, string]>([
    ['alg none, no signature', `${base64url('{"alg":"none","kid":"kid-1"}')}.${goodClaims}.`],
    [
      'alg none, the old signature',
      `${base64url('{"alg":"none","kid":"kid-1"}')}.${goodClaims}.${goodSignature}`,
    ],
    ['alg None', `${base64url('{"alg":"None","kid":"kid-1"}')}.${goodClaims}.${goodSignature}`],
    ['an empty signature', `${goodHeader}.${goodClaims}.`],
    ['an empty payload', `${goodHeader}..${goodSignature}`],
    ['an empty header', `.${goodClaims}.${goodSignature}`],
    ['one part', goodHeader],
    ['two parts', `${goodHeader}.${goodClaims}`],
    ['four parts', `${good}.${goodSignature}`],
    ['five parts, as of an encrypted token', `${good}.${goodSignature}.${goodSignature}`],
    ['a trailing dot', `${good}.`],
    ['a leading dot', `.${good}`],
    ['dots only', '..'],
    ['nothing', ''],
  ])('JWT-01 %s', async (_name, token) => {
    expect(await answerTo(token)).toEqual(MALFORMED);
  });

  test('JWT-01 the signature of another key under the same key id', async () => {
    expect(await answerTo(accessToken({ ...other, kid: 'kid-1' }))).toEqual(
      refusal('token_signature_invalid'),
    );
    expect(await answerTo(accessToken(key))).toEqual(LET_IN);
  });

  test('JWT-01 the signature of another token of the same key', async () => {
    const swapped = `${goodHeader}.${base64url(JSON.stringify(accessClaims({ scope: 'widgets/read admin' })))}.${goodSignature}`;

    expect(await answerTo(swapped)).toEqual(refusal('token_signature_invalid'));
  });

  test('JWT-01 one bit of the signature flipped, anywhere', async () => {
    const signature = Buffer.from(goodSignature, 'base64url');
    for (const place of [0, 1, 100, 254, 255]) {
      const flipped = Buffer.from(signature);
      flipped[place] = flipped[place]! ^ 1;
      expect(await answerTo(`${goodHeader}.${goodClaims}.${base64url(flipped)}`)).toEqual(
        refusal('token_signature_invalid'),
      );
    }
  });

  test.each<[string, (signature: Buffer) => Buffer]>([
    ['one byte short', (signature) => signature.subarray(1)],
    ['one byte long', (signature) => Buffer.concat([signature, Buffer.alloc(1)])],
    ['a zero byte before it', (signature) => Buffer.concat([Buffer.alloc(1), signature])],
    ['of zeroes', () => Buffer.alloc(256)],
    ['of ones', () => Buffer.alloc(256, 0xff)],
  ])('JWT-01 a signature %s', async (_name, change) => {
    const signature = change(Buffer.from(goodSignature, 'base64url'));

    expect(await answerTo(`${goodHeader}.${goodClaims}.${base64url(signature)}`)).toEqual(
      refusal('token_signature_invalid'),
    );
  });
});

describe('JWT-01 another algorithm than the one Cognito signs with', () => {
  const publicPem = key.publicKey.export({ type: 'spki', format: 'pem' });
  const publicDer = key.publicKey.export({ type: 'spki', format: 'der' });
  const modulus = Buffer.from(String(key.jwk.n), 'base64url');

  test.each<[string, string, (input: Buffer) => Buffer]>([
    ['the public key as PEM', 'HS256', (input) => createHmac('sha256', publicPem).update(input).digest()],
    ['the public key as DER', 'HS256', (input) => createHmac('sha256', publicDer).update(input).digest()],
    ['the modulus', 'HS256', (input) => createHmac('sha256', modulus).update(input).digest()],
    ['the public key', 'HS512', (input) => createHmac('sha512', publicPem).update(input).digest()],
    ['nothing', 'HS256', (input) => createHmac('sha256', '').update(input).digest()],
  ])('JWT-01 a MAC keyed with %s, %s', async (_name, alg, signer) => {
    expect(await answerTo(compact(JSON.stringify({ kid: 'kid-1', alg }), claims, signer))).toEqual(MALFORMED);
    // and with the algorithm that the door does take, in the header only
    expect(await answerTo(compact(header, claims, signer))).toEqual(refusal('token_signature_invalid'));
  });

  test.each<[string, string, (input: Buffer) => Buffer]>([
    ['RS384', 'sha384', (input) => sign('sha384', input, key.privateKey)],
    ['RS512', 'sha512', (input) => sign('sha512', input, key.privateKey)],
    [
      'PS256',
      'PSS',
      (input) =>
        sign('sha256', input, {
          key: key.privateKey,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: 32,
        }),
    ],
  ])("JWT-01 %s, signed by the pool's own key", async (alg, _digest, signer) => {
    expect(await answerTo(compact(JSON.stringify({ kid: 'kid-1', alg }), claims, signer))).toEqual(MALFORMED);
    // the same signature under the right name is no signature of RS256
    expect(await answerTo(compact(header, claims, signer))).toEqual(refusal('token_signature_invalid'));
  });

  test('JWT-01 ES256 by a key of its own, whatever the header says', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signer = (input: Buffer): Buffer =>
      sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' });

    expect(await answerTo(compact('{"kid":"kid-1","alg":"ES256"}', claims, signer))).toEqual(MALFORMED);
    expect(await answerTo(compact(header, claims, signer))).toEqual(refusal('token_signature_invalid'));
  });

  test.each<[string, unknown]>([
    ['missing', undefined],
    ['null', null],
    ['empty', ''],
    ['in lower case', 'rs256'],
    ['with a space', 'RS256 '],
    ['a list', ['RS256']],
    ['a number', 256],
  ])('JWT-01 alg %s, under a signature that holds', async (_name, alg) => {
    expect(await answerTo(withHeader({ alg }))).toEqual(MALFORMED);
  });
});

describe('JWT-01 key ids', () => {
  test.each([
    '../../../dev/null',
    '/dev/null',
    "kid-1' OR '1'='1",
    'kid-1; DROP TABLE keys',
    'kid-1\u0000',
    'kid-1 ',
    'KID-1',
    'https://evil.example.com/jwks.json',
    '__proto__',
    'constructor',
    '',
    'x'.repeat(3_000),
  ])('JWT-01 %j finds no key', async (kid) => {
    expect(await answerTo(withHeader({ kid }))).toEqual(refusal('token_key_unknown'));
  });

  test.each<[string, unknown]>([
    ['missing', undefined],
    ['null', null],
    ['a number', 1],
    ['a list that holds it', ['kid-1']],
    ['an object', { toString: 'kid-1' }],
  ])('JWT-01 a key id that is %s', async (_name, kid) => {
    expect(await answerTo(withHeader({ kid }))).toEqual(MALFORMED);
  });
});

describe('JWT-01 headers that bring a key or ask for processing', () => {
  const certificate = [base64url(other.publicKey.export({ type: 'spki', format: 'der' }))];

  test.each<[string, Record<string, unknown>]>([
    ['jku', { jku: 'https://evil.example.com/jwks.json' }],
    ['jwk', { jwk: other.jwk }],
    ['jwk, the right one', { jwk: key.jwk }],
    ['x5u', { x5u: 'https://evil.example.com/cert.pem' }],
    ['x5c', { x5c: certificate }],
    ['crit', { crit: ['exp'], exp: 1 }],
    ['crit, empty', { crit: [] }],
    ['crit, null', { crit: null }],
    ['b64', { b64: false, crit: ['b64'] }],
    ['b64 alone', { b64: true }],
    ['zip', { zip: 'DEF' }],
    ['enc', { enc: 'A256GCM' }],
    ['typ at+jwt', { typ: 'at+jwt' }],
    ['typ in lower case', { typ: 'jwt' }],
    ['typ of a logout token', { typ: 'logout+jwt' }],
    ['typ that is no text', { typ: ['JWT'] }],
  ])('JWT-01 %s, under a signature that holds', async (_name, change) => {
    expect(await answerTo(withHeader(change))).toEqual(MALFORMED);
  });

  test('JWT-01 a key in the header is not the key that is used', async () => {
    const embedded = compact(
      JSON.stringify({ kid: 'kid-2', alg: 'RS256', jwk: other.jwk }),
      claims,
      rs256(other),
    );
    expect(await answerTo(embedded)).toEqual(MALFORMED);
    expect(jwks.fetches.every((path) => path === '/eu-west-1_SallyPort/.well-known/jwks.json')).toBe(true);
  });

  test.each<[string, Record<string, unknown>]>([
    ['typ JWT', { typ: 'JWT' }],
    ['a member nobody knows', { note: 'x' }],
  ])('JWT-01 and the good twin is let in: %s', async (_name, change) => {
    expect(await answerTo(withHeader(change))).toEqual(LET_IN);
  });
});

describe('JWT-01 the same member twice', () => {
  const space = ' '.repeat(40);

  test.each<[string, string]>([
    ['alg', '{"alg":"RS256","alg":"RS256","kid":"kid-1"}'],
    ['alg, one of them none', '{"alg":"none","alg":"RS256","kid":"kid-1"}'],
    ['kid', '{"alg":"RS256","kid":"kid-2","kid":"kid-1"}'],
    ['kid, one of them escaped', '{"alg":"RS256","\\u006bid":"kid-2","kid":"kid-1"}'],
    ['kid, escaped in capitals', '{"alg":"RS256","kid":"kid-1","\\u006B\\u0069d":"kid-1"}'],
    ['kid, with space before the colon', `{"alg":"RS256","kid"${space}:"kid-2","kid"${space}:"kid-1"}`],
    ['kid, with line breaks before the colon', '{"alg":"RS256","kid"\n\t\r :"kid-2","kid"\n:"kid-1"}'],
    ['one deep inside', '{"alg":"RS256","kid":"kid-1","x":[{"a":{"b":1,"b":2}}]}'],
    ['a name with an escaped quote', '{"alg":"RS256","kid":"kid-1","a\\"":1,"a\\u0022":2}'],
  ])('JWT-01 in the header: %s', async (_name, text) => {
    expect(await answerTo(withTexts(text, claims))).toEqual(MALFORMED);
  });

  test.each<[string, string]>([
    ['scope', claims.replace('{', '{"scope":"admin",')],
    ['scope, escaped', claims.replace('{', '{"sc\\u006fpe":"admin",')],
    ['scope, with space before the colon', claims.replace('{', `{"scope"${space}:"admin",`)],
    ['exp', claims.replace('{', '{"exp":1,')],
    ['inside a claim', claims.replace('{', '{"x":{"y":1,"y":1},')],
  ])('JWT-01 in the claims: %s', async (_name, text) => {
    expect(await answerTo(withTexts(header, text))).toEqual(MALFORMED);
  });

  test.each<[string, string, string]>([
    ['the same name in different objects', header, claims.replace('{', '{"x":[{"y":1},{"y":2}],')],
    ['a value like a name', header, claims.replace('{', '{"x":"scope","z":["scope","scope"],')],
    ['a value that looks like JSON', header, claims.replace('{', '{"x":"{\\"scope\\":1,\\"scope\\":2}",')],
    ['space around every member', '{ "alg" : "RS256" ,\n"kid" : "kid-1" }', claims],
    ['an escaped name once', '{"alg":"RS256","\\u006bid":"kid-1"}', claims],
  ])('JWT-01 and the good twin is let in: %s', async (_name, headerText, payloadText) => {
    expect(await answerTo(withTexts(headerText, payloadText))).toEqual(LET_IN);
  });
});

describe('JWT-01 other spellings of the same bytes', () => {
  /** A signature part whose last character has bits to spare: 256 bytes leave two characters in the last group. */
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(goodSignature.at(-1)!);
  const sloppy = good.slice(0, -1) + alphabet[last + 1]!;

  test('JWT-01 the sloppy spelling is one that a lenient decoder reads as the same signature', () => {
    expect(sloppy).not.toBe(good);
    expect(Buffer.from(sloppy.split('.')[2]!, 'base64url')).toEqual(Buffer.from(goodSignature, 'base64url'));
  });

  test.each<[string, string]>([
    ['stray bits in the last character', sloppy],
    ['padding', `${good}==`],
    ['padding of the header', `${goodHeader}==.${goodClaims}.${goodSignature}`],
    ['a space inside', `${goodHeader}.${goodClaims}. ${goodSignature}`],
    ['a space at the end', `${good} `],
    ['a tab', `${goodHeader}.\t${goodClaims}.${goodSignature}`],
    ['a line break at the end', `${good}\n`],
    [
      'a line break inside',
      `${goodHeader}.${goodClaims.slice(0, 8)}\r\n${goodClaims.slice(8)}.${goodSignature}`,
    ],
    ['a plus sign', `${goodHeader}.${goodClaims}.+${goodSignature.slice(1)}`],
    ['a slash', `${goodHeader}.${goodClaims}./${goodSignature.slice(1)}`],
    ['a character of no alphabet', `${goodHeader}.${goodClaims}.?${goodSignature}`],
    ['a percent sign', good.replace('.', '%2E')],
    ['a full-width letter', `${goodHeader}.${goodClaims}.Ａ${goodSignature.slice(1)}`],
    ['a null byte', `${good}\u0000`],
    ['a part one character too long', `${goodHeader}.${goodClaims}.${goodSignature}AAA`],
    ['quotes around it', `"${good}"`],
  ])('JWT-01 %s', async (_name, token) => {
    expect(await answerTo(token)).toEqual(MALFORMED);
  });
});

describe('JWT-01 JSON that is none, or too much of it', () => {
  const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

  test.each<[string, string, string]>([
    ['header no JSON', 'RS256', claims],
    ['header a list', `[${header}]`, claims],
    ['header null', 'null', claims],
    ['header a text', '"RS256"', claims],
    ['header with a comment', header.replace('{', '{/**/'), claims],
    ['header with a byte order mark', `\ufeff${header}`, claims],
    ['header with a trailing comma', header.replace('}', ',}'), claims],
    ['header and more', `${header}{}`, claims],
    ['header that never ends', '{"alg":"RS256","kid":"kid-1', claims],
    ['claims no JSON', header, 'foo'],
    ['claims a list', header, `[${claims}]`],
    ['claims null', header, 'null'],
    ['claims a number', header, '1'],
    ['claims in single quotes', header, claims.replaceAll('"', "'")],
    ['claims nested 8 deep below the top', header, claims.replace('{', `{"x":${deep(8)},`)],
    ['claims nested a thousand deep', header, claims.replace('{', `{"x":${deep(1_000)},`)],
    ['header nested 8 deep below the top', header.replace('{', `{"x":${deep(8)},`), claims],
    ['claims of 8 KiB', header, claims.replace('{', `{"x":"${'x'.repeat(6_200)}",`)],
    ['claims of a megabyte', header, claims.replace('{', `{"x":"${'x'.repeat(1_000_000)}",`)],
  ])('JWT-01 %s', async (_name, headerText, payloadText) => {
    expect(await answerTo(withTexts(headerText, payloadText))).toEqual(MALFORMED);
  });

  test.each<[string, string]>([
    ['nested 7 deep below the top', claims.replace('{', `{"x":${deep(7)},`)],
    ['of 5 KiB', claims.replace('{', `{"x":"${'x'.repeat(5_000)}",`)],
  ])('JWT-01 and the good twin is let in: claims %s', async (_name, payloadText) => {
    expect(await answerTo(withTexts(header, payloadText))).toEqual(LET_IN);
  });
});
