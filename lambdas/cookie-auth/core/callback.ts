/** From callback to grant: whose login it is, what the provider says, whether its tokens hold. */
import type { Cookie } from '../../_kernel/cookies';
import type { Grant, GrantFailure, GrantResult } from './grant';
import { type Login, loginOf, provesWanted } from './login';
import type { SignInProblem } from './page';
import type { KeyRing } from './seal';

interface Callback {
  readonly state?: string | undefined;
  readonly code?: string | undefined;
  readonly error?: string | undefined;
  readonly iss?: string | undefined;
}

interface CallbackPorts {
  readonly isIssuer: (iss: string | undefined) => Promise<boolean>;
  readonly exchange: (code: string, login: Login) => Promise<GrantResult>;
}

/** `login` is there when the callback was this browser's, so that its cookie can go. */
export type CallbackResult =
  | { readonly ok: true; readonly login: Login; readonly grant: Grant }
  | {
      readonly ok: false;
      readonly login?: Login;
      readonly status: 400 | 502 | 504;
      readonly problem: SignInProblem;
    };

const PROBLEMS: Readonly<Record<GrantFailure, readonly [status: 400 | 502 | 504, problem: SignInProblem]>> = {
  refused: [400, 'code_refused'],
  unverified: [502, 'tokens_unverified'],
  slow: [504, 'provider_slow'],
  unavailable: [502, 'provider_unavailable'],
  misconfigured: [502, 'provider_unavailable'],
};

/**
 * Nothing is believed, not even an error, before the state is that of a login of this browser (RFC 6749 section 10.12)
 * and the issuer that of the provider it was sent to (RFC 9207).
 */
export async function finishLogin(
  callback: Callback,
  known: { ring: KeyRing; audience: string; cookies: readonly Cookie[]; now: number },
  ports: CallbackPorts,
): Promise<CallbackResult> {
  const login = loginOf(known.ring, known.audience, { ...known, state: callback.state });
  if (login === undefined) return { ok: false, status: 400, problem: 'login_unknown' };
  const failed = (status: 400 | 502 | 504, problem: SignInProblem): CallbackResult => ({
    ok: false,
    login,
    status,
    problem,
  });
  if (!(await ports.isIssuer(callback.iss))) return failed(400, 'provider_error');
  if (callback.error !== undefined) {
    return failed(400, callback.error === 'access_denied' ? 'access_denied' : 'provider_error');
  }
  if (callback.code === undefined || callback.code === '') return failed(400, 'provider_error');
  const result = await ports.exchange(callback.code, login);
  if (!result.ok) return failed(...PROBLEMS[result.failure]);
  if (!provesWanted(login.wanted, result.grant.identity, known.now)) return failed(400, 'not_proven');
  return { ok: true, login, grant: result.grant };
}
