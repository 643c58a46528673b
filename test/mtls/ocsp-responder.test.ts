/** Responders over real HTTP: `openssl ocsp`, and servers that answer as none should. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { callResponder } from '../../lambdas/mtls/adapters/ocsp-call';
import { OnlineStatuses } from '../../lambdas/mtls/core/online-status';
import { Authority } from './authority';
import { makeDelegate } from './make-ocsp';
import { OpensslResponders } from './openssl-ocsp';

const ca = new Authority('CA');
const openssl = new OpensslResponders(ca, { good: ['08'], revoked: ['07'] });
const LIMITS = { milliseconds: 1_000, maximumBytes: 4_096 };

afterAll(() => {
  openssl.stop();
});

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

test('OCSP-06 openssl ocsp, signing as the CA: good, revoked and unknown', async () => {
  const statuses = statusesBy(await openssl.start(ca.der, ca.keys));

  expect(await statuses.statusOf(ca.client(8n))).toEqual({ status: 'good' });
  expect(await statuses.statusOf(ca.client(7n))).toEqual({ status: 'revoked' });
  expect(await statuses.statusOf(ca.client(9n))).toEqual({ status: 'fault', reason: 'ocsp_unknown' });
});

test('OCSP-06 openssl ocsp, signing as a delegate with and without the use for it', async () => {
  const [good, bad] = await Promise.all(
    [makeDelegate(ca), makeDelegate(ca, { extensions: [] })].map(({ certificates, keys }) =>
      openssl.start(certificates![0]!, keys),
    ),
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
