/** Where a browser may be sent after it has signed in. */

/**
 * Characters of the longest place kept, as it is written in full. It travels in the login's cookie, of which five go with
 * every request: API Gateway takes 10,240 bytes of request line and headers in all
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html).
 */
const MAX_LENGTH = 512;

/**
 * The full URL of a place on this site, from a path that anybody may have written.
 *
 * Browsers take a backslash for a slash, drop tabs and line breaks, and start a new authority at `//` (WHATWG URL
 * Standard, URL parsing). So whatever is not printable ASCII is refused before the path is parsed, the result must still
 * be of this origin, and it is absolute: a path that normalizes to `//evil` stays a path.
 *
 * @param siteUrl origin of the site
 * @returns the root of the site for anything that is not such a path
 */
export function placeOnSite(siteUrl: string, returnTo: string): string {
  const root = new URL(siteUrl).href;
  if (!/^\/[\x21-\x5b\x5d-\x7e]*$/.test(returnTo) || !URL.canParse(returnTo, root)) return root;
  const url = new URL(returnTo, root);
  const ofThisSite = url.origin === new URL(root).origin && !url.pathname.startsWith('//');
  // measured as it is kept: parsing writes some characters as three
  return ofThisSite && url.href.length <= MAX_LENGTH ? url.href : root;
}
