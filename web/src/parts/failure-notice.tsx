/** A failure in words, with what can be done about it. */
import type { ComponentChildren, JSX } from 'preact';

import { type Failure, type Words, wordsFor } from '../failure';
import { currentPlace } from '../navigation';
import { signInUrl } from '../places';

interface Props {
  readonly failure: Failure;
  /** Tries again what failed; none where it would not help. */
  readonly onRetry?: () => void;
  /** What this screen says of it in place of the usual. */
  readonly words?: Words | undefined;
  /** More about it. */
  readonly children?: ComponentChildren;
}

export function FailureNotice({ failure, onRetry, words = wordsFor(failure), children }: Props): JSX.Element {
  const { title, text } = words;
  const retriable = failure.kind === 'unreachable' || failure.kind === 'busy' || failure.kind === 'broken';
  return (
    <div class="notice" role="alert">
      <p class="notice-title">{title}</p>
      <p>{text}</p>
      {children}
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
