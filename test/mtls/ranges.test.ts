/** An index that is read by range, over real HTTP, from an S3 that fails in every way. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { S3Client } from '@aws-sdk/client-s3';

import { listStore } from '../../lambdas/mtls/adapters/list-store';
import { ListsInForce, type ListStatus } from '../../lambdas/mtls/core/lists';
import { IndexView } from '../../lambdas/mtls/core/lookup';
import { manifestText } from '../../lambdas/mtls/core/manifest';
import { serialOf } from '../../lambdas/mtls/core/serial';
import { accepted, Authority, bytesOf, RULES, type Accepted } from './authority';
import { NOW } from './make-crl';

type Behave = (request: IncomingMessage, response: ServerResponse) => void;

const ca = new Authority('CA');
/** Enough for several pages, so that what is asked about is on one that must be read. */
const serials = Array.from({ length: 4_000 }, (_, i) => (1n << 100n) + BigInt(i) * 7n);
const REVOKED = serials[2_000]!;

let list: Accepted;
/** The same serials, one later: an index of the same size in which the revoked one is not. */
let foreign: Buffer;
let server: Server;
let client: S3Client;
let behave: Behave;
let ranges: string[];
let now: number;
let trouble: string[];

const compiled = async (shift: bigint): Promise<Accepted> =>
  accepted(await ca.compile(ca.list(serials.map((serial) => ({ serial: serial + shift })))));

/** What is behind the beginning that is held: pages and details. */
const isPage = ({ url = '', headers }: IncomingMessage): boolean =>
  url.includes('/indexes/') && headers.range?.startsWith('bytes=0-') === false;

function rangeOf({ headers }: IncomingMessage): readonly [number, number] {
  const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
  return [Number(from), Number(to)];
}

function sendRange(request: IncomingMessage, response: ServerResponse, bytes: Buffer): void {
  const [from, to] = rangeOf(request);
  response
    .writeHead(206, { 'content-range': `bytes ${from}-${to}/${bytes.length}`, etag: '"2"' })
    .end(bytes.subarray(from, to + 1));
}

const serve: Behave = (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3');
  if (searchParams.get('list-type') === '2') {
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(
      '<ListBucketResult><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated><Contents><Key>current/ca.cache.json</Key><ETag>"1"</ETag></Contents></ListBucketResult>',
    );
  } else if (pathname.endsWith('.cache.json')) {
    response.writeHead(200, { etag: '"1"' }).end(manifestText(list.manifest));
  } else {
    sendRange(request, response, bytesOf(list));
  }
};

