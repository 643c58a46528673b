/** POST /auth/backchannel-logout: ends the sessions that the identity provider has ended. */
import { backchannelLogout } from '../../generated/operations/backchannelLogout';
import { systemClock } from '../_kernel/clock';
import { atFirstUse } from '../_kernel/env';
import { problem } from '../_kernel/http';
import { createLogger } from '../_kernel/log';
import { operationHandler } from '../_kernel/operation';
import { logoutTable } from './adapters/logout-table';
import { openCookieAuth } from './adapters/open-sessions';
import { cookieAuthEnv } from './contract';
import { endSessionsOf } from './core/back-channel-logout';
import type { Verified } from './core/grant';

const logger = createLogger();
const parts = atFirstUse(() => {
  const { settings, audience, provider, ring } = openCookieAuth(cookieAuthEnv.read(process.env));
  const store = logoutTable(settings.SESSION_TABLE_NAME);
  const verify = async (token: string): Promise<Verified> => provider.logoutToken(token);
  return { audience, ports: { store, ring, verify, clock: systemClock } };
});

export const handler = operationHandler(backchannelLogout, async ({ body }) => {
  const { audience, ports } = parts();
  const result = await endSessionsOf(body.logout_token, audience, ports);
  logger.metric('BackChannelLogouts', { Outcome: result.ok ? 'ok' : result.reason });
  if (result.ok) return { status: 200 };
  if (result.reason === 'logout_failed') logger.error('logout_failed', {}, result.cause);
  // whatever went wrong, it is 400 to the provider (section 2.8)
  const { status, body: details } = problem(400);
  return { status, body: { ...details, reason: result.reason } };
});
