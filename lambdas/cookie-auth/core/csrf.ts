/** Whether a request that changes something comes from a script of the site itself (RFC 10017 section 6.1.3.3). */

/** Header a script must set; a form, a link or an image cannot, and a script of another origin needs CORS for it. */
const HEADER = 'x-sallyport-csrf';
/** Methods that change nothing (RFC 9110 section 9.2.1). */
const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

export type CsrfRefusal = 'csrf_header_missing' | 'csrf_origin_wrong' | 'csrf_site_wrong';

/**
 * Why a request with a session cookie is refused, or `undefined` when it is not.
 *
 * Three independent signs, each of which the browser sets or withholds: the custom header, `Origin` (RFC 6454 section
 * 7, sent with every method but GET and HEAD), and Fetch Metadata where the browser has it.
 *
 * @param siteUrl origin of the site
 */
export function csrfRefusal(
  request: { readonly method: string; readonly headers: Readonly<Record<string, readonly string[]>> },
  siteUrl: string,
): CsrfRefusal | undefined {
  if (SAFE.includes(request.method)) return undefined;
  if (!isOnly(request.headers[HEADER], '1')) return 'csrf_header_missing';
  if (!isOnly(request.headers['origin'], siteUrl)) return 'csrf_origin_wrong';
  const site = request.headers['sec-fetch-site'];
  return site === undefined || isOnly(site, 'same-origin') ? undefined : 'csrf_site_wrong';
}

function isOnly(values: readonly string[] | undefined, expected: string): boolean {
  return values?.length === 1 && values[0] === expected;
}