beforeAll(async () => {
  list = await compiled(0n);
  foreign = bytesOf(await compiled(1n));
  server = createServer((request, response) => {
    if (request.url?.includes('/indexes/') === true) ranges.push(request.headers.range ?? 'all');
    behave(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});

afterAll(() => {
  client.destroy();
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  behave = serve;
  ranges = [];
  trouble = [];
  now = NOW * 1000;
});

/** Holds the filter and not the whole; with 0 the directory alone. */
function open(memoryMiB = list.manifest.index.resident.filter / 1_048_576): ListsInForce {
  return new ListsInForce(listStore({ bucket: 'lists', memoryMiB }, client), {
    rules: RULES,
    revalidateAfter: 0,
    maximumStale: 3_600_000,
    clock: () => now,
    onTrouble: (what) => trouble.push(what),
    onReplaced: () => undefined,
  });
}

const ask = (lists: ListsInForce, serial: bigint): Promise<ListStatus> => lists.statusOf(ca.client(serial));

/** Not revoked, but the filter says that it may be, so that its page is read too. */
function doubtfulSerial(): bigint {
  const view = new IndexView(bytesOf(list).subarray(0, list.manifest.index.resident.filter));
  for (let serial = serials[0]! + 1n; ; serial += 7n) {
    const octets = serialOf(serial.toString(16))!;
    if (!('status' in view.find(list.manifest.issuer.hash, octets))) return serial;
  }
}

test('an index above the limit is held in part, and a page of it read for a serial that may be revoked', async () => {
  const lists = open();
  expect(await ask(lists, REVOKED)).toMatchObject({ status: 'revoked' });
  const { resident, size } = list.manifest.index;
  expect(ranges[0]).toBe(`bytes=0-${resident.filter - 1}`);
  expect(ranges).toHaveLength(3);
  expect(resident.filter).toBeLessThan(size / 5);
  expect(ranges).not.toContain('all');
});

test('an index a little above the limit is held but for dates and reasons, one of which is read for a serial that is revoked', async () => {
  const { resident } = list.manifest.index;
  const lists = open(resident.serials / 1_048_576);
  expect(await ask(lists, REVOKED + 1n)).toEqual({ status: 'good', freshness: 'fresh' });
  expect(ranges).toEqual([`bytes=0-${resident.serials - 1}`]);
  expect(await ask(lists, REVOKED)).toMatchObject({ status: 'revoked' });
  const detail = resident.serials + 2_000 * 5;
  expect(ranges.at(-1)).toBe(`bytes=${detail}-${detail + 4}`);
});

test('an index whose filter is above the limit too is held by its directory, whose size does not grow with the list', async () => {
  const lists = open(0);
  expect(await ask(lists, 5n)).toEqual({ status: 'good', freshness: 'fresh' });
  expect(await ask(lists, REVOKED)).toMatchObject({ status: 'revoked' });
  expect(await ask(lists, REVOKED + 1n)).toEqual({ status: 'good', freshness: 'fresh' });
  const { resident } = list.manifest.index;
  expect(ranges[0]).toBe(`bytes=0-${resident.directory - 1}`);
  const one = accepted(await ca.compile(ca.list([{ serial: serials[0]! }])));
  expect(resident.directory).toBe(one.manifest.index.resident.directory);
});

test('AUTHZ-04 a block of the filter that cannot be read lets nobody in', async () => {
  const lists = open(0);
  behave = (request, response) => {
    if (isPage(request)) response.writeHead(503).end('<Error><Code>SlowDown</Code></Error>');
    else serve(request, response);
  };
  expect(await ask(lists, serials[1]! + 1n)).toEqual({ status: 'unavailable' });
  behave = serve;
  now += 1_000;
  expect(await ask(lists, serials[1]! + 1n)).toEqual({ status: 'good', freshness: 'fresh' });
});

const FAULTS: readonly (readonly [string, Behave])[] = [
  [
    'an error',
    (_request, response) => response.writeHead(500).end('<Error><Code>InternalError</Code></Error>'),
  ],
  [
    'a throttled answer',
    (_request, response) => response.writeHead(503).end('<Error><Code>SlowDown</Code></Error>'),
  ],
  [
    'no access',
    (_request, response) => response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>'),
  ],
  [
    'no such index',
    (_request, response) => response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>'),
  ],
  [
    'another version',
    (_request, response) => response.writeHead(412).end('<Error><Code>PreconditionFailed</Code></Error>'),
  ],
  [
    'no such range',
    (_request, response) => response.writeHead(416).end('<Error><Code>InvalidRange</Code></Error>'),
  ],
  ['no answer', () => undefined],
  ['a broken connection', (request) => request.socket.destroy()],
  [
    'a body that is cut short',
    (request, response) => {
      const [from, to] = rangeOf(request);
      response.writeHead(206, {
        'content-range': `bytes ${from}-${to}/${list.manifest.index.size}`,
        'content-length': to - from + 1,
      });
      response.write('x', () => response.destroy());
    },
  ],
  [
    'a shorter body that says it is whole',
    (request, response) => {
      const [from, to] = rangeOf(request);
      response
        .writeHead(206, { 'content-range': `bytes ${from}-${to}/${list.manifest.index.size}` })
        .end(bytesOf(list).subarray(from, to));
    },
  ],
  [
    'more than was asked for',
    (request, response) => {
      const [from, to] = rangeOf(request);
      response
        .writeHead(206, { 'content-range': `bytes ${from}-${to}/${list.manifest.index.size}` })
        .end(Buffer.alloc(to - from + 2));
    },
  ],
  [
    'another range',
    (request, response) => {
      const [from, to] = rangeOf(request);
      response
        .writeHead(206, { 'content-range': `bytes ${from + 1}-${to + 1}/${list.manifest.index.size}` })
        .end(bytesOf(list).subarray(from + 1, to + 2));
    },
  ],
  [
    'an index of another size',
    (request, response) => {
      sendRange(request, response, Buffer.concat([bytesOf(list), Buffer.alloc(5)]));
    },
  ],
  ['the whole index', (_request, response) => response.writeHead(200).end(bytesOf(list))],
  ['garbage', (_request, response) => response.writeHead(200).end('<html>')],
];

test.each(FAULTS)(
  'AUTHZ-04 %s instead of the beginning of an index: nobody is good, then they are',
  async (_name, fault) => {
    const lists = open();
    behave = (request, response) => {
      (request.url?.includes('/indexes/') === true ? fault : serve)(request, response);
    };
    expect(await ask(lists, 5n)).toEqual({ status: 'unavailable' });
    expect(await ask(lists, REVOKED)).toEqual({ status: 'unavailable' });
    expect(trouble).toContain('index');
    behave = serve;
    now += 1_000;
    expect(await ask(lists, 5n)).toEqual({ status: 'good', freshness: 'fresh' });
    expect(await ask(lists, REVOKED)).toMatchObject({ status: 'revoked' });
  },
  30_000,
);

test.each(FAULTS)(
  'AUTHZ-04 %s instead of a page: who may be on it is not good, others are',
  async (_name, fault) => {
    const doubtful = doubtfulSerial();
    const lists = open();
    behave = (request, response) => {
      (isPage(request) ? fault : serve)(request, response);
    };
    expect(await ask(lists, 5n)).toEqual({ status: 'good', freshness: 'fresh' });
    expect(await ask(lists, doubtful)).toEqual({ status: 'unavailable' });
    expect(await ask(lists, REVOKED)).toEqual({ status: 'unavailable' });
    expect(trouble).toContain('index');
    behave = serve;
    now += 1_000;
    expect(await ask(lists, doubtful)).toEqual({ status: 'good', freshness: 'fresh' });
    expect(await ask(lists, REVOKED)).toMatchObject({ status: 'revoked' });
  },
  30_000,
);

test('CRL-08 the beginning of another index of the same size is no beginning of this one', async () => {
  const lists = open();
  behave = (request, response) => {
    if (request.url?.includes('/indexes/') === true) sendRange(request, response, foreign.subarray(0, -1));
    else serve(request, response);
  };
  expect(await ask(lists, REVOKED)).toEqual({ status: 'unavailable' });
  behave = serve;
  expect(await ask(lists, REVOKED)).toMatchObject({ status: 'revoked' });
});
