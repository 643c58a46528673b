/** The gaps that mutual_tls.py fills, against the patched emulator, and that they are still there in the plain one. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EMULATOR_PACKAGES, startEmulator } from '../../local/emulator';
import { freePort } from '../../local/ports';
import { ensurePython } from '../../tools/_kit/python';
import { deployTo } from './instance';
import { partnerProbeTemplate } from './probe-partner';

const DOMAIN = 'partners.probe.test';
const SECRET = randomBytes(16).toString('hex');
const CERTIFICATE = { clientCertPem: 'PEM', serialNumber: '1' };
const HANDED_OVER = Buffer.from(JSON.stringify(CERTIFICATE)).toString('base64');

interface Probe {
  readonly url: string;
  readonly api: string;
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const endings: (() => Promise<void>)[] = [];
let patched: Probe;
let plain: Probe;

beforeAll(async () => {
  patched = await probe(false);
  plain = await probe(true);
}, 240_000);

afterAll(async () => {
  await Promise.all(endings.map((end) => end()));
}, 60_000);

async function probe(open: boolean): Promise<Probe> {
  const python = await ensurePython(join(__dirname, '../../.local/venv'), EMULATOR_PACKAGES, () => undefined);
  const home = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
  const emulator = await startEmulator({
    python,
    home,
    port: await freePort(),
    persist: false,
    plain: open,
    partnerSecret: SECRET,
  });
  endings.push(async () => {
    await emulator.stop();
    rmSync(home, { recursive: true, force: true });
  });
  const outputs = await deployTo(emulator.url, home, 'probe', partnerProbeTemplate(DOMAIN));
  return { url: emulator.url, api: outputs['Api'] ?? '' };
}

function ask({ url }: Probe, path: string, headers: Record<string, string>): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ hostname, port, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Answer['body'] });
      });
    });
    sent.once('error', reject);
    sent.end();
  });
}

const byDomain = (probed: Probe, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(probed, '/who', { host: DOMAIN, ...headers });
const handingOver = (secret: string): Record<string, string> => ({
  'x-sallyport-partner-secret': secret,
  'x-sallyport-client-certificate': HANDED_OVER,
});

test('a listener with the secret hands the certificate to authorizer and function', async () => {
  expect(await byDomain(patched, handingOver(SECRET))).toMatchObject({
    status: 200,
    body: { integration: CERTIFICATE, authorizer: JSON.stringify(CERTIFICATE) },
  });
});

test.each([['guessed'], [''], [SECRET.toUpperCase() === SECRET ? 'x' : SECRET.toUpperCase()]])(
  'nobody else does, and no such header gets through (%#)',
  async (secret) => {
    const { status, body } = await byDomain(patched, handingOver(secret));

    expect({ status, authorizer: body['authorizer'] }).toEqual({ status: 200, authorizer: 'none' });
    expect(body).not.toHaveProperty('integration');
    expect(JSON.stringify(body['headers'])).not.toMatch(/sallyport/i);
  },
);

test('functions do not know the secret', async () => {
  expect((await byDomain(patched)).body['secret']).toBe('unknown');
});

test('a disabled default endpoint answers 403, its domain serves', async () => {
  const answer = await ask(patched, `/_aws/execute-api/${patched.api}/live/who`, {});

  expect(answer).toEqual({ status: 403, body: { message: 'Forbidden' } });
  expect((await byDomain(patched)).status).toBe(200);
});

test('both gaps are still there', async () => {
  expect((await byDomain(plain, handingOver(SECRET))).body).not.toHaveProperty('integration');
  expect((await ask(plain, `/_aws/execute-api/${plain.api}/live/who`, {})).status).toBe(200);
});
