/** Project Wycheproof's JSON Web Signature vectors against the bearer check. */
import { cognitoTokens } from '../../lambdas/front-door/adapters/cognito-tokens';
import { bearerCheck } from '../../lambdas/front-door/core/bearer';
import { isCanonicalBase64url } from '../../lambdas/front-door/core/jwt-form';
import { CLIENT, POOL } from '../front-door/tokens';
import { report } from './data';
import { jwsVectors, transplant, type Vector } from './jws-vectors';

const VECTORS = jwsVectors();

/** Why a vector that holds is refused all the same, the first that applies. */
const POLICY: readonly (readonly [string, (vector: Vector) => boolean])[] = [
  ['a symmetric algorithm: whoever can check could sign', ({ alg }) => alg.startsWith('HS')],
  ['an algorithm Cognito does not sign with', ({ alg }) => alg !== 'RS256'],
];
const NO_CLAIMS = 'a payload that is no set of claims';

/** Vectors whose text is that of a good one: what was wrong with them got lost when the suite was written down. */
const SAME_TEXT_AS_VALID = [367, 370];
/** Vectors the suite calls valid though a character outside the alphabet stands in them (RFC 7515 section 2). */
const OUTSIDE_ALPHABET = [372, 373];

async function verdictOf(vector: Vector, token: string): Promise<string> {
  const body = Buffer.from(JSON.stringify({ keys: [vector.verification] }));
  const set = body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength);
  const verify = cognitoTokens({
    userPoolId: POOL,
    clientIds: [CLIENT],
    fetcher: { fetch: () => Promise.resolve(set) },
    clock: Date.now,
  });
  const result = await bearerCheck('cognito', verify)(
    { method: 'GET', headers: { authorization: [`Bearer ${token}`] } },
    [],
  );
  return result.ok ? 'accepted' : `${result.failure} ${result.reason}`;
}

function refusalByPolicy(vector: Vector): string | undefined {
  return POLICY.find(([, applies]) => applies(vector))?.[0];
}

function tally(lines: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts].map(([line, count]) => `  ${count} ${line}`).join('\n');
}

const titled = (vectors: readonly Vector[]): (readonly [string, Vector])[] =>
  vectors.map((vector) => [`${vector.id} ${vector.group} ${vector.comment} (${vector.result})`, vector]);

test('JWT-01 the suite is the one these expectations were written for', () => {
  expect(VECTORS).toHaveLength(401);
  expect(VECTORS.filter(({ result }) => result === 'valid')).toHaveLength(46);
});

describe('JWT-01 as they stand: none is let in, since none carries claims', () => {
  const verdicts: string[] = [];

  afterAll(() => {
    report(`wycheproof as it stands, ${verdicts.length} vectors:\n${tally(verdicts)}`);
  });

  test.each(titled(VECTORS))('JWT-01 %s', async (_name, vector) => {
    const verdict = await verdictOf(vector, vector.jws);
    const why =
      vector.result === 'invalid' ? 'invalid' : `valid, but ${refusalByPolicy(vector) ?? NO_CLAIMS}`;
    verdicts.push(`refused: ${why}`);

    // an empty text leaves the scheme alone, which is malformed too
    expect(verdict).toBe('invalid credentials_malformed');
  });
});

describe('JWT-01 transplanted onto tokens that hold but for the flaw', () => {
  const carried = VECTORS.filter((vector) => transplant(vector) !== undefined);
  const verdicts: string[] = [];

  afterAll(() => {
    report(`wycheproof transplanted, ${verdicts.length} vectors:\n${tally(verdicts)}`);
  });

  test('JWT-01 all vectors of three parts are carried over', () => {
    expect(carried.map(({ id }) => id)).toEqual(
      VECTORS.filter(({ jws }) => jws.split('.').length === 3).map(({ id }) => id),
    );
  });

  test.each(titled(carried))('JWT-01 %s', async (_name, vector) => {
    const verdict = await verdictOf(vector, transplant(vector) ?? '');
    const policy = refusalByPolicy(vector);
    verdicts.push(
      verdict === 'accepted'
        ? `accepted: ${vector.result}`
        : `refused: ${vector.result === 'valid' ? `valid, but ${policy ?? 'for no reason'}` : `invalid, ${verdict}`}`,
    );

    const admitted = vector.result === 'valid' && policy === undefined;
    expect(verdict).toMatch(admitted ? /^accepted$/ : /^invalid (credentials_malformed|token_\w+)$/);
  });

  test('JWT-01 what is let in is every RS256 vector that holds', async () => {
    const accepted: number[] = [];
    for (const vector of carried) {
      if ((await verdictOf(vector, transplant(vector) ?? '')) === 'accepted') accepted.push(vector.id);
    }

    expect(accepted).toEqual(
      VECTORS.filter(({ result, alg }) => result === 'valid' && alg === 'RS256').map(({ id }) => id),
    );
    expect(accepted).toHaveLength(8);
  });

  test('JWT-01 RS256 vectors that are invalid reach the signature, and are not refused for their form', async () => {
    const wrong = carried.filter(
      ({ result, alg, group, jws }) =>
        result === 'invalid' && alg === 'RS256' && group === 'rs256' && !/\.\.|\.$/.test(jws),
    );
    const reasons = await Promise.all(wrong.map((vector) => verdictOf(vector, transplant(vector) ?? '')));

    expect(wrong.length).toBeGreaterThan(200);
    expect(tally(reasons)).toBe(
      [`  ${wrong.length - 1} invalid token_signature_invalid`, '  1 invalid token_key_unknown'].join('\n'),
    );
  });
});

describe('JWT-01 base64url of the sloppy-encoding group', () => {
  test.each(titled(VECTORS.filter(({ group }) => group === 'base64')))('JWT-01 %s', (_name, vector) => {
    const canonical = vector.jws.split('.').every(isCanonicalBase64url);
    const expected = SAME_TEXT_AS_VALID.includes(vector.id)
      ? true
      : vector.result === 'valid' && !OUTSIDE_ALPHABET.includes(vector.id);

    expect(canonical).toBe(expected);
  });

  test('JWT-01 the two exceptions are what they are said to be', () => {
    const textOf = (id: number): string | undefined => VECTORS.find((vector) => vector.id === id)?.jws;

    expect(SAME_TEXT_AS_VALID.map(textOf)).toEqual([textOf(357), textOf(357)]);
    expect(OUTSIDE_ALPHABET.map((id) => /[^\w.-]/.exec(textOf(id) ?? '')?.[0])).toEqual(['?', '?']);
  });
});
