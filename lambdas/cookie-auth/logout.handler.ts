/** POST /auth/logout: ends the session here and at the provider; the front door has refused forged requests. */
import { logout } from '../../generated/operations/logout';
import { hostCookie, valuesOf } from '../_kernel/cookies';
import { atFirstUse } from '../_kernel/env';
import { operationHandler } from '../_kernel/operation';
import { openCookieAuth } from './adapters/open-sessions';
import { cookieAuthEnv, SESSION_COOKIE } from './contract';

const parts = atFirstUse(() => openCookieAuth(cookieAuthEnv.read(process.env)));

export const handler = operationHandler(logout, async ({ cookies }) => {
  const { provider, sessions } = parts();
  for (const cookie of valuesOf(cookies, SESSION_COOKIE)) await sessions.end(cookie);
  return {
    status: 200,
    body: { logoutUrl: await provider.logoutUrl() },
    cookies: [hostCookie(SESSION_COOKIE, '', { maxAge: 0, sameSite: 'Strict' })],
  };
});
