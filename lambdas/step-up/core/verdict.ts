/** Whether a request that was let in needs to prove more, and has. */
import { encodeSignIn, type SignIn } from '../../_kernel/caller';
import type { Clock } from '../../_kernel/clock';
import type { Demand, StepUpPolicy } from '../contract';
import { announcedDigest, bindingOf } from './digest';
import { type Elevation, elevationKey, signInSuffices, suffices } from './elevation';
import type { Known } from './settings';

export interface AskedRequest {
  /** `METHOD /template`. */
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly caller: { readonly subject: string; readonly clientId: string };
  readonly session: SignIn | undefined;
}

export type StepUpResult =
  | { readonly ok: true; readonly context: Readonly<Record<string, string>> }
  | {
      readonly ok: false;
      readonly failure: 'insufficient';
      readonly reason: 'step_up_required' | 'digest_missing';
      readonly acr: string;
      readonly maxAge: number;
    }
  | {
      readonly ok: false;
      readonly failure: 'forbidden' | 'unavailable';
      readonly reason: 'operation_denied' | 'step_up_impossible' | 'step_up_unavailable';
    };

export interface VerdictPorts {
  readonly policy: StepUpPolicy;
  readonly setting: (operation: string) => Promise<Known>;
  /** A consistent read. @returns `undefined` when there is none, or none that makes sense */
  readonly elevation: (key: string) => Promise<Elevation | undefined>;
  /** Uses a step-up up. @returns whether this caller was the one; every other gets false */
  readonly consume: (elevation: Elevation) => Promise<boolean>;
  readonly clock: Clock;
}

/** How long, in milliseconds, the last state that was read still demands a step-up rather than shutting the operation. */
const BLIND_MS = 60_000;

/**
 * The document demands, the setting table only tightens: DENY shuts whoever has proven whatever, REQUIRED demands the
 * policy's default where the document demands nothing. Of an operation the document does not know nothing opens.
 *
 * While the table cannot be read, DENY stays DENY; REQUIRED stays REQUIRED for a minute; everything else is shut, since
 * an operator's DENY may be what cannot be read. So is everything when it has never been read.
 */
export async function stepUpVerdict(request: AskedRequest, ports: VerdictPorts): Promise<StepUpResult> {
  const { policy } = ports;
  const documented = Object.hasOwn(policy.operations, request.operation)
    ? policy.operations[request.operation]
    : undefined;
  if (documented === undefined) return UNAVAILABLE;
  try {
    // both reads at once: a demand of the document needs the second whatever the first says
    const early = documented === null ? undefined : proofOf(request, documented, ports);
    // its own failure is dealt with where it is awaited
    early?.catch(() => undefined);
    const setting = effective(await ports.setting(request.operation), documented !== null);
    if (setting === 'unavailable') return UNAVAILABLE;
    if (setting === 'denied') return { ok: false, failure: 'forbidden', reason: 'operation_denied' };
    if (setting === 'pass') return { ok: true, context: contextOf(request.session) };
    const demand = documented ?? policy.byDefault;
    return await decided(request, demand, await (early ?? proofOf(request, demand, ports)), ports);
  } catch {
    return UNAVAILABLE;
  }
}

const UNAVAILABLE: StepUpResult = { ok: false, failure: 'unavailable', reason: 'step_up_unavailable' };

function effective(known: Known, demanded: boolean): 'pass' | 'required' | 'denied' | 'unavailable' {
  if (known.known === 'never') return 'unavailable';
  if (known.state === 'STEP_UP_DENY') return 'denied';
  const required = demanded || known.state === 'STEP_UP_REQUIRED';
  if (known.known === 'fresh') return required ? 'required' : 'pass';
  return required && known.ageMs < BLIND_MS ? 'required' : 'unavailable';
}

/** What a request has to show: its sign-in is enough, the step-up that was found, or why there cannot be one. */
type Proof =
  | { readonly found: 'sign_in' }
  | {
      readonly found: 'elevation';
      readonly elevation: Elevation;
      readonly key: string;
      readonly digest?: string;
    }
  | {
      readonly found: 'nothing';
      readonly reason: 'step_up_required' | 'digest_missing' | 'step_up_impossible';
    };

async function proofOf(request: AskedRequest, demand: Demand, ports: VerdictPorts): Promise<Proof> {
  const { session, method, path } = request;
  if (session === undefined) return { found: 'nothing', reason: 'step_up_impossible' };
  if (signInSuffices(ports.policy, demand, session, ports.clock())) return { found: 'sign_in' };
  const digest = demand.singleUse ? announcedDigest(request.headers['content-digest'] ?? []) : undefined;
  if (demand.singleUse && digest === undefined) return { found: 'nothing', reason: 'digest_missing' };
  const binding = digest === undefined ? undefined : bindingOf({ method, path, digest });
  const key = elevationKey(session.id, binding);
  const elevation = await ports.elevation(key);
  if (elevation === undefined) return { found: 'nothing', reason: 'step_up_required' };
  return { found: 'elevation', elevation, key, ...(digest === undefined ? {} : { digest }) };
}

async function decided(
  { operation, caller, session }: AskedRequest,
  demand: Demand,
  proof: Proof,
  { policy, consume, clock }: VerdictPorts,
): Promise<StepUpResult> {
  const context = contextOf(session);
  if (proof.found === 'sign_in') return { ok: true, context };
  if (proof.found === 'nothing') {
    const { reason } = proof;
    return reason === 'step_up_impossible'
      ? { ok: false, failure: 'forbidden', reason }
      : insufficient(demand, reason);
  }
  const { elevation, key, digest } = proof;
  if (!suffices(policy, demand, elevation, { ...caller, operation, key, now: clock() }))
    return insufficient(demand, 'step_up_required');
  if (digest === undefined) return { ok: true, context };
  // the row's key binds it to this digest; that of the row is compared all the same
  if (elevation.digest !== digest || !(await consume(elevation)))
    return insufficient(demand, 'step_up_required');
  return { ok: true, context: { ...context, contentDigest: digest } };
}

function insufficient({ acr, maxAge }: Demand, reason: 'step_up_required' | 'digest_missing'): StepUpResult {
  return { ok: false, failure: 'insufficient', reason, acr, maxAge };
}

function contextOf(session: SignIn | undefined): Record<string, string> {
  return session === undefined ? {} : encodeSignIn(session);
}
