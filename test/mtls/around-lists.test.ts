/** What runs around published lists, as it is deployed: fetching, the canary, the other enforcement points. */
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, LookupFunction } from 'node:net';

import { CloudFrontKeyValueStoreClient } from '@aws-sdk/client-cloudfront-keyvaluestore';

import { readStore, writeStore } from '../../lambdas/mtls/adapters/key-value-store';
import { storeChange } from '../../lambdas/mtls/core/elsewhere';
import { manifestText } from '../../lambdas/mtls/core/manifest';
import { Deployed } from '../front-door/deployed';
import { accepted, Authority, bytesOf } from './authority';
import { der, extension, issuingPoint, makeCertificate, makeKeys, pem, sequence } from './make-crl';
import { S3Server } from './s3-server';

const AWS = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};
const ca = new Authority('CA');

// each starts servers, and on a busy machine bundles take a while
jest.setTimeout(60_000);

let s3: S3Server;
const servers: Server[] = [];
const running: Deployed[] = [];

beforeEach(async () => {
  s3 = await S3Server.start();
});

afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await s3.stop();
});

async function deployed(handler: string, environment: Readonly<Record<string, string>>): Promise<Deployed> {
  const one = await Deployed.start(`mtls/${handler}.handler.ts`, {
    ...AWS,
    AWS_ENDPOINT_URL: s3.url,
    LISTS_BUCKET: 'lists',
    ...environment,
  });
  running.push(one);
  return one;
}

