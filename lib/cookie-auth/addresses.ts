/** Addresses of cookie sign-in, looked at before anything is deployed. */
import { Token } from 'aws-cdk-lib';

/** A setting of `CookieAuth` that would not do what it says; the message names it and says what to write. */
export class CookieAuthError extends Error {
  override readonly name = 'CookieAuthError';
}

/** Plain HTTP reaches no further than this machine. */
const SECURE = /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/|$))/;

interface Addresses {
  readonly siteUrl: string;
  readonly basePath?: string;
  /** `null` of a user pool, whose issuer AWS gives it. */
  readonly issuer: string | null;
}

/**
 * Addresses that are only known when they are deployed are left alone.
 *
 * @throws CookieAuthError
 */
export function checkAddresses({ siteUrl, basePath = '/api', issuer }: Addresses): void {
  const check = (setting: string, value: string, fits: (value: string) => boolean, write: string): void => {
    if (Token.isUnresolved(value) || fits(value)) return;
    throw new CookieAuthError(`cookie-auth: ${setting} is ${JSON.stringify(value)}; write ${write}`);
  };
  check(
    'siteUrl',
    siteUrl,
    // browsers send exactly this as Origin
    (url) => SECURE.test(url) && URL.canParse(url) && new URL(url).origin === url,
    'the https:// origin of the site, in lower case and without a path (http://localhost:<port> for development)',
  );
  check(
    'basePath',
    basePath,
    (path) => /^(\/[\w.~-]+)*$/.test(path),
    "a path that begins with a slash and ends without one, or '' where the API is the site's root",
  );
  if (issuer === null) return;
  check(
    'provider.issuer',
    issuer,
    (url) => SECURE.test(url) && URL.canParse(url),
    'an https:// address: over plain HTTP somebody else could say where the client secret is sent',
  );
}
