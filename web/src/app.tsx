/** The frame around every screen: header, main, messages, and where the focus goes. */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';

import { api } from './api';
import { dropAllDrafts } from './drafts';
import { wordsFor } from './failure';
import { currentPlace, goTo, type Here, Link, useHere } from './navigation';
import { FailureNotice } from './parts/failure-notice';
import { type Place, placeOf, SESSION, SETTINGS, signInUrl, STEP_UP, WELCOME, WIDGETS } from './places';
import { NotFound } from './screens/not-found';
import { Review } from './screens/review';
import { SessionDetails } from './screens/session-details';
import { Settings } from './screens/settings';
import { SignInFirst } from './screens/sign-in-first';
import { StepUp } from './screens/step-up';
import { Welcome } from './screens/welcome';
import { WidgetForm } from './screens/widget-form';
import { WidgetList } from './screens/widget-list';
import { SessionProvider, type SessionState, useSession } from './session';

const SITE = 'Sallyport';

export function App(): JSX.Element {
  return (
    <SessionProvider>
      <Frame />
    </SessionProvider>
  );
}

function Frame(): JSX.Element {
  const here = useHere();
  const place = placeOf(here.pathname);
  const { state, refresh } = useSession();
  const [said, setSaid] = useState({ text: '', moves: 0 });
  useTitleAndFocus(here);
  /** Shows a screen of this app and says there what has been done. */
  const leave = (path: string, text: string): void => {
    setSaid({ text, moves: here.moves + 1 });
    goTo(path);
  };
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header
        place={place}
        state={state}
        onFailure={(text) => {
          setSaid({ text, moves: here.moves });
        }}
      />
      <main id="main" tabIndex={-1}>
        <p class="said" role="status">
          {said.moves === here.moves ? said.text : ''}
        </p>
        {state.status === 'unknown' ? (
          <>
            <h1 tabIndex={-1}>{SITE}</h1>
            <FailureNotice failure={state.failure} onRetry={() => void refresh()} />
          </>
        ) : (
          <Screen place={place} state={state} leave={leave} />
        )}
      </main>
      <footer>
        <p>A sample application of Sallyport. Your tokens never reach this page.</p>
      </footer>
    </>
  );
}

interface ScreenProps {
  readonly place: Place;
  readonly state: SessionState;
  readonly leave: (path: string, said: string) => void;
}

function Screen({ place, state, leave }: ScreenProps): JSX.Element {
  if (place.screen === 'not-found') return <NotFound />;
  if (state.status === 'loading' || state.status === 'unknown') {
    return (
      <>
        <h1 tabIndex={-1}>{SITE}</h1>
        <p class="soft">Loading …</p>
      </>
    );
  }
  if (place.screen === 'welcome') return <Welcome />;
  if (state.status === 'signed-out') return <SignInFirst />;
  switch (place.screen) {
    case 'widgets':
      return <WidgetList />;
    case 'new-widget':
      return <WidgetForm key="new" id={null} subject={state.session.subject} leave={leave} />;
    case 'widget':
      return <WidgetForm key={place.id} id={place.id} subject={state.session.subject} leave={leave} />;
    case 'review':
      return <Review key={place.id} id={place.id} subject={state.session.subject} />;
    case 'session':
      return <SessionDetails state={state} />;
    case 'settings':
      return <Settings />;
    case 'step-up':
      return <StepUp />;
  }
}

interface HeaderProps {
  readonly place: Place;
  readonly state: SessionState;
  readonly onFailure: (message: string) => void;
}

function Header({ place, state, onFailure }: HeaderProps): JSX.Element {
  const signOut = async (): Promise<void> => {
    const result = await api.signOut();
    if (!result.ok && result.failure.kind !== 'unauthorized') {
      onFailure(`You are still signed in. ${wordsFor(result.failure).title}.`);
      return;
    }
    dropAllDrafts();
    // without a session there is nothing left to end, here or at the login pages
    location.assign(result.ok ? result.value.logoutUrl : WELCOME);
  };
  const signedIn = state.status === 'signed-in';
  return (
    <header>
      <div class="bar">
        <Link to={WELCOME} class="brand">
          {SITE}
        </Link>
        <nav aria-label="Main">
          {signedIn && (
            <>
              <Link to={WIDGETS} current={place.screen === 'widgets'}>
                Widgets
              </Link>
              <Link to={STEP_UP} current={place.screen === 'step-up'}>
                Step-up
              </Link>
              <Link to={SETTINGS} current={place.screen === 'settings'}>
                Settings
              </Link>
              <Link to={SESSION} current={place.screen === 'session'}>
                Session
              </Link>
            </>
          )}
          {(state.status === 'signed-out' || state.status === 'ended') && (
            <a href={signInUrl(currentPlace())}>Sign in</a>
          )}
        </nav>
        {signedIn && (
          <button type="button" class="link" onClick={() => void signOut()}>
            Sign out
          </button>
        )}
      </div>
    </header>
  );
}

/** The title is that of the screen, and after a move a screen reader goes on at its heading. */
function useTitleAndFocus({ moves }: Here): void {
  useLayoutEffect(() => {
    const name = document.querySelector('h1')?.textContent ?? '';
    document.title = name === '' || name === SITE ? SITE : `${name} – ${SITE}`;
  });
  useEffect(() => {
    if (moves > 0) document.querySelector<HTMLElement>('h1')?.focus();
  }, [moves]);
}
