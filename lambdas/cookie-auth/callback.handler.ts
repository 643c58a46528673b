/** GET /auth/callback: exchanges the code of a login of this browser for a session. */
import { callback } from '../../generated/operations/callback';
import { systemClock } from '../_kernel/clock';
import { hostCookie } from '../_kernel/cookies';
import { atFirstUse } from '../_kernel/env';
import { createLogger } from '../_kernel/log';
import { operationHandler } from '../_kernel/operation';
import { openCookieAuth } from './adapters/open-sessions';
import { cookieAuthEnv, SESSION_COOKIE } from './contract';
import { finishLogin } from './core/callback';
import { loginCookieName } from './core/login';
import { problemPage } from './core/page';

const logger = createLogger();
const parts = atFirstUse(() => openCookieAuth(cookieAuthEnv.read(process.env)));

export const handler = operationHandler(callback, async ({ query, cookies }) => {
  const { settings, audience, provider, sessions, ring } = parts();
  const known = { ring: await ring(), audience, cookies, now: systemClock() };
  const result = await finishLogin(query, known, provider);
  const used =
    result.login === undefined
      ? []
      : [hostCookie(loginCookieName(result.login.state), '', { maxAge: 0, sameSite: 'Lax' })];
  logger.metric('SignIns', { Outcome: result.ok ? 'ok' : result.problem });
  if (!result.ok) {
    const page = problemPage(result.problem, `${settings.API_BASE_PATH ?? ''}/auth/login`);
    return { ...page, status: result.status, cookies: used };
  }
  const { cookie, maxAge } = await sessions.start(result.grant);
  return {
    status: 303,
    headers: { Location: result.login.place },
    cookies: [...used, hostCookie(SESSION_COOKIE, cookie, { maxAge, sameSite: 'Strict' })],
  };
});
