/** Where a browser may be sent after it has signed in. */

/** Longest place kept; it travels in the login's cookie. */
const MAX_LENGTH = 1_024;

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
  const root = new URL('/', siteUrl).href;
  if (returnTo.length > MAX_LENGTH || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(returnTo)) return root;
  let url: URL;
  try {
    url = new URL(returnTo, root);
  } catch {
    return root;
  }
  return url.origin === new URL(root).origin && !url.pathname.startsWith('//') ? url.href : root;
}
