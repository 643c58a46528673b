/** Moving between screens by the History API, without loading the page again. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

const MOVED = 'sallyport:moved';

export interface Here {
  /** Path of the screen. */
  readonly pathname: string;
  /** Counts the moves since the page was loaded. */
  readonly moves: number;
}

/** Shows the screen of a path of this app. */
export function goTo(path: string): void {
  history.pushState(null, '', path);
  scrollTo(0, 0);
  dispatchEvent(new Event(MOVED));
}

/** Where the app is; changes with every move, back and forward too. */
export function useHere(): Here {
  const [here, setHere] = useState<Here>({ pathname: location.pathname, moves: 0 });
  useEffect(() => {
    const moved = (): void => {
      setHere(({ moves }) => ({ pathname: location.pathname, moves: moves + 1 }));
    };
    addEventListener('popstate', moved);
    addEventListener(MOVED, moved);
    return () => {
      removeEventListener('popstate', moved);
      removeEventListener(MOVED, moved);
    };
  }, []);
  return here;
}

/** The present place as a path to come back to. */
export function currentPlace(): string {
  return location.pathname + location.search + location.hash;
}

interface LinkProps {
  readonly to: string;
  readonly class?: string;
  /** Whether it is the screen that is shown. */
  readonly current?: boolean;
  /** Before the other screen is shown. */
  readonly onFollow?: () => void;
  readonly children: ComponentChildren;
}

/** A link to a screen; a new tab, a download and the like stay the browser's. */
export function Link({ to, current = false, onFollow, children, class: className }: LinkProps): JSX.Element {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onFollow?.();
    goTo(to);
  };
  return (
    <a href={to} class={className} aria-current={current ? 'page' : undefined} onClick={follow}>
      {children}
    </a>
  );
}
