/** Asks for the proof that a request takes: a code, or a fresh sign-in where that does. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { api, type Result } from '../api';
import type { StepUpChallenge } from '../api-types';
import { type Demand, type Failure, waitText } from '../failure';
import { currentPlace, Link } from '../navigation';
import { passkeysWork } from '../passkey';
import { SETTINGS, signInUrl } from '../places';
import { useSession } from '../session';
import type { Proven } from '../step-up';
import { CodeForm } from './code-form';
import { FailureNotice } from './failure-notice';
import { Modal } from './modal';
import { PasskeyForm } from './passkey-form';

interface Props {
  readonly request: Proven;
  readonly demand: Demand;
  readonly onProven: () => void;
  readonly onCancel: () => void;
}

type Open = StepUpChallenge & { readonly challengeId: string };

/** Why there is no code to enter, and what can be done instead. */
type Stuck = {
  readonly title: string;
  readonly text: string;
  readonly way: 'again' | 'enrol' | 'sign-in' | 'wait';
};

type State =
  | { readonly phase: 'asking' }
  | { readonly phase: 'code'; readonly challenge: Open; readonly answers: number; readonly error?: string }
  | { readonly phase: 'stuck'; readonly stuck: Stuck; readonly challenge?: StepUpChallenge }
  | { readonly phase: 'failed'; readonly failure: Failure };

/** Answers that one challenge takes. */
const MOST_ANSWERS = 3;

export function StepUpDialog({ request, demand, onProven, onCancel }: Props): JSX.Element {
  const { watched } = useSession();
  const [state, setState] = useState<State>({ phase: 'asking' });
  const [busy, setBusy] = useState(false);
  /** Whether the service has asked for a passkey although a code was wanted. */
  const [passkeyOnly, setPasskeyOnly] = useState(false);
  const body = useRef<HTMLDivElement>(null);
  const ask = async (passkey = passkeysWork()): Promise<void> => {
    setState({ phase: 'asking' });
    if (demand.acrValues === undefined) {
      setState(SIGN_IN_IS_OLD);
      return;
    }
    const next = await asked({ ...request, passkey }, watched);
    setPasskeyOnly(!passkey && next.phase === 'code' && next.challenge.publicKey !== undefined);
    setState(next);
  };
  useEffect(() => {
    void ask();
  }, []);
  // what was focused may be gone with what was asked before
  useEffect(() => {
    body.current?.querySelector<HTMLElement>('input, a[href], .button')?.focus();
  }, [state]);
  const answer = async (challenge: Open, answers: number, given: Promise<Result<object>>): Promise<void> => {
    setBusy(true);
    const result = await watched(given);
    setBusy(false);
    if (result.ok) onProven();
    else setState(afterRefusal(challenge, answers + 1, result.failure));
  };
  const challenge = state.phase === 'code' || state.phase === 'stuck' ? state.challenge : undefined;
  return (
    <Modal title="Confirm that it is you" describedBy="step-up-what" onCancel={onCancel}>
      <p id="step-up-what">{request.what}</p>
      <div ref={body}>
        {state.phase === 'asking' && (
          <p class="soft" role="status">
            Asking for a code …
          </p>
        )}
        {state.phase === 'failed' && <FailureNotice failure={state.failure} onRetry={() => void ask()} />}
        {state.phase === 'stuck' && (
          <div class="notice" role="alert">
            <p class="notice-title">{state.stuck.title}</p>
            <p>{state.stuck.text}</p>
            <WayOut way={state.stuck.way} demand={demand} onAgain={() => void ask()} onLeave={onCancel} />
          </div>
        )}
        {state.phase === 'code' && state.challenge.publicKey !== undefined && (
          <PasskeyForm
            key={state.challenge.challengeId}
            options={state.challenge.publicKey}
            busy={busy}
            error={state.error}
            onAssertion={(assertion) => {
              const { challenge: open, answers } = state;
              void answer(open, answers, api.respondWithPasskey(open.challengeId, assertion));
            }}
            onCancel={onCancel}
          />
        )}
        {state.phase === 'code' && state.challenge.publicKey === undefined && (
          <CodeForm
            key={state.challenge.challengeId}
            text={textOf(state.challenge)}
            action="Confirm"
            busy={busy}
            error={state.error}
            onCode={(code) => {
              const { challenge: open, answers } = state;
              void answer(open, answers, api.respondToChallenge(open.challengeId, code));
            }}
            onCancel={onCancel}
          />
        )}
      </div>
      {state.phase !== 'code' && (
        <p class="actions">
          <button type="button" class="button quiet" onClick={onCancel}>
            {state.phase === 'asking' ? 'Cancel' : 'Close'}
          </button>
        </p>
      )}
      {state.phase === 'code' && challenge?.publicKey !== undefined && !passkeyOnly && (
        <p class="other-way">
          <button type="button" class="link" onClick={() => void ask(false)}>
            Use a code instead
          </button>
        </p>
      )}
      {state.phase === 'code' && challenge?.sentTo !== undefined && (
        <p class="other-way">
          <button type="button" class="link" onClick={() => void ask()}>
            Send another code
          </button>
        </p>
      )}
      {challenge?.signIn === true && (
        <p class="other-way">
          <a href={signInUrl(currentPlace(), demand)}>Sign in again instead</a>
        </p>
      )}
    </Modal>
  );
}

