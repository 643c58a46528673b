/** Step-up on the deployed stack: real tokens, real codes, real requests. */
import { join } from 'node:path';

import { call, cdk, localStack } from '../local-stack';
import { Browser } from '../cookie-auth/browser';
import { inForce, operator as tool } from './operator';
import {
  App,
  codesSentTo,
  digestOf,
  initiate,
  mailedCode,
  respond,
  someone,
  tokensOf,
  TRANSFER,
  transfer,
  withApp,
} from './people';

const CHALLENGE =
  'Bearer realm="sallyport", error="insufficient_user_authentication", error_description="a more recent or stronger authentication is required", acr_values="urn:cognito:loa:2", max_age=300';

describe('by bearer token', () => {
  test('STEP-09 the whole flow by mail: 401 with an RFC 9470 challenge, a code, the transfer, and once only', async () => {
    const person = await someone(true);
    const { accessToken: token } = await tokensOf(person);
    const asked = await transfer(token);

    expect(asked.status).toBe(401);
    expect(asked.headers['www-authenticate']).toBe(CHALLENGE);
    expect(asked.body).toMatchObject({ status: 401, reason: 'step_up_required', challenge: CHALLENGE });

    const challenge = await initiate(token);

    expect([challenge.status, challenge.body['code']]).toEqual([200, 'EMAIL_STEP_UP']);
    // nothing is open because of a challenge alone
    expect((await transfer(token)).status).toBe(401);

    const done = await respond(token, challenge.body['challengeId'], await mailedCode(person.email));

    expect(done.body).toMatchObject({
      name: 'Status',
      details: 'Challenge Successful',
      acr: 'urn:cognito:loa:2',
    });
    expect([done.status, (await transfer(token)).status, (await transfer(token)).status]).toEqual([
      200, 200, 401,
    ]);
  });

  test('STEP-05 STEP-06 an app: enrolled, not usable by the sign-in that enrolled it, then once a code', async () => {
    const person = await someone(false);
    const { accessToken: first } = await tokensOf(person);
    const none = await initiate(first);
    const begun = await call('/factors/totp', { method: 'POST', token: first });
    const app = new App(String(begun.body['secret']));
    const confirm = (code: string): Promise<{ status: number; body: object }> =>
      call('/factors/totp/confirm', { method: 'POST', token: first, body: { code } });

    expect(none.body).toEqual({ code: 'MAYBE_SOFTWARE_TOKEN_STEP_UP' });
    expect(begun.body['uri']).toMatch(/^otpauth:\/\/totp\/Widget%20API:/);
    expect((await confirm(app.wrong())).status).toBe(401);
    const used = app.code(-1);
    expect((await confirm(used)).body).toEqual({ usableNow: false });
    expect((await initiate(first)).body).toEqual({ code: 'MAYBE_SOFTWARE_TOKEN_STEP_UP' });
    // with an app there, another takes a step-up first, and the token has none
    const again = await call('/factors/totp', { method: 'POST', token: first });
    expect([again.status, again.body['reason']]).toEqual([401, 'step_up_required']);

    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const { accessToken: token } = await tokensOf(person);
    const challenge = await initiate(token);
    const id = challenge.body['challengeId'];

    expect(challenge.body['code']).toBe('SOFTWARE_TOKEN_STEP_UP');
    // the code that confirmed the app is used up
    expect((await respond(token, id, used)).status).toBe(401);
    // both taken now: time goes on meanwhile, and either is good for as long as this takes
    const [code, next] = [app.code(), app.code(1)];
    expect((await respond(token, id, code, { 'step-up-type': 'EMAIL_STEP_UP' })).status).toBe(401);
    expect((await respond(token, id, code)).status).toBe(200);
    expect((await respond(token, id, next)).status).toBe(401);

    const other = await initiate(token);
    expect((await respond(token, other.body['challengeId'], code)).status).toBe(401);
    expect((await respond(token, other.body['challengeId'], next)).status).toBe(200);
  });

  test('STEP-06 five wrong codes lock the person out, and the right one too, over all challenges', async () => {
    const { token, app } = await withApp();
    const statuses: number[] = [];
    for (const answers of [3, 2]) {
      const { body } = await initiate(token);
      for (let at = 0; at < answers; at += 1)
        statuses.push((await respond(token, body['challengeId'], app.wrong())).status);
    }
    const { body } = await initiate(token);
    const locked = await respond(token, body['challengeId'], app.code());

    expect(statuses).toEqual([401, 401, 401, 401, 401]);
    expect([locked.status, locked.headers['retry-after']]).toEqual([429, '1800']);
    // nobody else is locked
    const twin = await withApp();
    const challenge = await initiate(twin.token);
    expect((await respond(twin.token, challenge.body['challengeId'], twin.app.code())).status).toBe(200);
  });

  test('STEP-06 a challenge takes three answers, the fourth is refused although it is right', async () => {
    const { token, app } = await withApp();
    const { body } = await initiate(token);
    for (let at = 0; at < 3; at += 1) await respond(token, body['challengeId'], app.wrong());

    expect((await respond(token, body['challengeId'], app.code())).status).toBe(401);
    const next = await initiate(token);
    expect((await respond(token, next.body['challengeId'], app.code())).status).toBe(200);
  });

  test('STEP-07 of two racing requests one wins, and other bodies, paths and operations stay shut', async () => {
    const { token, app } = await withApp();
    const { body } = await initiate(token);
    expect((await respond(token, body['challengeId'], app.code())).status).toBe(200);
    const other = TRANSFER.replace('12500', '99900');

    // another body with its own digest, and with the one that was let in
    expect((await transfer(token, other)).status).toBe(401);
    const without = await call('/transfer', {
      method: 'POST',
      token,
      body: TRANSFER,
      headers: { 'content-type': 'application/json' },
    });
    expect([without.status, without.body['reason']]).toEqual([401, 'digest_missing']);

    const race = await Promise.all(Array.from({ length: 6 }, () => transfer(token)));
    expect(race.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401, 401]);
  });

  test('STEP-07 a body that is not that of its digest is refused by the wrapper before the handler acts', async () => {
    const { token, app } = await withApp();
    const { body } = await initiate(token);
    await respond(token, body['challengeId'], app.code());
    const forged = await transfer(token, TRANSFER.replace('12500', '99900'), digestOf(TRANSFER));

    expect([forged.status, forged.body['detail']]).toEqual([400, 'the body is not that of Content-Digest']);
    // it was used up by the attempt
    expect((await transfer(token)).status).toBe(401);
  });

  test('a challenge answers to the sign-in it was made for, and to no other of the same person', async () => {
    const { token, app, person } = await withApp();
    const { accessToken: other } = await tokensOf(person);
    const { body } = await initiate(token);

    expect((await respond(other, body['challengeId'], app.code())).status).toBe(401);
    expect((await respond(token, body['challengeId'], app.code())).status).toBe(200);
    expect((await transfer(other)).status).toBe(401);
    expect((await transfer(token)).status).toBe(200);
  });

  test('STEP-06 five codes an hour are mailed, the sixth is refused', async () => {
    const person = await someone(true);
    const { accessToken: token } = await tokensOf(person);
    const statuses: number[] = [];
    for (let at = 0; at < 6; at += 1) statuses.push((await initiate(token)).status);

    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    expect(await codesSentTo(person.email)).toBe(5);
  });

  test('an operation that is none is 404, one without the digest it needs 400', async () => {
    const { accessToken: token } = await tokensOf(await someone(true));

    expect((await initiate(token, { method: 'POST', path: '/transfers' })).status).toBe(404);
    expect((await initiate(token, { method: 'POST', path: '/transfer' })).status).toBe(400);
    expect((await initiate(token, { method: 'GET', path: '/info' })).status).toBe(200);
  });
});

