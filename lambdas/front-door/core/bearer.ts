/** The check of `http` `bearer`: an access token in the Authorization header. */
import type { Caller, SignIn } from '../../_kernel/caller';
import { isWellFormedJwt } from './jwt-form';
import type { Check, CheckResult, DenyReason, ForbidReason } from './verdict';

/** What the verifier found in a token that holds. */
interface AccessToken {
  readonly subject: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly groups: readonly string[];
  /** Where the token has an id to bind a step-up to. */
  readonly session?: SignIn;
}

export type TokenVerdict =
  | { readonly ok: true; readonly token: AccessToken }
  | { readonly ok: false; readonly failure: 'invalid'; readonly reason: DenyReason }
  | { readonly ok: false; readonly failure: 'unavailable'; readonly reason: ForbidReason };

/** Port: verifies signature, issuer, client, use and dates of a token. */
export type VerifyAccessToken = (token: string) => Promise<TokenVerdict>;

/**
 * Makes the check of one bearer scheme.
 *
 * The token is read from one Authorization header of the form `Bearer <token>` (RFC 6750 section 2.1); the query string
 * and the body (sections 2.2 and 2.3) are not looked at. All scopes the operation names must be in the token.
 *
 * @param scheme name of the scheme in the document; reaches the handler
 */
export function bearerCheck(scheme: string, verify: VerifyAccessToken): Check {
  return async (request, scopes) => {
    const values = request.headers['authorization'] ?? [];
    const [value] = values;
    if (value === undefined) return refused('missing', 'credentials_missing');
    if (values.length > 1) return refused('invalid', 'credentials_ambiguous');
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?: +(.*))?$/s.exec(value);
    if (match === null) return refused('invalid', 'credentials_malformed');
    // another scheme's credentials are none of this one
    if (match[1]?.toLowerCase() !== 'bearer') return refused('missing', 'credentials_missing');
    const token = match[2] ?? '';
    if (!isWellFormedJwt(token)) return refused('invalid', 'credentials_malformed');
    const result = await verify(token);
    if (!result.ok) return result;
    if (!scopes.every((scope) => result.token.scopes.includes(scope)))
      return { ok: false, failure: 'forbidden', reason: 'scope_missing' };
    const { session } = result.token;
    return {
      ok: true,
      caller: callerOf(scheme, result.token),
      ...(session === undefined ? {} : { session }),
    };
  };
}

function callerOf(scheme: string, token: AccessToken): Caller {
  return {
    subject: token.subject,
    clientId: token.clientId,
    scheme,
    scopes: token.scopes,
    groups: token.groups,
  };
}

function refused(failure: 'missing' | 'invalid', reason: DenyReason): CheckResult {
  return { ok: false, failure, reason };
}
