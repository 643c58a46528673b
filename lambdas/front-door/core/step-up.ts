/** What the front door asks of the step-up check, and how its answers are rendered. */
import type { Caller, SignIn } from '../../_kernel/caller';
import type { DenialContext } from '../contract';

/** A request that an alternative of its operation has let in. */
interface LetIn {
  /** Key of the operation in the policy. */
  readonly operation: string;
  readonly method: string;
  /** Path as it was sent, without the stage. */
  readonly path: string;
  /** Header values by lower-case name. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly caller: Caller;
  /** `undefined` when the credentials tell of no sign-in. */
  readonly session: SignIn | undefined;
}

/**
 * How the check of a request ended:
 * - `insufficient`: the caller must prove more, and is told what (401)
 * - `forbidden`: no proof would help (403)
 * - `unavailable`: it could not be found out (403)
 */
export type StepUpVerdict =
  | { readonly ok: true; readonly context: Readonly<Record<string, string>> }
  | {
      readonly ok: false;
      readonly failure: 'insufficient';
      readonly reason: 'step_up_required' | 'digest_missing';
      readonly acr: string;
      /** Seconds. */
      readonly maxAge: number;
    }
  | {
      readonly ok: false;
      readonly failure: 'forbidden' | 'unavailable';
      readonly reason: 'operation_denied' | 'step_up_impossible' | 'step_up_unavailable';
    };

/** Decides about a request that was let in; does not throw. */
export type StepUpCheck = (request: LetIn) => Promise<StepUpVerdict>;

const DESCRIPTIONS = {
  step_up_required: 'a more recent or stronger authentication is required',
  digest_missing: 'one Content-Digest with sha-256 is required',
} as const;

/** Context of a denial that asks for more (RFC 9470 section 3). */
export function stepUpContext({
  acr,
  maxAge,
  reason,
}: Extract<StepUpVerdict, { failure: 'insufficient' }>): DenialContext {
  const challenge = [
    'Bearer realm="sallyport"',
    'error="insufficient_user_authentication"',
    `error_description="${DESCRIPTIONS[reason]}"`,
    `acr_values="${acr}"`,
    `max_age=${maxAge}`,
  ].join(', ');
  return { challenge, challengeJson: JSON.stringify(challenge).slice(1, -1), reason };
}

/** The path in the ARN of a method, `arn:…:<api>/<stage>/<method>/<path>`, as the client sent it. */
export function pathOf(methodArn: string): string {
  return `/${methodArn.split('/').slice(3).join('/')}`;
}