describe('by cookie', () => {
  test('the same flow, bound to the session', async () => {
    const person = await someone(true);
    const browser = new Browser(localStack().siteUrl);
    const answers = { username: person.email, email: person.email, password: person.password };
    expect((await browser.signIn(answers)).status).toBe(303);
    const json = { 'content-type': 'application/json' };
    const send = async (): Promise<number> =>
      (
        await browser.change('/api/transfer', {
          body: TRANSFER,
          headers: { ...json, 'content-digest': digestOf(TRANSFER) },
        })
      ).status;

    expect(await send()).toBe(401);
    const wanted = { method: 'POST', path: '/transfer', contentDigest: digestOf(TRANSFER) };
    const challenge = await browser.change('/api/initiate-auth', {
      body: JSON.stringify(wanted),
      headers: json,
    });
    const { challengeId } = JSON.parse(challenge.text) as { challengeId: string };
    const answer = { challengeId, 'challenge-response': await mailedCode(person.email) };
    // a token of the same person is another sign-in
    const { accessToken } = await tokensOf(person);
    expect((await respond(accessToken, challengeId, answer['challenge-response'])).status).toBe(401);
    const done = await browser.change('/api/respond-to-challenge', {
      body: JSON.stringify(answer),
      headers: json,
    });

    expect([done.status, await send(), await send()]).toEqual([200, 200, 401]);
  });
});

