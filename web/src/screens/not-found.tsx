import type { JSX } from 'preact';

import { Link } from '../navigation';
import { WELCOME } from '../places';

export function NotFound(): JSX.Element {
  return (
    <>
      <h1 tabIndex={-1}>There is no such page</h1>
      <p>The address may be mistyped, or what was here is gone.</p>
      <p>
        <Link to={WELCOME} class="button">
          Go to the start page
        </Link>
      </p>
    </>
  );
}
