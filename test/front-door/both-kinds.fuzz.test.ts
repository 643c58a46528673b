/** A request is judged the same, whichever kind of API tells of it. */
import fc from 'fast-check';

import { sessionCheck } from '../../lambdas/cookie-auth/check';
import type { Policy } from '../../lambdas/front-door/contract';
import { answer, type Outcome } from '../../lambdas/front-door/core/answer';
import { bearerCheck, type VerifyAccessToken } from '../../lambdas/front-door/core/bearer';
import { authorizerEvent, httpAuthorizerEvent, POLICY, type EventParts } from './events';

jest.setTimeout(300_000);

const SITE = 'https://site.example';
const IDENTITY = { subject: 's', clientId: 'c', scopes: ['widgets/read'], groups: [] };
const credulous: VerifyAccessToken = () => Promise.resolve({ ok: true, token: IDENTITY });
const CHECKS = {
  cognito: bearerCheck('cognito', credulous),
  session: sessionCheck('session', {
    siteUrl: () => SITE,
    resolve: async (cookie) =>
      cookie === 'good'
        ? ({ ok: true, session: { content: { identity: IDENTITY } } } as never)
        : { ok: false, failure: 'invalid', reason: 'session_invalid' },
  }),
};
const operations: Policy['operations'] = Object.fromEntries(
  Object.entries(POLICY.operations).map(([name, alternatives]) => [
    name,
    [...alternatives, ...alternatives.map(([bearer]) => [{ scheme: 'session', scopes: bearer!.scopes }])],
  ]),
);
const schemes = { cognito: 'cognito-access-token', session: 'cookie-session' } as const;
const REST: Policy = { api: 'rest', schemes, operations };
const HTTP: Policy = { api: 'http', schemes, operations };
const TOKEN = ['{"alg":"RS256","kid":"k"}', '{}', 'x']
  .map((text) => Buffer.from(text).toString('base64url'))
  .join('.');

/** Header values as lines of a request: no comma inside, since it is what joins them. */
function lines(...values: string[]): fc.Arbitrary<string[]> {
  const any = fc.string({ unit: fc.constantFrom(...Array.from('abBearer =.;_-1x')), maxLength: 12 });
  // spaces around a value are not part of it (RFC 9110 section 5.5)
  return fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...values) },
      any.map((text) => text.trim()),
    ),
    {
      maxLength: 2,
    },
  );
}

const request: fc.Arbitrary<EventParts> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'DELETE', 'get'),
  resource: fc.constantFrom('/widgets', '/widgets/{widgetId}', '/info', '/ping', '/Widgets', '/widgets/'),
  path: fc.constantFrom('/widgets', '/info', '//widgets', '/widgets/1'),
  headers: fc.record(
    {
      Authorization: lines(`Bearer ${TOKEN}`, `bearer ${TOKEN}`, 'Basic eA==', 'Bearer x'),
      Cookie: lines(
        '__Host-session=good',
        '__Host-session=bad',
        'a=1; __Host-session=good',
        'x__Host-session=good',
      ),
      'X-Sallyport-CSRF': lines('1', '1', '0'),
      Origin: lines(SITE, SITE, 'https://evil.example', 'null'),
      'Sec-Fetch-Site': lines('same-origin', 'same-origin', 'cross-site'),
    },
    { requiredKeys: [] },
  ),
});

/** One of each verdict, so that none is left to chance. */
const EXAMPLES: [EventParts][] = [
  { method: 'GET', headers: { Cookie: ['__Host-session=good'] } },
  { method: 'GET', headers: {} },
  { method: 'POST', headers: { Cookie: ['__Host-session=good'] } },
].map((parts) => [{ resource: '/widgets', path: '/widgets', ...parts }]);

async function ask(event: unknown, policy: Policy): Promise<Outcome> {
  return answer(event, policy, CHECKS);
}

/** The status a caller sees and the caller a back end sees. */
function meaning({ answer: given }: Outcome, policy: Policy): unknown {
  if (given === 'thrown') return policy.api === 'rest' ? 403 : 401;
  if ('isAuthorized' in given) return given.isAuthorized ? given.context : 403;
  return given.policyDocument.Statement[0].Effect === 'Allow' ? given.context : 401;
}

test('AUTHZ-01 AUTHZ-03 the same request as payload 1.0 of a REST API and 2.0 of an HTTP API: same verdict, reason, log and caller', async () => {
  const verdicts = new Set<string>();
  await fc.assert(
    fc.asyncProperty(request, async (parts) => {
      const [rest, http] = [
        await ask(authorizerEvent(parts), REST),
        await ask(httpAuthorizerEvent(parts), HTTP),
      ];
      verdicts.add(rest.decision.verdict);

      expect({ ...http.decision, requestId: '' }).toEqual({ ...rest.decision, requestId: '' });
      expect(meaning(http, HTTP)).toEqual(meaning(rest, REST));
    }),
    { examples: EXAMPLES },
  );

  expect([...verdicts].sort()).toEqual(['allow', 'deny', 'forbid']);
});

test('AUTHZ-01 neither kind is let in where the other is served, whatever the request', async () => {
  await fc.assert(
    fc.asyncProperty(request, async (parts) => {
      const crossed = [await ask(authorizerEvent(parts), HTTP), await ask(httpAuthorizerEvent(parts), REST)];

      expect(crossed.map(({ decision }) => [decision.verdict, decision.reason])).toEqual([
        ['deny', 'event_not_served'],
        ['deny', 'event_not_served'],
      ]);
    }),
  );
});

test('AUTHZ-01 no event of an HTTP API with one member replaced is let in on another route, nor makes the door throw', async () => {
  const good = httpAuthorizerEvent({ token: TOKEN });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(good)), fc.anything(), async (name, value) => {
      const { decision } = await ask({ ...good, [name]: value }, HTTP);

      expect(['', 'unknown', 'GET /widgets']).toContain(decision.operation);
    }),
  );
});
