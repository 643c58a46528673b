/** A failure in words, with what can be done about it. */
import type { JSX } from 'preact';

import { type Failure, wordsFor } from '../failure';
import { currentPlace } from '../navigation';
import { signInUrl } from '../places';

interface Props {
  readonly failure: Failure;
  /** Tries again what failed; none where it would not help. */
  readonly onRetry?: () => void;
}

export function FailureNotice({ failure, onRetry }: Props): JSX.Element {
  const { title, text } = wordsFor(failure);
  const retriable = failure.kind === 'unreachable' || failure.kind === 'busy' || failure.kind === 'broken';
  return (
    <div class="notice" role="alert">
      <p class="notice-title">{title}</p>
      <p>{text}</p>
      {failure.kind === 'unauthorized' && (
        <a class="button" href={signInUrl(currentPlace())}>
          Sign in again
        </a>
      )}
      {retriable && onRetry !== undefined && (
        <button type="button" class="button quiet" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