/** @returns address without path */
async function listening(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Ways to write where this machine is, by name and by address. */
const HOSTS = ['127.0.0.1', 'localhost', '0x7f000001', '2130706433', '127.1', '[::1]', '[::ffff:127.0.0.1]'];

describe('fetching lists', () => {
  const list = ca.list([{ serial: 7n }]);
  const stored = 'lists/uploads/partner.crl';
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let asked: IncomingMessage[];
  let fetcher: Deployed;

  beforeEach(async () => {
    asked = [];
    const host = await listening(
      createServer((request, response) => {
        asked.push(request);
        answer(request, response);
      }),
    );
    // a second name of the same source, which may not be at a private address
    const port = host.split(':')[1] ?? '';
    const sources = [
      { name: 'partner', url: `http://${host}/partner.crl`, allowPrivateAddresses: true },
      ...HOSTS.map((one, i) => ({ name: `not-allowed-${i}`, url: `http://${one}:${port}/partner.crl` })),
      { name: 'link-local', url: 'http://169.254.169.254/latest/', allowPrivateAddresses: true },
    ];
    fetcher = await deployed('fetch-lists', { FETCH_SOURCES: JSON.stringify(sources) });
  });

  test('a list is uploaded when it changed, and asked for with what was known of it', async () => {
    answer = (request, response) => {
      const known = request.headers['if-none-match'] === '"one"';
      response.writeHead(known ? 304 : 200, { etag: '"one"' }).end(known ? undefined : list);
    };
    expect(await fetcher.invoke({ name: 'partner' })).toEqual({ result: undefined });
    expect(s3.body(stored)?.equals(list)).toBe(true);
    await fetcher.invoke({ name: 'partner' });

    expect(asked).toHaveLength(2);
    expect(s3.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(1);
  });

  test('a source without ETag is compared by content', async () => {
    answer = (_, response) => response.end(list);
    await fetcher.invoke({ name: 'partner' });
    await fetcher.invoke({ name: 'partner' });

    expect(s3.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(1);
  });

  test('a redirect is not followed, an error and an unreachable source change nothing and are counted', async () => {
    answer = (_, response) => response.end(list);
    const elsewhere = await listening(createServer((_, response) => response.end('secret')));
    const answers: (typeof answer)[] = [
      (_, response) => response.writeHead(302, { location: `http://${elsewhere}/` }).end(),
      (_, response) => response.writeHead(500).end(),
      (request) => request.socket.destroy(),
    ];
    for (const one of answers) {
      answer = one;
      expect(await fetcher.invoke({ name: 'partner' })).toEqual({ result: undefined });
      expect(s3.body(stored)).toBeUndefined();
    }

    expect(fetcher.output.match(/"RevocationListFetchFailed":1/g)).toHaveLength(answers.length);
  });

  test('FETCH-01 a private address is connected to only where the setting says so', async () => {
    answer = (_, response) => response.end(list);
    for (const i of HOSTS.keys()) await fetcher.invoke({ name: `not-allowed-${i}` });
    expect(asked).toEqual([]);
    expect(fetcher.output.match(/"reason":"address_not_allowed"/g)).toHaveLength(HOSTS.length);
    await fetcher.invoke({ name: 'partner' });

    expect(asked).toHaveLength(1);
    expect(s3.body(stored)?.equals(list)).toBe(true);
  });

  test('FETCH-01 a link-local address is never connected to', async () => {
    await fetcher.invoke({ name: 'link-local' });

    expect(fetcher.output).toContain('"reason":"address_not_allowed"');
  });

  test('FETCH-02 more than the limit, and a list that is cut short, are not uploaded', async () => {
    const answers: (typeof answer)[] = [
      (_, response) => {
        const mebibyte = Buffer.alloc(1024 * 1024);
        const write = (): void => {
          while (!response.destroyed && response.write(mebibyte));
        };
        response.on('drain', write);
        write();
      },
      (_, response) => {
        response.writeHead(200, { 'content-length': list.length });
        response.write(list.subarray(0, 20), () => response.destroy());
      },
    ];
    for (const one of answers) {
      answer = one;
      await fetcher.invoke({ name: 'partner' });
      expect(s3.body(stored)).toBeUndefined();
    }

    expect(fetcher.output).toContain('"reason":"too_large"');
    expect(fetcher.output).toContain('"reason":"unreachable"');
  });

  test('an event names no address: what is not in the settings is not fetched', async () => {
    answer = (_, response) => response.end(list);

    expect(await fetcher.invoke({ name: 'other', url: 'http://127.0.0.1/' })).toHaveProperty('error');
    expect(asked).toEqual([]);
  });
});

describe('the canary', () => {
  const server = makeKeys('ecdsa-p256');
  const serverCertificate = makeCertificate({
    subject: 'partner',
    issuer: 'CA',
    keys: server,
    signer: ca.keys,
    extensions: [extension('2.5.29.17', sequence(der(0x87, [127, 0, 0, 1])))],
  });
  const client = makeKeys('ecdsa-p256');
  const clientCertificate = makeCertificate({
    subject: 'canary',
    issuer: 'CA',
    keys: client,
    signer: ca.keys,
    serial: 7n,
  });
  const keyOf = (keys: typeof client): string =>
    keys.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  let shown: string[];

  async function tried(status: number | 'silent'): Promise<string> {
    shown = [];
    const partner = createTlsServer(
      {
        cert: pem('CERTIFICATE', serverCertificate),
        key: keyOf(server),
        ca: pem('CERTIFICATE', ca.der),
        requestCert: true,
        rejectUnauthorized: true,
        minVersion: 'TLSv1.2',
      },
      (request, response) => {
        const { subject } = (
          request.socket as unknown as { getPeerCertificate(): { subject: { CN: string } } }
        ).getPeerCertificate();
        shown.push(subject.CN);
        if (status === 'silent') request.socket.destroy();
        else response.writeHead(status).end();
      },
    );
    const host = await listening(partner);
    const secret = {
      certificate: pem('CERTIFICATE', clientCertificate),
      key: keyOf(client),
      ca: pem('CERTIFICATE', ca.der),
    };
    const secrets = await listening(
      createServer((_, response) => response.end(JSON.stringify({ SecretString: JSON.stringify(secret) }))),
    );
    const canary = await deployed('try-canary', {
      AWS_ENDPOINT_URL: `http://${secrets}`,
      CANARY_URL: `https://${host}/partner/orders`,
      CANARY_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:canary',
    });
    expect(await canary.invoke({})).toEqual({ result: undefined });
    expect(canary.output).not.toContain('PRIVATE KEY');
    return canary.output;
  }

  test.each([401, 403])('a refusal with %i is what must be, and is counted', async (status) => {
    expect(await tried(status)).toContain('"CanaryRefused":1');
    expect(shown).toEqual(['canary']);
  });

  test.each([200, 404])('a revoked certificate that is let in (%i) is said and counted', async (status) => {
    const output = await tried(status);

    expect(output).toContain('"CanaryAdmitted":1');
    expect(output).not.toContain('CanaryRefused');
  });

  test.each([500, 429, 'silent'] as const)('no verdict (%s) counts as neither', async (status) => {
    const output = await tried(status);

    expect(output).toContain('canary_not_tried');
    expect(output).not.toMatch(/"CanaryAdmitted"|"CanaryRefused"/);
  });
});

const published = { detail: { object: { key: 'current/ca.cache.json' } } };

/** A list in force, as the preprocessor leaves it. */
async function inForce(list: Buffer, options: Parameters<Authority['compile']>[1] = {}): Promise<void> {
  const compiled = accepted(await ca.compile(list, options));
  s3.put(`lists/indexes/${compiled.index.key}`, bytesOf(compiled));
  s3.put('lists/current/ca.cache.json', manifestText(compiled.manifest), {
    'source-key': 'uploads%2Fca.crl',
    'source-version': 'v7',
  });
}

describe('a trust store of a load balancer', () => {
  const STORE = 'arn:aws:elasticloadbalancing:us-east-1:111111111111:truststore/partners/0123456789abcdef';
  let calls: URLSearchParams[];
  let failing: string | undefined;
  let giver: Deployed;

  beforeEach(async () => {
    calls = [];
    failing = undefined;
    const host = await listening(
      createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const call = new URLSearchParams(Buffer.concat(chunks).toString());
          calls.push(call);
          const action = call.get('Action') ?? '';
          if (failing === action) {
            response
              .writeHead(400)
              .end('<ErrorResponse><Error><Code>TrustStoreNotFound</Code></Error></ErrorResponse>');
            return;
          }
          const id = action.startsWith('Add')
            ? `<TrustStoreRevocations><member><RevocationId>${calls.length}</RevocationId></member></TrustStoreRevocations>`
            : '';
          response
            .writeHead(200, { 'content-type': 'text/xml' })
            .end(`<${action}Response><${action}Result>${id}</${action}Result></${action}Response>`);
        });
      }),
    );
    giver = await deployed('give-to-load-balancer', {
      LOAD_BALANCER_TRUST_STORE_ARN: STORE,
      AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2: `http://${host}`,
    });
  });

  test('gets the version that was verified; a later one is added before the old one is taken away', async () => {
    await inForce(ca.list([{ serial: 7n }]));
    expect(await giver.invoke(published)).toEqual({ result: undefined });
    await giver.invoke(published);

    expect(Object.fromEntries(calls[0]!)).toMatchObject({
      Action: 'AddTrustStoreRevocations',
      TrustStoreArn: STORE,
      'RevocationContents.member.1.S3Bucket': 'lists',
      'RevocationContents.member.1.S3Key': 'uploads/ca.crl',
      'RevocationContents.member.1.S3ObjectVersion': 'v7',
      'RevocationContents.member.1.RevocationType': 'CRL',
    });
    expect(calls.map((call) => call.get('Action'))).toEqual([
      'AddTrustStoreRevocations',
      'AddTrustStoreRevocations',
      'RemoveTrustStoreRevocations',
    ]);
    expect(calls[2]!.get('RevocationIds.member.1')).toBe('1');
  });

  test('trouble throws, so that it is tried again, and takes nothing away', async () => {
    await inForce(ca.list([{ serial: 7n }]));
    await giver.invoke(published);
    failing = 'AddTrustStoreRevocations';

    expect(await giver.invoke(published)).toHaveProperty('error');
    expect(calls.map((call) => call.get('Action'))).not.toContain('RemoveTrustStoreRevocations');
    expect(s3.body('lists/current/ca.cache.json')).toBeDefined();
  });

  test('what a load balancer cannot take is said and counted', async () => {
    await inForce(ca.list([], { extensions: [issuingPoint(undefined, 4)] }));
    expect(await giver.invoke(published)).toEqual({ result: undefined });

    expect(giver.output).toContain('load_balancer_refused');
    expect(giver.output).toContain('"RevocationListElsewhereRefused":1');
    expect(calls).toEqual([]);
  });

  test('an event about no manifest is left alone', async () => {
    expect(await giver.invoke({ detail: { object: { key: 'uploads/ca.crl' } } })).toEqual({
      result: undefined,
    });
    expect(calls).toEqual([]);
  });
});

