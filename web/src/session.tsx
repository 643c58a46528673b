/** Who is signed in, shared by all screens. */
import { createContext, type JSX, type ComponentChildren } from 'preact';
import { useCallback, useContext, useEffect, useMemo, useState } from 'preact/hooks';

import { api, type Result, siteConfig } from './api';
import type { Session } from './api-types';
import type { Failure } from './failure';

export type SessionState =
  | { readonly status: 'loading' }
  | { readonly status: 'signed-in'; readonly session: Session }
  /** It ended while this page was open; what is on the screen stays until people sign in again. */
  | { readonly status: 'ended'; readonly session: Session }
  | { readonly status: 'signed-out' }
  | { readonly status: 'unknown'; readonly failure: Failure };

interface SessionContext {
  readonly state: SessionState;
  readonly selfSignUp: boolean;
  /** Asks the service again. */
  readonly refresh: () => Promise<void>;
  /** Passes a result on, and notes when it says that nobody is signed in any more. */
  readonly watched: <T>(result: Promise<Result<T>>) => Promise<Result<T>>;
}

const Context = createContext<SessionContext | null>(null);

export function useSession(): SessionContext {
  const context = useContext(Context);
  if (context === null) throw new Error('useSession needs a SessionProvider around it');
  return context;
}

export function SessionProvider({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const [state, setState] = useState<SessionState>({ status: 'loading' });
  const [selfSignUp, setSelfSignUp] = useState(false);
  const refresh = useCallback(async () => {
    const [result, config] = await Promise.all([api.session(), siteConfig()]);
    setSelfSignUp(config.selfSignUp);
    setState(stateOf(result));
  }, []);
  const watched = useCallback(async <T,>(pending: Promise<Result<T>>): Promise<Result<T>> => {
    const result = await pending;
    if (!result.ok && result.failure.kind === 'unauthorized') setState(ended);
    return result;
  }, []);
  useEffect(() => {
    void refresh();
  }, []);
  const value = useMemo(() => ({ state, selfSignUp, refresh, watched }), [state, selfSignUp]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

function stateOf(result: Result<Session>): SessionState {
  if (result.ok) return { status: 'signed-in', session: result.value };
  const { failure } = result;
  return failure.kind === 'unauthorized' ? { status: 'signed-out' } : { status: 'unknown', failure };
}

function ended(state: SessionState): SessionState {
  return state.status === 'signed-in' ? { status: 'ended', session: state.session } : state;
}
