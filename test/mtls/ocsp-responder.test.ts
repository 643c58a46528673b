/** Responders over real HTTP: `openssl ocsp`, and servers that answer as none should. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { callResponder } from '../../lambdas/mtls/adapters/ocsp-call';
import { OnlineStatuses } from '../../lambdas/mtls/core/online-status';
import { Authority } from './authority';
import { makeDelegate } from './make-ocsp';
import { pem } from './make-crl';

const ca = new Authority('CA');
const folder = mkdtempSync(join(tmpdir(), 'sallyport-ocsp-'));
const LIMITS = { milliseconds: 1_000, maximumBytes: 4_096 };
const processes: ChildProcess[] = [];

afterAll(() => {
  for (const child of processes) child.kill();
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const AUTHORITY = file('ca.pem', pem('CERTIFICATE', ca.der));

/** Starts `openssl ocsp` on a free port. @returns its address */
async function openssl(signer: string, key: string): Promise<string> {
  const index = file(
    `index-${processes.length}.txt`,
    'V\t491231235959Z\t\t08\tunknown\t/CN=good\nR\t491231235959Z\t260101000000Z,keyCompromise\t07\tunknown\t/CN=revoked\n',
  );
  const child = spawn('openssl', [
    'ocsp',
    ...['-port', '0', '-index', index, '-CA', AUTHORITY, '-rsigner', signer, '-rkey', key, '-nmin', '5'],
  ]);
  processes.push(child);
  let said = '';
  const port = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      said += chunk.toString();
      const found = /ACCEPT \S*:(\d+)/.exec(said);
      if (found !== null) resolve(found[1]!);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', () => {
      reject(new Error(`openssl ocsp ended: ${said}`));
    });
  });
  return `http://127.0.0.1:${port}/`;
}

function statusesBy(responder: string): OnlineStatuses {
  return new OnlineStatuses({
    responders: [responder],
    maximumAge: 300,
    clock: Date.now,
    nonce: () => Buffer.alloc(32, 3),
    ask: (address, request) => callResponder(address, request, LIMITS),
    authorities: async () => [ca.certificate],
    onFault: () => undefined,
  });
}

const keyPem = (keys: Authority['keys']): string =>
  keys.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

test('OCSP-06 openssl ocsp, signing as the CA: good, revoked and unknown', async () => {
  const statuses = statusesBy(await openssl(AUTHORITY, file('signer.key', keyPem(ca.keys))));

  expect(await statuses.statusOf(ca.client(8n))).toEqual({ status: 'good' });
  expect(await statuses.statusOf(ca.client(7n))).toEqual({ status: 'revoked' });
  expect(await statuses.statusOf(ca.client(9n))).toEqual({ status: 'fault', reason: 'ocsp_unknown' });
});

test('OCSP-06 openssl ocsp, signing as a delegate with and without the use for it', async () => {
  const [allowed, refused] = [makeDelegate(ca), makeDelegate(ca, { extensions: [] })].map((delegate, i) => ({
    certificate: file(`delegate-${i}.pem`, pem('CERTIFICATE', delegate.certificates![0]!)),
    key: file(`delegate-${i}.key`, keyPem(delegate.keys)),
  }));
  const [good, bad] = await Promise.all(
    [allowed!, refused!].map(({ certificate, key }) => openssl(certificate, key)),
  );

  expect(await statusesBy(good!).statusOf(ca.client(8n))).toEqual({ status: 'good' });
  expect(await statusesBy(bad!).statusOf(ca.client(8n))).toEqual({
    status: 'fault',
    reason: 'ocsp_signer_not_allowed',
  });
});

describe('AUTHZ-04 a responder', () => {
  let server: Server;
  let behave: (response: ServerResponse) => void;
  let address: string;
  let reached: number;

  beforeAll(async () => {
    server = createServer((request, response) => {
      reached += 1;
      request.resume().on('end', () => {
        behave(response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    reached = 0;
  });

  const question = Buffer.from('question');
  const outcome = async (): Promise<string> => (await callResponder(address, question, LIMITS)).outcome;

  test('AUTHZ-04 that answers within bounds is heard', async () => {
    behave = (response) => response.writeHead(200).end(Buffer.alloc(LIMITS.maximumBytes));
    expect(await outcome()).toBe('answered');
  });

  test.each<[string, (response: ServerResponse) => void, string]>([
    ['sends too much', (response) => response.writeHead(200).end(Buffer.alloc(4_097)), 'too_large'],
    ['never answers', () => undefined, 'unreachable'],
    ['has an error', (response) => response.writeHead(500).end(), 'unreachable'],
    ['breaks the connection', (response) => response.destroy(), 'unreachable'],
    [
      'stops in the middle',
      (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('x', () => response.destroy());
      },
      'unreachable',
    ],
    [
      'drips without an end',
      (response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write('x'), 50);
        response.on('close', () => {
          clearInterval(drip);
        });
      },
      'unreachable',
    ],
  ])('AUTHZ-04 that %s is given up', async (_name, fault, expected) => {
    behave = fault;
    expect(await outcome()).toBe(expected);
  });

  test('OCSP-04 that points elsewhere is not followed', async () => {
    behave = (response) => response.writeHead(307, { location: address }).end();
    expect(await outcome()).toBe('unreachable');
    expect(reached).toBe(1);
  });
});
