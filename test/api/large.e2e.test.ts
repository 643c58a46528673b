/** Another CDK app adopts the constructs around a document of 300 operations, with verdicts cached. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { cdk, localStack, signedIn } from '../local-stack';
import { stageUrl } from '../local/instance';

/** An operation that needs a scope the token has, and one that needs another. */
const OPEN = 298;
const SHUT = 299;

const folder = mkdtempSync(join(tmpdir(), 'sallyport-large-'));
let url: string;
let token: string;

beforeAll(async () => {
  const { userPoolId, userPoolClientId, emulatorUrl } = localStack();
  token = (await signedIn('ada', 'widgets/read', 'widgets/write')).accessToken;
  const outputs = join(folder, 'outputs.json');
  await cdk(
    ...['deploy', '--app', 'node --import tsx test/api/large-app.ts', '--require-approval', 'never'],
    ...['-c', 'operations=300', '-c', `userPoolId=${userPoolId}`, '-c', `clientId=${userPoolClientId}`],
    ...['-c', 'cacheSeconds=60', '--output', join(folder, 'cdk.out'), '--outputs-file', outputs],
  );
  const written = JSON.parse(readFileSync(outputs, 'utf8')) as { 'sallyport-large': { ApiId: string } };
  url = stageUrl(emulatorUrl, written['sallyport-large'].ApiId, 'live');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function put(collection: number, given?: string): Promise<Response> {
  return fetch(`${url}/collections/c${collection}/items/1`, {
    method: 'PUT',
    body: JSON.stringify({ name: 'a', size: 1 }),
    headers: {
      'content-type': 'application/json',
      ...(given === undefined ? {} : { authorization: `Bearer ${given}` }),
    },
  });
}

describe('a document of 300 operations', () => {
  test('AUTHZ-02 a cached verdict of one operation opens and closes no other', async () => {
    const open = [await put(OPEN, token), await put(OPEN, token)];
    const shut = await put(SHUT, token);
    const again = await put(OPEN, token);

    expect(open.map(({ status }) => status)).toEqual([200, 200]);
    expect(shut.status).toBe(403);
    expect(again.status).toBe(200);
    expect(await again.json()).toMatchObject({ resource: `/collections/c${OPEN}/items/{itemId}` });
  });

  test('every operation is served, the last as the first, and none without a token', async () => {
    for (const collection of [0, 150, OPEN]) {
      expect((await put(collection, token)).status).toBe(200);
      // with the cache on, API Gateway itself refuses a request without the header that is its key
      expect((await put(collection)).status).toBe(403);
    }
  });
});
