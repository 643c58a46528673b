/** AUTHZ-04: the deployed authorizer in front of client certificates while S3 is down, slow, throttled or talks nonsense. */
import { X509Certificate } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { manifestText } from '../../lambdas/mtls/core/manifest';
import { accepted, Authority, bytesOf } from '../mtls/authority';
import { authorityKeyId, makeCertificate, pem } from '../mtls/make-crl';
import { Deployed, type Invocation } from './deployed';
import { authorizerEvent, httpAuthorizerEvent } from './events';

type Behave = (request: IncomingMessage, response: ServerResponse) => void;

const NOW = Math.floor(Date.now() / 1000);
const ca = new Authority('CA');
const POLICY = {
  api: 'rest',
  schemes: { clientCertificate: 'client-certificate' },
  operations: { 'GET /partner/orders': [[{ scheme: 'clientCertificate', scopes: [] }]] },
};

function eventOf(serial: bigint, ...extensions: readonly Buffer[]): object {
  const event = authorizerEvent({ resource: '/partner/orders' });
  const der = makeCertificate({ subject: 'client', issuer: 'CA', serial, keys: ca.keys, extensions });
  event.requestContext['identity'] = { clientCert: { clientCertPem: pem('CERTIFICATE', der) } };
  return event;
}

const effectOf = (invocation: Invocation): unknown =>
  'error' in invocation
    ? invocation.error
    : (invocation.result as { policyDocument: { Statement: { Effect: string }[] } }).policyDocument
        .Statement[0]?.Effect;

let server: Server;
let behave: Behave;
let serve: Behave;
let url: string;
/** An index of the same form in which the revoked certificate is not. */
let foreign: Buffer;
let manifest: string;
let index: Buffer;
/** Of a list of another CA. */
let foreignManifest: string;

