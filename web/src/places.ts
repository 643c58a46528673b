/** The places of the app: which screen a path is, and the way to the login pages and back. */

export type Place =
  | { readonly screen: 'welcome' }
  | { readonly screen: 'widgets' }
  | { readonly screen: 'new-widget' }
  | { readonly screen: 'widget'; readonly id: string }
  | { readonly screen: 'session' }
  | { readonly screen: 'not-found' };

export const WELCOME = '/';
export const WIDGETS = '/widgets';
export const NEW_WIDGET = '/widgets/new';
export const SESSION = '/session';

const WIDGET = /^\/widgets\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export function placeOf(pathname: string): Place {
  switch (pathname) {
    case WELCOME:
      return { screen: 'welcome' };
    case WIDGETS:
      return { screen: 'widgets' };
    case NEW_WIDGET:
      return { screen: 'new-widget' };
    case SESSION:
      return { screen: 'session' };
    default: {
      const id = WIDGET.exec(pathname)?.[1];
      return id === undefined ? { screen: 'not-found' } : { screen: 'widget', id };
    }
  }
}

export function widgetPath(id: string): string {
  return `${WIDGETS}/${id}`;
}

/** Where to navigate to sign in. @param returnTo path on this site to come back to, with query and fragment */
export function signInUrl(returnTo: string): string {
  return `/api/auth/login?${new URLSearchParams({ returnTo }).toString()}`;
}

/** The same for people without an account (OpenID Connect, Initiating User Registration 1.0). */
export function registerUrl(returnTo: string): string {
  return `/api/auth/login?${new URLSearchParams({ returnTo, prompt: 'create' }).toString()}`;
}
