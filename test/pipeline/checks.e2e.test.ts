/** The checks after a deployment, against the deployed local stack, and against one that is not what the document says. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { omitOperations } from '../../lib/api';
import { operationsOf, readDocument } from '../../lib/api/document';
import { contract } from '../../tools/contract/checks';
import { verifyDocs } from '../../tools/docs/verify';
import { smoke } from '../../tools/smoke/checks';
import { localStack } from '../local-stack';

const file = join(__dirname, '../../openapi.yaml');
const document = readDocument(file);
/** Not deployed with Cognito, which sends no logout tokens. */
const leftOut = ['backchannelLogout'];
const LONG = process.env['SALLYPORT_LONG'] !== undefined;

jest.setTimeout(300_000);

test('PIPE-01 every smoke check holds of the deployed stack, and one of another origin does not', async () => {
  const { siteUrl } = localStack();
  const deployed = { api: `${siteUrl}/api`, document, leftOut };

  const { checks, findings } = await smoke({ ...deployed, origin: siteUrl });
  expect(checks).toBeGreaterThan(15);
  expect(findings).toEqual([]);

  const other = await smoke({ ...deployed, origin: 'https://elsewhere.example' });
  expect(other.findings).toMatchObject([{ rule: 'origin-right', reason: 'answers 403, not 401' }]);
});

describe('PIPE-01 the contract checks', () => {
  // every operation takes a minute: with `npm run test:long`
  const asked = operationsOf(document)
    .map(({ id }) => id)
    .filter((id) => LONG || ['ping', 'getInfo', 'createWidget', 'transfer', 'logout'].includes(id));

  test('find nothing in the deployed stack, of which they ask each operation', async () => {
    const { siteUrl } = localStack();
    const others = operationsOf(document).filter(({ id }) => !asked.includes(id));
    const { requests, operations, findings } = await contract({
      ...{ api: `${siteUrl}/api`, document, file, examples: 1 },
      leftOut: [...leftOut, ...others.map(({ id }) => id)],
    });

    expect(findings).toEqual([]);
    expect(operations).toBeGreaterThanOrEqual(LONG ? 20 : asked.length);
    expect(requests).toBeGreaterThan(operations);
  });

  test('find an operation that is open, one that answers something else, and a method that should not be', async () => {
    const server = createServer((request, response) => {
      const open = request.url?.startsWith('/info') === true;
      response
        .writeHead(open || request.method === 'GET' ? 200 : 404, { 'content-type': 'application/json' })
        .end('{}');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const wanted = ['getInfo', 'ping'];
    const others = operationsOf(document).filter(({ id }) => !wanted.includes(id));
    const small = omitOperations(
      document,
      others.map(({ id }) => id),
    );
    try {
      const { findings } = await contract({
        ...{ api: `http://127.0.0.1:${port}`, document: small, file, leftOut: [], examples: 1 },
      });

      const found = findings.map(({ rule, place }) => `${place} ${rule}`);
      expect(found).toContain('GET /info ignored_auth');
      expect(found).toContain('GET /info response_schema_conformance');
      expect(found).toContain('GET /ping response_schema_conformance');
      expect(found.filter((line) => line.endsWith(' /info undeclared-operation'))).not.toEqual([]);
    } finally {
      server.close();
    }
  });
});

describe('PIPE-02 the documentation that is served', () => {
  test('is that of the document, as its version and as the latest', async () => {
    const { findings } = await verifyDocs(`${localStack().siteUrl}/docs`, file);

    expect(findings).toEqual([]);
  });

  test('is found not to be that of another document of the same version, or to be missing', async () => {
    const other = join(mkdtempSync(join(tmpdir(), 'docs-')), 'openapi.yaml');
    writeFileSync(other, readFileSync(file, 'utf8').replace('A small API', 'Another API'));
    const { siteUrl } = localStack();

    const changed = await verifyDocs(`${siteUrl}/docs`, other);
    expect(changed.findings.map(({ place }) => place)).toEqual([
      `/docs/${changed.version}/openapi.json`,
      '/docs/latest/openapi.json',
    ]);
    const missing = await verifyDocs('http://127.0.0.1:1/docs', file);
    expect(missing.findings.map(({ reason }) => reason.split(':')[0])).toEqual(Array(4).fill('no answer'));
  });
});
