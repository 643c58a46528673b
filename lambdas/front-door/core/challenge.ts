/** The `WWW-Authenticate` challenge of a 401 (RFC 9110 section 11.6.1, RFC 6750 section 3). */
import { LOGIN_HEADER, type DenialContext } from '../contract';
import type { Failure, Reason } from './verdict';

/** What the client should know about a token that does not hold; in the words of RFC 6750 section 3.1. */
const DESCRIPTIONS: Partial<Record<Reason, string>> = {
  credentials_ambiguous: 'credentials of one kind more than once',
  credentials_malformed: 'not a signed JSON Web Token',
  token_expired: 'the access token expired',
  token_not_yet_valid: 'the access token is not valid yet',
  token_use_wrong: 'not an access token',
  session_invalid: 'the session cookie is not valid',
  session_expired: 'the session expired',
  session_ended: 'the session has ended',
};

/**
 * Context for a denial.
 *
 * A request without credentials gets the scheme alone: RFC 6750 section 3.1 asks for no error code then. The `scope`
 * attribute names what the operation needs.
 */
export function denialContext(failure: Failure, reason: Reason, scopes: readonly string[]): DenialContext {
  const parameters = ['realm="sallyport"'];
  if (scopes.length > 0) parameters.push(`scope="${scopes.join(' ')}"`);
  if (failure === 'invalid') {
    parameters.push(
      'error="invalid_token"',
      `error_description="${DESCRIPTIONS[reason] ?? 'the access token is not valid'}"`,
    );
  }
  const challenge = `Bearer ${parameters.join(', ')}`;
  return { challenge, challengeJson: JSON.stringify(challenge).slice(1, -1), reason };
}

/** Reasons of a refusal that signing in again mends. */
const OVER: readonly Reason[] = ['session_invalid', 'session_expired', 'session_ended'];

/**
 * Where a browser that navigated here goes to sign in again, as a `Refresh` header, or nothing.
 *
 * Only a login of this origin is repeated, percent-encoded as the edge writes it, so nothing of it can end the header or
 * lead elsewhere.
 */
export function refreshContext(
  reason: Reason,
  headers: Readonly<Record<string, readonly string[]>>,
): Pick<DenialContext, 'refresh'> {
  const [login, ...others] = headers[LOGIN_HEADER] ?? [];
  if (login === undefined || others.length > 0 || !OVER.includes(reason)) return {};
  return /^(?:\/[\w-]+)+\/login\?returnTo=%2F[\w.!~*'()%-]{0,4000}$/.test(login)
    ? { refresh: `0; url=${login}` }
    : {};
}
