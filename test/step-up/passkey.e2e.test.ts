/** Passkeys in a real browser on the deployed site: Chromium's own WebAuthn, an authenticator of its debugging protocol. */
import { localStack } from '../local-stack';
import { eachInATab, type Tab } from '../web/tab';
import { digestOf, mailedCode, someone, type Someone, TRANSFER } from './people';

let tab: Tab;
let authenticator: Awaited<ReturnType<Tab['authenticator']>>;

afterEach(() => {
  tab.forgive();
});

eachInATab(async (opened) => {
  tab = opened;
  authenticator = await tab.authenticator();
});

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Requests of a page of the site: its cookie goes along by itself. */
function send(method: string, path: string, body?: object, headers: object = {}): Promise<Answer> {
  const init = {
    method,
    headers: { 'x-sallyport-csrf': '1', 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
  return tab.evaluate(`fetch(${JSON.stringify(`/api${path}`)}, ${JSON.stringify(init)}).then(async (response) => {
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
  })`);
}

function transfer(body = TRANSFER): Promise<Answer> {
  const { amountCents, to } = JSON.parse(body) as { amountCents: number; to: string };
  return send('POST', '/transfer', { amountCents, to }, { 'content-digest': digestOf(body) });
}

/** What the page's script does with options of the API: the browser's own calls, and its own JSON. */
function create(options: unknown): Promise<object> {
  return tab.evaluate(`navigator.credentials
    .create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(options)}) })
    .then((credential) => credential.toJSON())`);
}

function get(options: unknown): Promise<object> {
  return tab.evaluate(`navigator.credentials
    .get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(${JSON.stringify(options)}) })
    .then((credential) => credential.toJSON())`);
}

const WANTED = { method: 'POST', path: '/transfer', contentDigest: digestOf(TRANSFER), passkey: true };

/** Enrols a passkey, by a code that was mailed, and signs in again. */
async function withPasskey(): Promise<Someone> {
  const person = await someone(true);
  await tab.signIn(person);
  const refused = await send('POST', '/factors/passkeys');
  expect([refused.status, refused.body['reason']]).toEqual([401, 'step_up_required']);
  const { body: mail } = await send('POST', '/initiate-auth', { method: 'GET', path: '/factors' });
  const answer = { challengeId: mail['challengeId'], 'challenge-response': await mailedCode(person.email) };
  expect((await send('POST', '/respond-to-challenge', answer)).status).toBe(200);
  const begun = await send('POST', '/factors/passkeys');
  expect([begun.status, (begun.body['publicKey'] as { rp: { id: string } }).rp.id]).toEqual([
    200,
    new URL(localStack().siteUrl).hostname,
  ]);
  const confirmed = await send('POST', '/factors/passkeys/confirm', await create(begun.body['publicKey']));
  expect([confirmed.status, confirmed.body['usableNow']]).toEqual([200, false]);
  // not of the sign-in that enrolled it
  const now = await send('POST', '/initiate-auth', WANTED);
  expect(now.body['code']).toBe('EMAIL_STEP_UP');
  // a sign-in of the same second does not count as one that came after
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await tab.context.clearCookies();
  await tab.signIn(person);
  return person;
}

test('STEP-05 STEP-06 STEP-07 a passkey is enrolled, asked for, signs once, and opens one transfer', async () => {
  await withPasskey();
  expect((await transfer()).status).toBe(401);
  const { status, body } = await send('POST', '/initiate-auth', WANTED);
  expect([status, body['code']]).toEqual([200, 'PASSKEY_STEP_UP']);
  const answer = { challengeId: body['challengeId'], assertion: await get(body['publicKey']) };
  const done = await send('POST', '/respond-to-challenge', answer);

  expect([done.status, done.body['acr'], done.body['amr']]).toEqual([
    200,
    'urn:cognito:loa:3',
    ['pop', 'mfa'],
  ]);
  expect((await send('POST', '/respond-to-challenge', answer)).status).toBe(401);
  const { body: next } = await send('POST', '/initiate-auth', WANTED);
  expect(
    (await send('POST', '/respond-to-challenge', { ...answer, challengeId: next['challengeId'] })).status,
  ).toBe(401);
  expect([(await transfer()).status, (await transfer()).status]).toEqual([200, 401]);
  // the factor is the service's choice: who does not say that it can use a passkey gets the code
  const { body: other } = await send('POST', '/initiate-auth', { ...WANTED, passkey: false });
  expect(other['code']).toBe('EMAIL_STEP_UP');
}, 120_000);

test('STEP-05 without a verified user the browser makes no assertion, and a step-up lists, prefers and removes the passkey', async () => {
  await withPasskey();
  const { body } = await send('POST', '/initiate-auth', { method: 'GET', path: '/factors', passkey: true });
  await authenticator.verifiesUser(false);
  await expect(get(body['publicKey'])).rejects.toThrow('NotAllowedError');
  await authenticator.verifiesUser(true);
  const answer = { challengeId: body['challengeId'], assertion: await get(body['publicKey']) };
  expect((await send('PUT', '/factors/preferred', { factor: 'PASSKEY' })).status).toBe(401);
  expect((await send('POST', '/respond-to-challenge', answer)).status).toBe(200);

  expect((await send('PUT', '/factors/preferred', { factor: 'PASSKEY' })).status).toBe(204);
  // preferred: whatever the client says of itself
  const { body: asked } = await send('POST', '/initiate-auth', { ...WANTED, passkey: false });
  expect(asked['code']).toBe('PASSKEY_STEP_UP');
  const { body: listed } = await send('GET', '/factors');
  expect(listed).toMatchObject({
    factors: [
      { factor: 'PASSKEY', usable: true },
      { factor: 'EMAIL', usable: true },
    ],
    preferred: 'PASSKEY',
    passkeys: [{ usable: true }],
  });
  const [{ id }] = listed['passkeys'] as [{ id: string }];
  expect((await send('DELETE', `/factors/passkeys/${id}`)).status).toBe(204);
  expect((await send('DELETE', `/factors/passkeys/${id}`)).status).toBe(401);
  expect((await send('POST', '/initiate-auth', WANTED)).body['code']).toBe('EMAIL_STEP_UP');
}, 120_000);

test('STEP-05 a passkey of another site is none: the browser offers it to its own alone', async () => {
  await withPasskey();
  const { body } = await send('POST', '/initiate-auth', WANTED);
  await tab.goto('/');
  const elsewhere = { ...(body['publicKey'] as object), rpId: 'example.com' };

  await expect(get(elsewhere)).rejects.toThrow('SecurityError');
  const answer = { challengeId: body['challengeId'], assertion: await get(body['publicKey']) };
  expect((await send('POST', '/respond-to-challenge', answer)).status).toBe(200);
}, 120_000);

test('an answer of both kinds, or of none, is 400', async () => {
  await withPasskey();
  const { body } = await send('POST', '/initiate-auth', WANTED);
  const { challengeId } = body;
  const assertion = await get(body['publicKey']);

  expect((await send('POST', '/respond-to-challenge', { challengeId })).status).toBe(400);
  const both = { challengeId, assertion, 'challenge-response': '123456' };
  expect((await send('POST', '/respond-to-challenge', both)).status).toBe(400);
  expect((await send('POST', '/respond-to-challenge', { challengeId, assertion })).status).toBe(200);
}, 120_000);
