/** The front door's check of `apiKey` in `cookie`: a session, and no forged request behind it. */
import type { Caller, SignIn } from '../_kernel/caller';
import { parseCookies, valuesOf } from '../_kernel/cookies';
import { atFirstUse } from '../_kernel/env';
import { cookieAuthEnv, SESSION_COOKIE } from './contract';
import { type CsrfRefusal, csrfRefusal } from './core/csrf';
import type { SessionVerdict } from './core/sessions';

interface Request {
  readonly method: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

type Result =
  | { readonly ok: true; readonly caller: Caller; readonly session: SignIn }
  | Exclude<SessionVerdict, { ok: true }>
  | {
      readonly ok: false;
      readonly failure: 'missing' | 'invalid';
      readonly reason: 'credentials_missing' | 'credentials_ambiguous';
    }
  | { readonly ok: false; readonly failure: 'forbidden'; readonly reason: CsrfRefusal | 'scope_missing' };

interface SessionCheckPorts {
  /** Origin of the site. */
  readonly siteUrl: () => string;
  /** Finds the session of a cookie. */
  readonly resolve: (cookie: string) => Promise<SessionVerdict>;
}

/**
 * Makes the check of a session scheme. A request without the cookie costs nothing: SDK clients, key ring and table are
 * reached for only when there is one.
 *
 * @param scheme name of the scheme in the document; reaches the handler
 * @param ports default those of the deployed environment
 */
export function sessionCheck(
  scheme: string,
  ports: SessionCheckPorts = deployedPorts(),
): (request: Request, scopes: readonly string[]) => Promise<Result> {
  return async (request, scopes) => {
    const [cookie, ...others] = valuesOf(parseCookies(request.headers['cookie'] ?? []), SESSION_COOKIE);
    if (cookie === undefined) return { ok: false, failure: 'missing', reason: 'credentials_missing' };
    if (others.length > 0) return { ok: false, failure: 'invalid', reason: 'credentials_ambiguous' };
    const forged = csrfRefusal(request, ports.siteUrl());
    if (forged !== undefined) return { ok: false, failure: 'forbidden', reason: forged };
    const verdict = await ports.resolve(cookie);
    if (!verdict.ok) return verdict;
    const { id, content } = verdict.session;
    const { subject, clientId, scopes: granted, groups, acr, authTime } = content.identity;
    if (!scopes.every((scope) => granted.includes(scope)))
      return { ok: false, failure: 'forbidden', reason: 'scope_missing' };
    return {
      ok: true,
      caller: { subject, clientId, scheme, scopes: granted, groups },
      session: {
        id,
        endsAt: content.endsAt,
        ...(acr === undefined ? {} : { acr }),
        ...(authTime === undefined ? {} : { authTime }),
      },
    };
  };
}

function deployedPorts(): SessionCheckPorts {
  const settings = atFirstUse(() => cookieAuthEnv.read(process.env));
  const sessions = atFirstUse(async () => {
    const { openSessions } = await import('./adapters/open-sessions');
    return openSessions(settings());
  });
  return {
    siteUrl: () => settings().SITE_URL,
    resolve: async (cookie) => (await sessions()).resolve(cookie),
  };
}
