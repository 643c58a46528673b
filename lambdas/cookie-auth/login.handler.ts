/** GET /auth/login: sends the browser to the login pages, with a sealed cookie that only its callback can use. */
import { login as login_ } from '../../generated/operations/login';
import { systemClock } from '../_kernel/clock';
import { type Cookie, hostCookie, valuesOf } from '../_kernel/cookies';
import { atFirstUse } from '../_kernel/env';
import { operationHandler } from '../_kernel/operation';
import { openCookieAuth } from './adapters/open-sessions';
import { cookieAuthEnv, SESSION_COOKIE } from './contract';
import {
  LOGIN_SECONDS,
  loginCookieName,
  newLogin,
  sealLogin,
  surplusLogins,
  type Wanted,
} from './core/login';
import { problemPage } from './core/page';
import { placeOnSite } from './core/return-to';

const parts = atFirstUse(() => openCookieAuth(cookieAuthEnv.read(process.env)));

export const handler = operationHandler(login_, async ({ query, cookies }) => {
  const { settings, audience, provider, ring, random } = parts();
  const now = systemClock();
  const wanted = await wantedOf(query.acr_values, query.max_age, cookies);
  const login = newLogin(placeOnSite(settings.SITE_URL, query.returnTo), now, random, wanted);
  const target = await provider.authorizationUrl(login, query.prompt);
  if (!target.ok) {
    const loginPath = `${settings.API_BASE_PATH ?? ''}/auth/login`;
    return target.failure === 'unsupported'
      ? { ...problemPage('registration_unsupported', loginPath), status: 400 }
      : { ...problemPage('provider_unavailable', loginPath), status: 502 };
  }
  const keys = await ring();
  const name = loginCookieName(login.state);
  return {
    status: 303,
    headers: { Location: target.url },
    cookies: [
      ...surplusLogins(keys, audience, cookies, now).map((old) =>
        hostCookie(old, '', { maxAge: 0, sameSite: 'Lax' }),
      ),
      // Lax: the callback is a navigation that the provider's site starts
      hostCookie(name, sealLogin(keys, audience, login, random), { maxAge: LOGIN_SECONDS, sameSite: 'Lax' }),
    ],
  };
});

/** A step-up is for the person whose session the browser has; without one it is a sign-in that proves more. */
async function wantedOf(
  acrValues: string | undefined,
  maxAge: number | undefined,
  cookies: readonly Cookie[],
): Promise<Wanted | undefined> {
  if (acrValues === undefined && maxAge === undefined) return undefined;
  const [cookie, ...others] = valuesOf(cookies, SESSION_COOKIE);
  const found =
    cookie === undefined || others.length > 0 ? undefined : await parts().sessions.resolve(cookie);
  return {
    acrValues: (acrValues ?? '').split(' ').filter((value) => value !== ''),
    ...(maxAge === undefined ? {} : { maxAge }),
    ...(found?.ok === true ? { subject: found.session.content.identity.subject } : {}),
  };
}
