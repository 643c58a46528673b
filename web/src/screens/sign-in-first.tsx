/** What a screen that needs a session shows to somebody without one. */
import type { JSX } from 'preact';

import { currentPlace } from '../navigation';
import { signInUrl } from '../places';

export function SignInFirst(): JSX.Element {
  return (
    <>
      <h1 tabIndex={-1}>Sign in to see this page</h1>
      <p>You come back here afterwards.</p>
      <p>
        <a class="button" href={signInUrl(currentPlace())}>
          Sign in
        </a>
      </p>
    </>
  );
}