beforeAll(async () => {
  const list = ca.list([{ serial: 7n }], { thisUpdate: NOW - 60, nextUpdate: NOW + 86_400 });
  const compiled = accepted(await ca.compile(list, { now: NOW }));
  manifest = manifestText(compiled.manifest);
  index = bytesOf(compiled);
  const stranger = new Authority('Stranger');
  const strange = stranger.list([], { thisUpdate: NOW - 60, nextUpdate: NOW + 86_400 });
  foreignManifest = manifestText(accepted(await stranger.compile(strange, { now: NOW })).manifest);
  const others = ca.list([{ serial: 9n }], { thisUpdate: NOW - 60, nextUpdate: NOW + 86_400 });
  foreign = bytesOf(accepted(await ca.compile(others, { now: NOW })));
  serve = (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3');
    if (searchParams.get('list-type') === '2') {
      response.writeHead(200, { 'content-type': 'application/xml' });
      response.end(
        '<ListBucketResult><Name>lists</Name><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated><Contents><Key>current/ca.cache.json</Key><ETag>"1"</ETag></Contents></ListBucketResult>',
      );
    } else if (pathname.endsWith('.cache.json')) {
      if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
      else response.writeHead(200, { etag: '"1"' }).end(manifest);
    } else {
      response.writeHead(200, { etag: '"2"' }).end(index);
    }
  };
  server = createServer((request, response) => {
    behave(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const started: Deployed[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((door) => door.stop()));
});

async function open(policy: object = POLICY): Promise<Deployed> {
  const door = await Deployed.start(
    'front-door/authorize.handler.ts',
    {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      LISTS_BUCKET: 'lists',
      FRESHNESS: 'hard',
      REVALIDATE_SECONDS: '0',
      MAXIMUM_STALE_SECONDS: '3600',
      INDEX_MEMORY_MIB: '64',
    },
    { 'policy.json': JSON.stringify(policy) },
  );
  started.push(door);
  return door;
}

/** Everything as it should be but one kind of object; `undefined` is one that is not there. */
function instead(part: string, body: () => string | Uint8Array | undefined): Behave {
  return (request, response) => {
    if (request.url?.includes(part) !== true) serve(request, response);
    else if (body() === undefined) response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    else response.writeHead(200, { etag: '"0"' }).end(body());
  };
}

const listing = '<ListBucketResult><Name>lists</Name><KeyCount>0</KeyCount></ListBucketResult>';
const FAULTS: readonly (readonly [string, Behave, string])[] = [
  ['refuses connections', (request) => request.socket.destroy(), 'lists_unavailable'],
  [
    'is throttled',
    (_request, response) => response.writeHead(503).end('<Error><Code>SlowDown</Code></Error>'),
    'lists_unavailable',
  ],
  [
    'denies access',
    (_request, response) => response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>'),
    'lists_unavailable',
  ],
  ['never answers', () => undefined, 'lists_unavailable'],
  [
    'stops in the middle of an answer',
    (_request, response) => {
      response.writeHead(200, { 'content-length': '100000' });
      response.write('<');
    },
    'lists_unavailable',
  ],
  [
    'drips a manifest',
    (request, response) => {
      if (request.url?.includes('.cache.json') !== true) {
        serve(request, response);
        return;
      }
      response.writeHead(200, { etag: '"1"', 'content-length': '1000' });
      // so that the connection is never idle
      const drip = setInterval(() => response.write(' '), 100);
      response.on('close', () => {
        clearInterval(drip);
      });
    },
    'lists_unavailable',
  ],
  [
    'answers something else',
    (_request, response) => response.writeHead(200).end('<Other/>'),
    'lists_unavailable',
  ],
  ['answers garbage', (_request, response) => response.writeHead(200).end('<html>'), 'lists_unavailable'],
  ['has a manifest that is no JSON', instead('.cache.json', () => 'no'), 'lists_unavailable'],
  ['has an empty manifest', instead('.cache.json', () => ''), 'lists_unavailable'],
  ['has a manifest cut short', instead('.cache.json', () => manifest.slice(0, -20)), 'lists_unavailable'],
  [
    'has a manifest of a version to come',
    instead('.cache.json', () => manifest.replace('"version": 2', '"version": 3')),
    'lists_unavailable',
  ],
  [
    'has a manifest whose issuer somebody changed',
    instead('.cache.json', () => manifest.replace(/"hash": "[^"]*"/, `"hash": "${'0'.repeat(64)}"`)),
    'lists_unavailable',
  ],
  ['has a manifest of another issuer', instead('.cache.json', () => foreignManifest), 'list_missing'],
  ['has no index', instead('/indexes/', () => undefined), 'lists_unavailable'],
  ['has an empty index', instead('/indexes/', () => ''), 'lists_unavailable'],
  ['has an index cut short', instead('/indexes/', () => index.subarray(0, -1)), 'lists_unavailable'],
  ['has no lists', (_request, response) => response.writeHead(200).end(listing), 'list_missing'],
];

test.each(FAULTS)(
  'AUTHZ-04 S3 %s: refused within the time of the function, and let in when it is over',
  async (_name, fault, reason) => {
    const door = await open();
    behave = fault;
    expect(effectOf(await door.invoke(eventOf(8n)))).toBe('Unauthorized');
    expect(door.output).toContain(`"Reason":"${reason}"`);
    expect(door.output).toContain('"FrontDoorTrouble":1');

    behave = serve;
    // it asks again after a pause
    let effect: unknown;
    for (let tries = 0; tries < 100 && effect !== 'Allow'; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      effect = effectOf(await door.invoke(eventOf(8n)));
    }
    expect(effect).toBe('Allow');
    expect(effectOf(await door.invoke(eventOf(7n)))).toBe('Unauthorized');
    expect(door.output).toContain('"Reason":"certificate_revoked"');
  },
  60_000,
);

test('AUTHZ-04 an index that is not the one its manifest names opens nothing', async () => {
  const door = await open();
  behave = (request, response) => {
    if (request.url?.includes('/indexes/') === true) response.writeHead(200).end(foreign);
    else serve(request, response);
  };

  expect(effectOf(await door.invoke(eventOf(7n)))).toBe('Unauthorized');
  expect(effectOf(await door.invoke(eventOf(8n)))).toBe('Unauthorized');
  expect(door.output).not.toContain('"Reason":"certificate_revoked"');
  expect(door.output).toContain('"Reason":"lists_unavailable"');
  behave = serve;
  expect(effectOf(await door.invoke(eventOf(8n)))).toBe('Allow');
}, 60_000);

test('why no list speaks of a certificate is in the log', async () => {
  const door = await open();
  behave = serve;

  expect(effectOf(await door.invoke(eventOf(8n, authorityKeyId('010203'))))).toBe('Unauthorized');
  expect(door.output).toContain('"why":"issuer_key_differs"');
}, 60_000);

test('CRL-02 a verified list goes on, marked, while S3 does not answer', async () => {
  const door = await open();
  behave = serve;
  expect(effectOf(await door.invoke(eventOf(8n)))).toBe('Allow');
  behave = (request) => request.socket.destroy();

  const answer = await door.invoke(eventOf(8n));
  expect(effectOf(answer)).toBe('Allow');
  expect(answer).toMatchObject({ result: { context: { certificateStatus: 'unconfirmed' } } });
  expect(door.output).toContain('"RevocationListReadsFailed":1');
  expect(effectOf(await door.invoke(eventOf(7n)))).toBe('Unauthorized');
}, 60_000);

describe('an HTTP API', () => {
  const FORBIDDEN = { result: { isAuthorized: false, context: {} } };
  let door: Deployed;

  beforeEach(async () => {
    behave = serve;
    door = await open({ ...POLICY, api: 'http' });
  });

  /** As API Gateway writes it: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mutual-tls.html. */
  function clientCertOf(serial: bigint): object {
    const der = makeCertificate({ subject: 'client', issuer: 'CA', serial, keys: ca.keys });
    const { subject, issuer, validFrom, validTo } = new X509Certificate(der);
    return {
      clientCertPem: pem('CERTIFICATE', der),
      subjectDN: subject,
      issuerDN: issuer,
      serialNumber: serial.toString(16).padStart(2, '0'),
      validity: { notBefore: validFrom, notAfter: validTo },
    };
  }

  function httpEvent(context: object, headers: Record<string, string[]> = {}): object {
    const event = httpAuthorizerEvent({ resource: '/partner/orders', headers });
    return { ...event, requestContext: { ...event.requestContext, ...context } };
  }

  const withCertificate = (serial: bigint): object =>
    httpEvent({ authentication: { clientCert: clientCertOf(serial) } });

  test('a good certificate opens, with the caller in the context, and a revoked one does not', async () => {
    expect(await door.invoke(withCertificate(8n))).toMatchObject({
      result: { isAuthorized: true, context: { subject: 'CN=client', certificateStatus: 'fresh' } },
    });
    expect(await door.invoke(withCertificate(7n))).toEqual(FORBIDDEN);
    expect(door.output).toContain('"Reason":"certificate_revoked"');
  });

  test.each<[string, () => object, string]>([
    ['no handshake', () => httpEvent({}), 'certificate_missing'],
    ['null, as without mutual TLS', () => httpEvent({ authentication: null }), 'certificate_missing'],
    [
      'where a REST API has it',
      () => httpEvent({ identity: { clientCert: clientCertOf(8n) } }),
      'certificate_missing',
    ],
    [
      'in a header',
      () => httpEvent({}, { 'x-client-cert': [JSON.stringify(clientCertOf(8n))] }),
      'certificate_missing',
    ],
    [
      'the content of the sample',
      () =>
        httpEvent({ authentication: { clientCert: { ...clientCertOf(8n), clientCertPem: 'CERT_CONTENT' } } }),
      'certificate_malformed',
    ],
    [
      'another serial beside it',
      () => httpEvent({ authentication: { clientCert: { ...clientCertOf(8n), serialNumber: 'a1:a1' } } }),
      'certificate_contradictory',
    ],
  ])('CRL-09 what counts is the certificate of the context: %s', async (_name, event, reason) => {
    expect(await door.invoke(event())).toEqual(FORBIDDEN);
    expect(door.output).toContain(`"Reason":"${reason}"`);
    expect(await door.invoke(withCertificate(8n))).toMatchObject({ result: { isAuthorized: true } });
  });
});