interface WayOutProps {
  readonly way: Stuck['way'];
  readonly demand: Demand;
  readonly onAgain: () => void;
  readonly onLeave: () => void;
}

function WayOut({ way, demand, onAgain, onLeave }: WayOutProps): JSX.Element | null {
  switch (way) {
    case 'again':
      return (
        <button type="button" class="button" onClick={onAgain}>
          Ask for a new code
        </button>
      );
    case 'enrol':
      return (
        <Link to={SETTINGS} class="button" onFollow={onLeave}>
          Go to the settings
        </Link>
      );
    case 'sign-in': {
      // a level is not what is missing: an app counts from the next sign-in, and who has no factor needs a recent one
      const { maxAge = 0 } = demand.acrValues === undefined ? demand : {};
      return (
        <a class="button" href={signInUrl(currentPlace(), { maxAge })}>
          Sign in again
        </a>
      );
    }
    case 'wait':
      return null;
  }
}

const SIGN_IN_IS_OLD: State = {
  phase: 'stuck',
  stuck: {
    title: 'Your sign-in is too long ago',
    text: 'You have nothing else to prove it by yet. Sign in again, and come back here.',
    way: 'sign-in',
  },
};

async function asked(request: Proven, watched: ReturnType<typeof useSession>['watched']): Promise<State> {
  const { method, path, contentDigest, passkey = false } = request;
  const wanted = { method, path, passkey, ...(contentDigest === undefined ? {} : { contentDigest }) };
  const result = await watched(api.initiateAuth(wanted));
  if (!result.ok) {
    const { failure } = result;
    if (failure.kind !== 'busy') return { phase: 'failed', failure };
    const text = `No more are sent for now. ${waitText(failure.waitSeconds)}`;
    return { phase: 'stuck', stuck: { title: 'Too many codes were sent', text, way: 'wait' } };
  }
  const challenge = result.value;
  if (challenge.publicKey !== undefined && !passkeysWork())
    return { phase: 'stuck', stuck: NO_PASSKEYS_HERE };
  if (isOpen(challenge)) return { phase: 'code', challenge, answers: 0 };
  const known = await watched(api.factors());
  if (!known.ok) return { phase: 'failed', failure: known.failure };
  const later = known.value.factors.some(({ usable }) => !usable);
  return { phase: 'stuck', challenge, stuck: later ? APP_COUNTS_LATER : NOTHING_TO_ANSWER_WITH };
}

const NO_PASSKEYS_HERE: Stuck = {
  title: 'This browser cannot use your passkey',
  text: 'Open this page in a browser that can.',
  way: 'wait',
};

const APP_COUNTS_LATER: Stuck = {
  title: 'Your authenticator app counts from your next sign-in',
  text: 'It was set up during this one. Sign in again, and come back here.',
  way: 'sign-in',
};

const NOTHING_TO_ANSWER_WITH: Stuck = {
  title: 'You have nothing to confirm it with',
  text: 'Set up an authenticator app in the settings first.',
  way: 'enrol',
};

function afterRefusal(challenge: Open, answers: number, failure: Failure): State {
  if (failure.kind === 'busy') {
    const text = `No answer of yours is looked at for now. ${waitText(failure.waitSeconds)}`;
    return { phase: 'stuck', stuck: { title: 'Too many wrong codes', text, way: 'wait' } };
  }
  if (failure.kind !== 'wrong-code') return { phase: 'failed', failure };
  const over = (title: string): State => ({
    phase: 'stuck',
    challenge,
    stuck: { title, text: 'Nothing was done. Ask for a new one.', way: 'again' },
  });
  if (Date.parse(challenge.expiresAt ?? '') <= Date.now()) return over('This took too long');
  if (answers >= MOST_ANSWERS) return over('Three answers were not right');
  const error =
    challenge.publicKey === undefined
      ? 'This code is not right, or was used before. Enter the newest one.'
      : 'This passkey is not one of yours here, or was not taken. Try again.';
  return { phase: 'code', challenge, answers, error };
}

function isOpen(challenge: StepUpChallenge): challenge is Open {
  return challenge.challengeId !== undefined;
}

function textOf({ code, sentTo = 'you' }: StepUpChallenge): string {
  switch (code) {
    case 'EMAIL_STEP_UP':
      return `Enter the code in the e-mail that was sent to ${sentTo}.`;
    case 'SMS_STEP_UP':
      return `Enter the code in the text message that was sent to ${sentTo}.`;
    case 'SOFTWARE_TOKEN_STEP_UP':
    case 'MAYBE_SOFTWARE_TOKEN_STEP_UP':
      return 'Enter the code that your authenticator app shows now.';
    // asked for by the browser, in words of its own
    case 'PASSKEY_STEP_UP':
      return '';
  }
}
