/** Puts sessions, provider and key ring together for one deployed environment. */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { systemClock } from '../../_kernel/clock';
import { createLogger } from '../../_kernel/log';
import type { CookieAuthSettings } from '../contract';
import type { KeyRing, Random } from '../core/seal';
import { Sessions } from '../core/sessions';
import { openIdProvider, type Provider } from './provider';
import { keptKeyRing, keptSecret, secretsManager } from './secrets';
import { sessionTable } from './session-table';

interface CookieAuthParts {
  readonly settings: CookieAuthSettings;
  /** Environment and client, to which every sealed cookie is bound. */
  readonly audience: string;
  readonly provider: Provider;
  readonly sessions: Sessions;
  readonly ring: (keyId?: string) => Promise<KeyRing>;
  readonly random: Random;
}

/** Everything a handler needs. */
export function openCookieAuth(settings: CookieAuthSettings): CookieAuthParts {
  const clock = systemClock;
  const logger = createLogger({ clock });
  const random: Random = (bytes) => randomBytes(bytes);
  const read = secretsManager();
  const ring = keptKeyRing(read, settings.SESSION_KEY_RING_ARN, clock);
  const provider = openIdProvider(settings, {
    clock,
    clientSecret: keptSecret(read, settings.OIDC_CLIENT_SECRET_ARN, clock),
  });
  const audience = `${settings.SITE_URL} ${settings.OIDC_CLIENT_ID}`;
  const sessions = new Sessions(
    {
      store: sessionTable(settings.SESSION_TABLE_NAME),
      ring,
      clock,
      random,
      pause: (milliseconds) => pause(milliseconds),
      refresh: async (grant) => {
        const result = await provider.refresh(grant);
        logger.metric('SessionRefreshes', { Outcome: result.ok ? 'ok' : result.failure });
        return result;
      },
      revoke: async (grant) => {
        let confirmed = false;
        try {
          confirmed = await provider.revoke(grant);
        } catch (cause) {
          logger.error('revocation_failed', {}, cause);
        }
        // the session is over all the same; what stays is a refresh token that nobody holds any more
        if (!confirmed) logger.warn('revocation_unconfirmed');
        logger.metric('Revocations', { Confirmed: String(confirmed) });
      },
    },
    audience,
    {
      sessionSeconds: settings.SESSION_SECONDS,
      idleSeconds: settings.SESSION_IDLE_SECONDS,
      marked: settings.BACK_CHANNEL_LOGOUT === 'on',
    },
  );
  return { settings, audience, provider, sessions, ring, random };
}

/** The part that the front door needs. */
export function openSessions(settings: CookieAuthSettings): Sessions {
  return openCookieAuth(settings).sessions;
}
