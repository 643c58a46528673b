/** Which screen a path is, and the way to the login pages and back. */
import { placeOnSite } from '../../lambdas/cookie-auth/core/return-to';
import { placeOf, registerUrl, signInUrl, widgetPath } from '../../web/src/places';

const ID = '3f1c9a52-6d0e-4b7a-9c44-2f6b8f0f9a11';
const SITE = 'https://site.test';

test.each([
  ['/', { screen: 'welcome' }],
  ['/widgets', { screen: 'widgets' }],
  ['/widgets/new', { screen: 'new-widget' }],
  [widgetPath(ID), { screen: 'widget', id: ID }],
  ['/session', { screen: 'session' }],
  ['/widgets/', { screen: 'not-found' }],
  [`/widgets/${ID}/x`, { screen: 'not-found' }],
  [`/widgets/${ID.toUpperCase()}`, { screen: 'not-found' }],
  ['/widgets/..%2f..%2fauth%2flogout', { screen: 'not-found' }],
  ['//evil.test', { screen: 'not-found' }],
  ['', { screen: 'not-found' }],
])('%s', (path, place) => {
  expect(placeOf(path)).toEqual(place);
});

test.each(['/', '/widgets?page=2&x=a%20b#end', `/widgets/${ID}`])(
  'LOGIN-05 %s survives the way through the login pages',
  (place) => {
    for (const url of [signInUrl(place), registerUrl(place)]) {
      const { pathname, searchParams } = new URL(url, SITE);

      expect(pathname).toBe('/api/auth/login');
      expect(placeOnSite(SITE, searchParams.get('returnTo') ?? '')).toBe(SITE + place);
    }
  },
);

test('registering asks for it, signing in does not', () => {
  expect(new URL(registerUrl('/'), SITE).searchParams.get('prompt')).toBe('create');
  expect(new URL(signInUrl('/'), SITE).searchParams.has('prompt')).toBe(false);
});
