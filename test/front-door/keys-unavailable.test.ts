/** The key set cannot be had: nobody is let in, nobody is told that their token is bad, and nothing hangs. */
import { Deployed } from './deployed';
import { openDoor } from './door';
import { allowing, authorizerEvent, POLICY } from './events';
import { JwksServer } from './jwks-server';
import { accessToken, CLIENT, POOL, signingKey } from './tokens';

const key = signingKey();
const event = authorizerEvent({ token: accessToken(key) });
const LET_IN = { answer: allowing(event.methodArn), reason: 'ok', verdict: 'allow' };
const FORBIDDEN = { answer: 'thrown', reason: 'keys_unavailable', verdict: 'forbid' };

let jwks: JwksServer;

beforeEach(async () => {
  jwks = await JwksServer.start(key);
});

afterEach(() => jwks.stop());

async function ask(keysFrom = jwks.url): Promise<unknown> {
  const { answer, decision } = await openDoor(keysFrom)(event);
  return { answer, reason: decision.reason, verdict: decision.verdict };
}

const set = JSON.stringify({ keys: [key.jwk] });

describe('AUTHZ-04 forbidden, with the reason, and let in again once the key set is back', () => {
  test.each<[string, () => void]>([
    [
      'status 500',
      () => {
        jwks.answer(500, set);
      },
    ],
    [
      'status 429',
      () => {
        jwks.answer(429, set);
      },
    ],
    [
      'status 204 without a body',
      () => {
        jwks.answer(204, '');
      },
    ],
    [
      'status 206, a part of it',
      () => {
        jwks.answer(206, set);
      },
    ],
    [
      'a redirect, which is not followed',
      () => {
        jwks.answer(302, set, { location: `${jwks.url}/elsewhere` });
      },
    ],
    [
      'an empty body',
      () => {
        jwks.answer(200, '');
      },
    ],
    [
      'text that is not JSON',
      () => {
        jwks.answer(200, '<html>maintenance</html>');
      },
    ],
    [
      'bytes that are not UTF-8',
      () => {
        jwks.behave((_request, response) => response.end(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])));
      },
    ],
    [
      'JSON that is no key set',
      () => {
        jwks.answer(200, '{"kids":[]}');
      },
    ],
    [
      'a key set of null',
      () => {
        jwks.answer(200, '{"keys":null}');
      },
    ],
    [
      'a set with one key that is none',
      () => {
        jwks.answer(200, JSON.stringify({ keys: [key.jwk, { kid: 'x' }] }));
      },
    ],
    [
      'more bytes than a key set has',
      () => {
        jwks.answer(200, JSON.stringify({ keys: [key.jwk], padding: 'x'.repeat(70_000) }));
      },
    ],
    [
      'a body that breaks off',
      () => {
        jwks.behave((_request, response) => {
          response.writeHead(200, { 'content-length': String(set.length) });
          response.write(set.slice(0, 20), () => response.destroy());
        });
      },
    ],
    [
      'a connection that is reset',
      () => {
        jwks.behave((request) => request.socket.destroy());
      },
    ],
  ])('AUTHZ-04 %s', async (_name, breakIt) => {
    breakIt();
    expect(await ask()).toEqual(FORBIDDEN);

    jwks.serve(key);
    expect(await ask()).toEqual(LET_IN);
  });

  test('AUTHZ-04 a redirect is not followed to where it points', async () => {
    jwks.answer(302, set, { location: `${jwks.url}/elsewhere` });
    await ask();

    expect(jwks.fetches).toEqual(['/eu-west-1_SallyPort/.well-known/jwks.json']);
  });

  test('AUTHZ-04 a set just small enough is still read', async () => {
    jwks.answer(200, JSON.stringify({ keys: [key.jwk], padding: 'x'.repeat(64_000) }));

    expect(await ask()).toEqual(LET_IN);
  });

  test('AUTHZ-04 connection refused', async () => {
    await jwks.stop();
    expect(await ask()).toEqual(FORBIDDEN);

    await jwks.listen();
    expect(await ask()).toEqual(LET_IN);
  });

  test('AUTHZ-04 one door recovers by itself: it does not keep the failure', async () => {
    let now = 0;
    const door = openDoor(jwks.url, POLICY, () => now);
    jwks.answer(503, '');
    expect((await door(event)).answer).toBe('thrown');

    jwks.serve(key);
    now += 999;
    expect((await door(event)).answer).toBe('thrown');
    now += 1;
    expect((await door(event)).answer).toEqual(allowing(event.methodArn));
    expect(jwks.fetches).toHaveLength(2);
  });

  test('AUTHZ-04 a door that has its keys does not need the server any more', async () => {
    const door = openDoor(jwks.url);
    await door(event);
    await jwks.stop();

    expect((await door(event)).answer).toEqual(allowing(event.methodArn));
    await jwks.listen();
  });
});

describe('AUTHZ-04 a server that hangs is given up by us, not by its own end', () => {
  // no timer of the test ends the request: were there no deadline, these would run into the time limit of the test
  test.each<[string, () => void]>([
    [
      'before it answers',
      () => {
        jwks.behave(() => undefined);
      },
    ],
    [
      'after the headers',
      () => {
        jwks.behave((_request, response) => {
          response.writeHead(200).flushHeaders();
        });
      },
    ],
    [
      'byte by byte, so that the socket is never idle',
      () => {
        jwks.behave((_request, response) => {
          response.writeHead(200);
          const drip = setInterval(() => response.write(' '), 50);
          response.on('close', () => {
            clearInterval(drip);
          });
        });
      },
    ],
  ])(
    'AUTHZ-04 it hangs %s',
    async (_name, hang) => {
      hang();
      expect(await ask()).toEqual(FORBIDDEN);

      jwks.serve(key);
      expect(await ask()).toEqual(LET_IN);
    },
    20_000,
  );

  test('AUTHZ-04 the deployed authorizer answers 403 within its own time as well', async () => {
    jwks.behave(() => undefined);
    const door = await Deployed.start(
      'front-door/authorize.handler.ts',
      { USER_POOL_ID: POOL, USER_POOL_CLIENT_IDS: CLIENT, AWS_ENDPOINT_URL: jwks.url },
      { 'policy.json': JSON.stringify(POLICY) },
    );
    const hung = await door.invoke(event);
    jwks.serve(key);
    // it asks again after a pause of a second
    let back = await door.invoke(event);
    for (let tries = 0; tries < 50 && 'error' in back; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      back = await door.invoke(event);
    }
    await door.stop();

    expect(hung).toEqual({ error: 'Unauthorized' });
    expect(back).toEqual({ result: allowing(event.methodArn) });
    expect(door.output).toContain('"Reason":"keys_unavailable"');
  }, 60_000);
});
