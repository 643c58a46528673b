/** The places of the app: which screen a path is, and the way to the login pages and back. */
import type { Demand } from './failure';

export type Place =
  | { readonly screen: 'welcome' }
  | { readonly screen: 'widgets' }
  | { readonly screen: 'new-widget' }
  | { readonly screen: 'widget'; readonly id: string }
  | { readonly screen: 'review'; readonly id: string }
  | { readonly screen: 'session' }
  | { readonly screen: 'settings' }
  | { readonly screen: 'step-up' }
  | { readonly screen: 'not-found' };

export const WELCOME = '/';
export const WIDGETS = '/widgets';
export const NEW_WIDGET = '/widgets/new';
export const SESSION = '/session';
export const SETTINGS = '/settings';
export const STEP_UP = '/step-up';

const WIDGET = /^\/widgets\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
// any id: the service says whether there is such a review
const REVIEW = /^\/reviews\/([A-Za-z0-9_-]+)$/;

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
    case SETTINGS:
      return { screen: 'settings' };
    case STEP_UP:
      return { screen: 'step-up' };
    default: {
      const [id, review] = [WIDGET.exec(pathname)?.[1], REVIEW.exec(pathname)?.[1]];
      if (review !== undefined) return { screen: 'review', id: review };
      return id === undefined ? { screen: 'not-found' } : { screen: 'widget', id };
    }
  }
}

export function widgetPath(id: string): string {
  return `${WIDGETS}/${id}`;
}

/**
 * Where to navigate to sign in.
 *
 * @param returnTo path on this site to come back to, with query and fragment
 * @param demand what the sign-in shall prove (RFC 9470 section 4)
 */
export function signInUrl(returnTo: string, { acrValues, maxAge }: Demand = {}): string {
  const query = new URLSearchParams({
    returnTo,
    ...(acrValues === undefined ? {} : { acr_values: acrValues }),
    ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
  });
  return `/api/auth/login?${query.toString()}`;
}

/** The same for people without an account (OpenID Connect, Initiating User Registration 1.0). */
export function registerUrl(returnTo: string): string {
  return `/api/auth/login?${new URLSearchParams({ returnTo, prompt: 'create' }).toString()}`;
}
