/** Properties of the front door over random input. */
import fc from 'fast-check';

import { hasUniqueMembers } from '../../lambdas/_kernel/input';
import { answer } from '../../lambdas/front-door/core/answer';
import { bearerCheck, type VerifyAccessToken } from '../../lambdas/front-door/core/bearer';
import { isCanonicalBase64url, isWellFormedJwt } from '../../lambdas/front-door/core/jwt-form';
import { decide, type Check } from '../../lambdas/front-door/core/verdict';
import { authorizerEvent, POLICY } from './events';

// `npm run test:long` runs each property 20,000 times
jest.setTimeout(300_000);

/** Lets in whatever has the form of a token, so that nothing but form and routing stands before an Allow. */
const credulous: VerifyAccessToken = () =>
  Promise.resolve({
    ok: true,
    token: { subject: 's', clientId: 'c', scopes: ['widgets/read', 'widgets/write'], groups: [] },
  });
const CHECKS = { cognito: bearerCheck('cognito', credulous) };
const WELL_FORMED = ['{"alg":"RS256","kid":"k"}', '{}', 'x']
  .map((text) => Buffer.from(text).toString('base64url'))
  .join('.');

/** Anything an event may hold, with the names and values that the front door looks for among it. */
const names = fc.oneof(
  fc.constantFrom(
    'type',
    'version',
    'methodArn',
    'resource',
    'httpMethod',
    'headers',
    'multiValueHeaders',
    'Authorization',
    'requestContext',
    'resourcePath',
    '__proto__',
    'constructor',
  ),
  fc.string(),
);
const leaves = fc.oneof(
  fc.constantFrom<unknown>(
    'REQUEST',
    'TOKEN',
    'GET',
    '/widgets',
    'arn:aws:execute-api:x',
    '2.0',
    `Bearer ${WELL_FORMED}`,
    'Bearer x',
    null,
    undefined,
  ),
  fc.string(),
  fc.double(),
  fc.boolean(),
);
const { value: anything } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaves,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(names, tie('value')), { maxLength: 8 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

const DENY_ALL = {
  Version: '2012-10-17',
  Statement: [{ Action: 'execute-api:Invoke', Effect: 'Deny', Resource: '*' }],
};

/** What whoever sent the event is told; an HTTP API is told nothing but the error. */
async function effectOf(event: unknown): Promise<unknown> {
  const { answer: result } = await answer(event, POLICY, CHECKS);
  return result !== 'thrown' && 'policyDocument' in result ? result.policyDocument : result;
}

test('the good twin: a token of the right form, in an event of the right form, is let in by the stub', async () => {
  const { methodArn } = authorizerEvent();

  expect(await effectOf(authorizerEvent({ token: WELL_FORMED }))).toEqual({
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: methodArn }],
  });
});

test('AUTHZ-01 no random event is let in, nor makes the door throw', async () => {
  await fc.assert(
    fc.asyncProperty(anything, async (event) => {
      expect([DENY_ALL, 'thrown']).toContainEqual(await effectOf(event));
    }),
  );
});

test('AUTHZ-01 no event with one member replaced is let in on another method, nor makes the door throw', async () => {
  const good = authorizerEvent({ token: WELL_FORMED });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(good)), anything, async (name, value) => {
      const policy = await effectOf({ ...good, [name]: value });
      const allowed = {
        ...DENY_ALL,
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: good.methodArn }],
      };
      const own =
        name === 'methodArn'
          ? { ...allowed, Statement: [{ ...allowed.Statement[0], Resource: value }] }
          : allowed;

      expect([DENY_ALL, 'thrown', own]).toContainEqual(policy);
    }),
  );
});

test('JWT-01 no random Authorization header is let in', async () => {
  const header = fc.oneof(
    fc.string(),
    fc.string().map((text) => `Bearer ${text}`),
    fc
      .tuple(fc.base64String(), fc.base64String(), fc.base64String())
      .map((parts) => `Bearer ${parts.join('.')}`),
    fc
      .tuple(fc.json(), fc.json(), fc.string())
      .map((parts) => `Bearer ${parts.map((part) => Buffer.from(part).toString('base64url')).join('.')}`),
  );
  await fc.assert(
    fc.asyncProperty(header, async (value) => {
      expect(await effectOf(authorizerEvent({ headers: { authorization: [value] } }))).toEqual(DENY_ALL);
    }),
  );
});

