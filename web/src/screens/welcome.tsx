/** The start page: what this is, and the way in. */
import type { JSX } from 'preact';

import { Link } from '../navigation';
import { registerUrl, signInUrl, WIDGETS } from '../places';
import { useSession } from '../session';

export function Welcome(): JSX.Element {
  const { state, selfSignUp } = useSession();
  const signedIn = state.status === 'signed-in';
  return (
    <>
      <h1 tabIndex={-1}>Widgets behind a checked front door</h1>
      <p class="lead">
        {signedIn
          ? 'You are signed in. Look at the widgets, add some, change or delete them.'
          : 'A small application that keeps a list of widgets. Sign in to see and change them.'}
      </p>
      <p class="actions">
        {signedIn ? (
          <Link to={WIDGETS} class="button">
            Show the widgets
          </Link>
        ) : (
          <a class="button" href={signInUrl(WIDGETS)}>
            Sign in
          </a>
        )}
        {!signedIn && selfSignUp && (
          <a class="button quiet" href={registerUrl(WIDGETS)}>
            Create an account
          </a>
        )}
      </p>
      <section aria-labelledby="how">
        <h2 id="how">How it keeps you safe</h2>
        <ul class="plain">
          <li>
            You sign in at the identity provider’s own pages; this application never sees your password.
          </li>
          <li>Your session is a cookie that no script can read. Tokens stay on the server.</li>
          <li>
            Every request is checked at the front door, by what the published description of the API says.
          </li>
        </ul>
      </section>
    </>
  );
}
