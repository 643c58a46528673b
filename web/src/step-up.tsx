/** Requests that may take a proof beyond the sign-in: asks for it in the page, and sends them again. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

import type { Result } from './api';
import type { StepUpRequest } from './api-types';
import type { Demand } from './failure';
import { StepUpDialog } from './parts/step-up-dialog';
import { useSession } from './session';

/** A request somebody has to step up for, and what it is to people, e.g. `Transfer of 12.95`. */
export interface Proven extends StepUpRequest {
  readonly what: string;
}

interface Asked {
  readonly request: Proven;
  readonly demand: Demand;
  readonly settle: (proven: boolean) => void;
}

interface StepUps {
  /**
   * Sends a request. Where the answer demands a step-up, the person is asked for it and the request is sent once more.
   *
   * @param send must send the same each time: a proof may be bound to the very bytes
   * @returns a failure of the kind `step-up` when the person gives up
   */
  readonly proven: <T>(request: Proven, send: () => Promise<Result<T>>) => Promise<Result<T>>;
  /** To be shown by whoever calls `proven`. */
  readonly dialog: JSX.Element | null;
}

export function useStepUp(): StepUps {
  const { watched } = useSession();
  const [asked, setAsked] = useState<Asked | null>(null);
  const proven = async <T,>(request: Proven, send: () => Promise<Result<T>>): Promise<Result<T>> => {
    const first = await watched(send());
    if (first.ok || first.failure.kind !== 'step-up') return first;
    const { demand } = first.failure;
    const done = await new Promise<boolean>((settle) => {
      setAsked({ request, demand, settle });
    });
    setAsked(null);
    return done ? watched(send()) : first;
  };
  const dialog =
    asked === null ? null : (
      <StepUpDialog
        request={asked.request}
        demand={asked.demand}
        onProven={() => {
          asked.settle(true);
        }}
        onCancel={() => {
          asked.settle(false);
        }}
      />
    );
  return { proven, dialog };
}