// only operations that no other suite calls: these run beside them, on the same deployment
describe('npm run step-up', () => {
  const factors = async (token: string): Promise<[number, unknown]> => {
    const { status, body } = await call('/factors', { token });
    return [status, body['reason']];
  };

  test('STEP-10 a fresh deployment has a row for every operation, and a deploy leaves what an operator set', async () => {
    const listed = await tool('list', '--environment', 'local');
    expect(listed).toMatch(/POST \/transfer +transfers +STEP_UP_REQUIRED +STEP_UP_REQUIRED/);
    expect(listed).toMatch(/GET \/factors +step-up +STEP_UP_NOT_REQUIRED +STEP_UP_NOT_REQUIRED/);
    // those with client certificates have a front door of their own
    expect(listed.split('\n').filter((line) => line.includes('no row'))).toEqual([
      expect.stringMatching(/^GET \/partner\/orders/) as string,
      expect.stringMatching(/^POST \/partner\/orders/) as string,
    ]);
    expect(await tool('deny', 'PUT /factors/preferred', '--environment', 'local')).toBe(
      'PUT /factors/preferred: STEP_UP_NOT_REQUIRED -> STEP_UP_DENY\n',
    );
    await tool('require', 'GET /factors', '--environment', 'local');
    // another set of seeds: CloudFormation runs the seeding again
    const { stepUpSettingTableName: table } = localStack();
    await cdk(
      ...['deploy', '--app', 'node --import tsx test/step-up/seeding-app.ts', '--require-approval', 'never'],
      ...['-c', `table=${table}`, '--output', join(__dirname, '../../.local/e2e/seeding')],
    );
    const after = await tool('list', '--table', table);
    expect(after).toMatch(/PUT \/factors\/preferred +step-up +STEP_UP_NOT_REQUIRED +STEP_UP_DENY/);
    expect(after).toMatch(/GET \/factors +step-up +STEP_UP_NOT_REQUIRED +STEP_UP_REQUIRED/);
    // it did run: an operation of that document alone has got its row
    expect(after).toMatch(/POST \/transfers +default +not in the document/);
    await tool('release', 'PUT /factors/preferred', '--environment', 'local');
    await tool('release', 'GET /factors', '--environment', 'local');
  }, 180_000);

  test('STEP-03 STEP-08 require, deny and release an operation: one step-up opens it, DENY wins over it', async () => {
    const person = await someone(true);
    const { accessToken: token } = await tokensOf(person);
    expect(await factors(token)).toEqual([200, undefined]);
    await tool('require', 'GET /factors', '--environment', 'local');
    await inForce();
    expect(await factors(token)).toEqual([401, 'step_up_required']);
    const { body } = await initiate(token, { method: 'GET', path: '/factors' });
    await respond(token, body['challengeId'], await mailedCode(person.email));
    expect([await factors(token), await factors(token)]).toEqual([
      [200, undefined],
      [200, undefined],
    ]);
    // another token of the same person, as a refresh gives one, has nothing of it
    expect(await factors((await tokensOf(person)).accessToken)).toEqual([401, 'step_up_required']);
    await tool('deny', 'GET /factors', '--environment', 'local');
    await inForce();
    expect((await factors(token))[0]).toBe(403);
    expect(await tool('release', 'GET /factors', '--environment', 'local')).toBe(
      'GET /factors: STEP_UP_DENY -> STEP_UP_NOT_REQUIRED\n',
    );
    await inForce();
    expect(await factors(token)).toEqual([200, undefined]);
  }, 180_000);

  test.each([
    [['deny', 'GET /partner/orders', '--environment', 'local'], 'has no row, so nothing would obey one'],
    [['deny', 'GET /nothing', '--environment', 'local'], 'neither an operation'],
    [['require', 'POST /initiate-auth', '--environment', 'local'], 'would shut it for good'],
    [['open', 'GET /factors', '--environment', 'local'], 'unknown command "open"'],
    [['list'], 'give either --environment or --table'],
    [['list', '--environment', 'nowhere'], 'environment is "nowhere"'],
  ])('%j is refused and changes nothing', async (args, told) => {
    await expect(tool(...args)).rejects.toMatchObject({ stderr: expect.stringContaining(told) as string });
  });

  test('release never goes below the document', async () => {
    // a group, of this one operation
    await tool('deny', 'transfers', '--environment', 'local');
    expect(await tool('release', 'transfers', '--environment', 'local')).toBe(
      'POST /transfer: STEP_UP_DENY -> STEP_UP_REQUIRED\n',
    );
  });
});
