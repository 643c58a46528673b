/** The operation of a page, as the page says it to its script. */

interface Need {
  readonly kind: 'bearer' | 'session' | 'key' | 'certificate' | 'other';
  readonly name: string;
  readonly in?: 'header' | 'query' | 'cookie';
}

export interface Tried {
  readonly method: string;
  readonly path: string;
  /** URL or path of the API. */
  readonly server: string;
  /** Media type of the body. */
  readonly type?: string;
  readonly digest: boolean;
  readonly needs: readonly Need[];
  /** Paths of operations that help, by their ids. */
  readonly helpers: Readonly<
    Partial<Record<'login' | 'session' | 'initiateAuth' | 'respondToChallenge', string>>
  >;
}

/** Where to sign in, and come back from. @param more parameters of the operation */
export function loginUrl(server: string, path: string, more: Readonly<Record<string, string>> = {}): string {
  const returnTo = location.pathname + location.search + location.hash;
  return `${server}${path}?${new URLSearchParams({ returnTo, ...more }).toString()}`;
}
