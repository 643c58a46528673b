/** What the design relies on of the emulator's HTTP APIs; an upgrade shows here what has changed. */
import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';

import { startTestEmulator, type TestEmulator } from './instance';
import { invocation, lambda } from './probe-api';

type Json = Readonly<Record<string, unknown>>;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Json;
}

interface Probe {
  readonly emulator: TestEmulator;
  readonly url: string;
}

const SECRET = randomBytes(16).toString('hex');
const CERTIFICATE = { clientCertPem: 'PEM', serialNumber: '1' };

/** Answers what the x-verdict header says, with its own event as context of an Allow. */
const AUTHORIZER = `
exports.handler = async (event) => {
  const context = { seen: JSON.stringify(event) };
  switch (event.headers['x-verdict']) {
    case 'allow': return { isAuthorized: true, context };
    case 'forbid': return { isAuthorized: false, context: {} };
    case 'ask': throw new Error('Unauthorized');
    case 'misspelt': throw new Error('unauthorized');
    case 'garbage': return { isAuthorized: 'true' };
    default: throw new Error('broken');
  }
};`;
const BACK_END = `
exports.handler = async (event) => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  cookies: ['one=1; Path=/', 'two=2; Path=/'],
  body: JSON.stringify({ event, authorizer: JSON.parse(event.requestContext.authorizer.lambda.seen) }),
});`;

function template(): object {
  const ApiId = { Ref: 'Api' };
  return {
    Resources: {
      Authorizer: lambda(AUTHORIZER),
      BackEnd: lambda(BACK_END),
      Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'probe', ProtocolType: 'HTTP' } },
      Stage: {
        Type: 'AWS::ApiGatewayV2::Stage',
        Properties: { ApiId, StageName: '$default', AutoDeploy: true },
      },
      FrontDoor: {
        Type: 'AWS::ApiGatewayV2::Authorizer',
        Properties: {
          ApiId,
          Name: 'frontDoor',
          AuthorizerType: 'REQUEST',
          AuthorizerUri: invocation('Authorizer'),
          AuthorizerPayloadFormatVersion: '2.0',
          AuthorizerResultTtlInSeconds: 0,
          EnableSimpleResponses: true,
          IdentitySource: [],
        },
      },
      Integration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId,
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: { 'Fn::GetAtt': ['BackEnd', 'Arn'] },
          PayloadFormatVersion: '2.0',
        },
      },
      Route: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId,
          RouteKey: 'GET /things/{id}',
          AuthorizationType: 'CUSTOM',
          AuthorizerId: { Ref: 'FrontDoor' },
          Target: { 'Fn::Sub': 'integrations/${Integration}' },
        },
      },
    },
    Outputs: { ApiId: { Value: ApiId } },
  };
}

const running: TestEmulator[] = [];
let patched: Probe;
let plain: Probe;

async function probe(isPlain: boolean): Promise<Probe> {
  const emulator = await startTestEmulator({ plain: isPlain, partnerSecret: SECRET });
  running.push(emulator);
  const { ApiId = '' } = await emulator.deploy('probe', template());
  return { emulator, url: `${emulator.url}/_aws/execute-api/${ApiId}` };
}

beforeAll(async () => {
  patched = await probe(false);
  plain = await probe(true);
}, 180_000);

afterAll(async () => {
  await Promise.all(running.map(async (emulator) => emulator.stop()));
}, 60_000);

