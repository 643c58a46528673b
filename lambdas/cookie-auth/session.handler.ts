/** GET /auth/session: who is signed in, how and until when; never a token. */
import { session } from '../../generated/operations/session';
import { timestamp } from '../_kernel/clock';
import { valuesOf } from '../_kernel/cookies';
import { atFirstUse } from '../_kernel/env';
import { operationHandler } from '../_kernel/operation';
import { problem } from '../_kernel/http';
import { openCookieAuth } from './adapters/open-sessions';
import { cookieAuthEnv, SESSION_COOKIE } from './contract';

const parts = atFirstUse(() => openCookieAuth(cookieAuthEnv.read(process.env)));

export const handler = operationHandler(session, async ({ cookies }) => {
  const [cookie = ''] = valuesOf(cookies, SESSION_COOKIE);
  const found = await parts().sessions.resolve(cookie);
  // between the front door and here it may have ended
  if (!found.ok) return problem(401);
  const { content, idleExpiresAt } = found.session;
  const { subject, scopes, groups, acr, amr, authTime } = content.identity;
  return {
    status: 200,
    body: {
      subject,
      scopes: [...scopes],
      groups: [...groups],
      expiresAt: timestamp(() => content.endsAt * 1000),
      idleExpiresAt: timestamp(() => idleExpiresAt * 1000),
      ...(acr === undefined ? {} : { acr }),
      ...(amr === undefined ? {} : { amr: [...amr] }),
      ...(authTime === undefined ? {} : { authTime: timestamp(() => authTime * 1000) }),
    },
  };
});