describe('a key value store of CloudFront', () => {
  const STORE = 'arn:aws:cloudfront::111111111111:key-value-store/0123456789abcdef';

  test('gets the entries in batches of 50, each for the version the one before left', async () => {
    const store = new Map([['other:07', 'elsewhere']]);
    const batches: { etag: string; size: number }[] = [];
    let version = 1;
    const host = await listening(
      createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const answer = (body: object): void => {
            response.writeHead(200, { etag: String(version), 'content-type': 'application/json' });
            response.end(JSON.stringify(body));
          };
          const listing = request.method === 'GET' && request.url?.includes('/keys') === true;
          if (listing) {
            answer({ Items: [...store].map(([Key, Value]) => ({ Key, Value })) });
            return;
          }
          if (request.method === 'POST') {
            const { Puts = [], Deletes = [] } = JSON.parse(Buffer.concat(chunks).toString()) as {
              Puts?: { Key: string; Value: string }[];
              Deletes?: { Key: string }[];
            };
            batches.push({ etag: String(request.headers['if-match']), size: Puts.length + Deletes.length });
            for (const { Key, Value } of Puts) store.set(Key, Value);
            for (const { Key } of Deletes) store.delete(Key);
            version += 1;
          }
          answer({ ItemCount: store.size, TotalSizeInBytes: 1, KvsARN: STORE, Created: 0 });
        });
      }),
    );
    // the SDK puts the account in front of the host, which no resolver of this machine knows
    const lookup: LookupFunction = (_name, _options, done) => {
      done(null, [{ address: '127.0.0.1', family: 4 }]);
    };
    const client = new CloudFrontKeyValueStoreClient({
      endpoint: `http://localhost:${host.split(':')[1] ?? ''}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      requestHandler: { httpAgent: new Agent({ lookup }) },
    });
    const give = async (list: Buffer): Promise<void> => {
      const { etag, present } = await readStore(client, STORE);
      const compiled = accepted(await ca.compile(list));
      const change = storeChange(compiled.manifest, bytesOf(compiled), present);
      if (typeof change === 'string') throw new Error(change);
      await writeStore(client, STORE, etag, change);
    };
    await give(ca.list(Array.from({ length: 120 }, (_, i) => ({ serial: BigInt(i + 1) }))));
    expect(store.size).toBe(121);
    await give(ca.list([{ serial: 1n }], { number: 2n }));

    expect(store.size).toBe(2);
    expect(batches.map(({ size }) => size)).toEqual([50, 50, 20, 50, 50, 19]);
    expect(batches.map(({ etag }) => etag)).toEqual(['1', '2', '3', '4', '5', '6']);
  });
});
