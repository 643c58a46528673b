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
  ['/reviews/dGhpcyBpcyBhIHJldmlldw', { screen: 'review', id: 'dGhpcyBpcyBhIHJldmlldw' }],
  ['/reviews', { screen: 'not-found' }],
  ['/reviews/a%2f..%2fb', { screen: 'not-found' }],
  ['/settings', { screen: 'settings' }],
  ['/step-up', { screen: 'step-up' }],
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

test('a sign-in that shall prove more says what, as the challenge did', () => {
  const asked = (demand: object): string => new URL(signInUrl('/step-up', demand), SITE).search;

  expect(asked({ acrValues: 'urn:a:2 urn:a:3', maxAge: 0 })).toBe(
    '?returnTo=%2Fstep-up&acr_values=urn%3Aa%3A2+urn%3Aa%3A3&max_age=0',
  );
  expect(asked({})).toBe('?returnTo=%2Fstep-up');
});