async function ask(
  at: Probe,
  verdict: string,
  headers: Readonly<Record<string, string | string[]>> = {},
  path = '/things/1',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${at.url}${path}`, { headers: { 'x-verdict': verdict, ...headers } });
    sent.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: JSON.parse(text) as Json,
        });
      });
    });
    sent.once('error', reject);
    sent.end();
  });
}

/** A member of the events that the authorizer and the back end got. */
function both({ body }: Answer, read: (event: Json) => unknown): unknown[] {
  return [read(body['authorizer'] as Json), read(body['event'] as Json)];
}

describe('an HTTP API', () => {
  test('asks the authorizer with payload 2.0, and passes its context on under lambda', async () => {
    const answer = await ask(patched, 'allow');

    expect(answer.status).toBe(200);
    expect(both(answer, ({ version }) => version)).toEqual(['2.0', '2.0']);
    expect(both(answer, ({ routeKey }) => routeKey)).toEqual(['GET /things/{id}', 'GET /things/{id}']);
    expect(answer.body['authorizer']).toMatchObject({
      type: 'REQUEST',
      routeArn: expect.stringMatching(/^arn:/) as string,
      requestContext: { routeKey: 'GET /things/{id}', http: { method: 'GET' } },
    });
    expect(answer.headers['set-cookie']).toEqual(['one=1; Path=/', 'two=2; Path=/']);
  });

  test.each([
    ['forbid', 403, { message: 'Forbidden' }],
    ['misspelt', 500, { message: 'Internal Server Error' }],
    ['broken', 500, { message: 'Internal Server Error' }],
    ['garbage', 500, { message: 'Internal Server Error' }],
  ])('answers the verdict %s by %i', async (verdict, status, body) => {
    expect(await ask(patched, verdict)).toMatchObject({ status, body });
  });

  test('knows no other path or spelling of it, whoever asks', async () => {
    const paths = ['/Things/1', '/things', '/things/1/2', '/things/1/', '/things//1', '/nowhere'];
    const answers = await Promise.all(paths.map((path) => ask(patched, 'allow', {}, path)));

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
    // extra slashes in front are left out, as on AWS; the route and its authorizer are the same
    expect((await ask(patched, 'forbid', {}, '//things/1')).status).toBe(403);
  });

  test('joins a header sent twice by a comma', async () => {
    const answer = await ask(patched, 'allow', { authorization: ['a', 'b'] as never });

    expect(both(answer, ({ headers }) => (headers as Json)['authorization'])).toEqual([
      expect.stringMatching(/^a, ?b$/),
      expect.stringMatching(/^a, ?b$/),
    ]);
  });
});

const gaps: readonly [name: string, observe: (at: Probe) => Promise<unknown>, aws: unknown][] = [
  [
    'cookies_apart: each cookie is an entry, and none is among the headers',
    async (at) => {
      const answer = await ask(at, 'allow', { cookie: 'a=1; b=2' });
      return both(answer, ({ cookies, headers }) => [cookies, (headers as Json)['cookie']]);
    },
    [
      [['a=1', 'b=2'], undefined],
      [['a=1', 'b=2'], undefined],
    ],
  ],
  [
    'unauthorized_is_401: an authorizer that fails with Unauthorized',
    async (at) => {
      const { status, body } = await ask(at, 'ask');
      return { status, body };
    },
    { status: 401, body: { message: 'Unauthorized' } },
  ],
  [
    'http_request_scope: the authorizer, the function and the caller see the same id',
    async (at) => {
      const answer = await ask(at, 'allow');
      const ids = both(answer, ({ requestContext }) => (requestContext as Json)['requestId']);
      return ids.map((id) => id === answer.headers['apigw-requestid'] && /^[\w-]{15}=$/.test(String(id)));
    },
    [true, true],
  ],
  [
    'client_certificate: a listener with the secret hands the certificate over, nobody else does',
    async (at) => {
      const handingOver = (secret: string): Record<string, string> => ({
        'x-sallyport-partner-secret': secret,
        'x-sallyport-client-certificate': Buffer.from(JSON.stringify(CERTIFICATE)).toString('base64'),
      });
      const seen = async (secret: string): Promise<unknown> =>
        both(await ask(at, 'allow', handingOver(secret)), ({ requestContext, headers }) => [
          (requestContext as Json)['authentication'],
          JSON.stringify(headers).includes('sallyport'),
        ]);
      return [await seen(SECRET), await seen('guessed')];
    },
    [
      [
        [{ clientCert: CERTIFICATE }, false],
        [{ clientCert: CERTIFICATE }, false],
      ],
      [
        [undefined, false],
        [undefined, false],
      ],
    ],
  ],
];

describe('a gap of the emulator', () => {
  test.each(gaps)('is filled: %s', async (_name, observe, aws) => {
    expect(await observe(patched)).toEqual(aws);
  });

  test.each(gaps)('is still there without the patch: %s', async (_name, observe, aws) => {
    expect(await observe(plain)).not.toEqual(aws);
  });
});