test('JWT-01 a token changed in any one character is of the same form only if it still is canonical', () => {
  fc.assert(
    fc.property(
      fc.nat(WELL_FORMED.length - 1),
      fc.string({ minLength: 1, maxLength: 1 }),
      (place, character) => {
        const changed = WELL_FORMED.slice(0, place) + character + WELL_FORMED.slice(place + 1);
        const canonical = changed
          .split('.')
          .every((part) => part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part);

        expect(isWellFormedJwt(changed) && !canonical).toBe(false);
      },
    ),
  );
});

test('JWT-01 base64url is canonical exactly if encoding what it decodes to gives it back', () => {
  const text = fc.oneof(
    fc.string(),
    fc.base64String(),
    fc.string({ unit: fc.constantFrom(...Array.from('ABQZagwz0129-_+/=')) }),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  );
  fc.assert(
    fc.property(text, (value) => {
      const expected = value !== '' && Buffer.from(value, 'base64url').toString('base64url') === value;

      expect(isCanonicalBase64url(value)).toBe(expected);
    }),
  );
});

/** Deepest nesting the form check lets pass. */
const MAX_DEPTH = 8;

interface Sample {
  readonly text: string;
  readonly unique: boolean;
  readonly depth: number;
}

/** One name in any spelling JSON has for it. */
const spelledName = fc
  .tuple(fc.constantFrom('a', 'b', 'ab', '"', '\\', '__proto__', 'é', ''), fc.infiniteStream(fc.boolean()))
  .map(([name, escaped]) => ({
    name,
    text: `"${Array.from(name)
      .map((character) => {
        const must = character === '"' || character === '\\';
        const { value } = escaped.next() as { value: boolean };
        if (value) return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
        return must ? `\\${character}` : character;
      })
      .join('')}"`,
  }));
const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 40 });

/** JSON written by hand: the reference knows whether a name stands twice because it put it there. */
const { json } = fc.letrec<{ json: Sample }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 10, depthSize: 'small' },
    fc
      .constantFrom('1', 'null', '"a"', '"{\\"a\\":1,\\"a\\":2}"', '"\\""', '"[[[[[[[[[["', 'true')
      .map((text) => ({ text, unique: true, depth: 0 })),
    fc.array(tie('json'), { maxLength: 3 }).map((items) => ({
      text: `[${items.map(({ text }) => text).join(',')}]`,
      unique: items.every(({ unique }) => unique),
      depth: 1 + Math.max(0, ...items.map(({ depth }) => depth)),
    })),
    fc.array(fc.tuple(spelledName, space, space, tie('json')), { maxLength: 4 }).map((members) => ({
      text: `{${members.map(([name, before, after, { text }]) => `${after}${name.text}${before}:${after}${text}${before}`).join(',')}}`,
      unique:
        new Set(members.map(([{ name }]) => name)).size === members.length &&
        members.every(([, , , { unique }]) => unique),
      depth: 1 + Math.max(0, ...members.map(([, , , { depth }]) => depth)),
    })),
  ),
}));

test('the samples of the next property are of both kinds', () => {
  const samples = fc.sample(json, 2_000);
  const unique = samples.filter((sample) => sample.unique).length;

  expect(Math.min(unique, samples.length - unique)).toBeGreaterThan(100);
});

test('JWT-01 members are found to be unique exactly where the reference made them so', () => {
  fc.assert(
    fc.property(json, ({ text, unique, depth }) => {
      JSON.parse(text);

      expect(hasUniqueMembers(text, MAX_DEPTH)).toBe(unique && depth <= MAX_DEPTH);
    }),
  );
});

test('what opens is exactly an alternative that is not empty and whose schemes all hold', async () => {
  const schemes = ['up', 'down', 'throws', 'nobody'] as const;
  const checks: Record<string, Check> = {
    up: () =>
      Promise.resolve({
        ok: true,
        caller: { subject: 's', clientId: 'c', scheme: 'up', scopes: [], groups: [] },
      }),
    down: () => Promise.resolve({ ok: false, failure: 'invalid', reason: 'token_expired' }),
    throws: () => Promise.reject(new Error('on purpose')),
  };
  const policy = fc.array(fc.array(fc.constantFrom(...schemes), { maxLength: 3 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(policy, async (alternatives) => {
      const opens = alternatives.some((all) => all.length > 0 && all.every((scheme) => scheme === 'up'));
      const { verdict } = await decide(
        alternatives.map((all) => all.map((scheme) => ({ scheme, scopes: [] }))),
        checks,
        { method: 'GET', headers: {} },
      );

      expect(verdict === 'allow').toBe(opens);
    }),
  );
});
