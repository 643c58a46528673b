/** Cookies as RFC 6265 writes them: the exact pairs of a request, and the one kind of Set-Cookie this project sends. */

/** One pair of a Cookie header, as it was sent: nothing is decoded, unquoted or renamed. */
export type Cookie = readonly [name: string, value: string];

/**
 * Reads the pairs of a Cookie header (RFC 6265 section 4.2.1), in the order they were sent.
 *
 * A name ends at the first `=` and counts exactly: `xname=1` and `other=name=1` are not `name`. A pair without `=` is a
 * value without a name, as browsers send it (RFC 6265bis section 5.7).
 *
 * @param headers every Cookie header of the request; HTTP/2 may split one into several (RFC 9113 section 8.2.3)
 */
export function parseCookies(headers: readonly string[]): Cookie[] {
  return headers
    .flatMap((header) => header.split(';'))
    .map(withoutBlanks)
    .filter((pair) => pair !== '')
    .map((pair): Cookie => {
      const end = pair.indexOf('=');
      return end < 0 ? ['', pair] : [pair.slice(0, end), pair.slice(end + 1)];
    });
}

/**
 * A text without the spaces and tabs around it, and no other white space (RFC 9110 section 5.6.3): browsers let cookies
 * have names that begin with other kinds of it. By no pattern, since one would go over long blanks within the text again
 * and again, for whoever sends them.
 */
export function withoutBlanks(text: string): string {
  const isBlank = (index: number): boolean => text[index] === ' ' || text[index] === '\t';
  let [start, end] = [0, text.length];
  while (isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return text.slice(start, end);
}

/** The different values of a name; more than one means that somebody else has set the cookie too. */
export function valuesOf(cookies: readonly Cookie[], name: string): string[] {
  return [...new Set(cookies.filter(([given]) => given === name).map(([, value]) => value))];
}

/** Name of a cookie that only this very host can have set, over TLS and for all paths (RFC 6265bis section 4.1.3.2). */
export type HostCookieName = `__Host-${string}`;

interface CookieAttributes {
  /** Seconds the browser keeps it; 0 removes it. */
  readonly maxAge: number;
  readonly sameSite: 'Strict' | 'Lax';
}

/**
 * Writes a Set-Cookie value with all that the prefix demands: Secure, Path=/ and no Domain; and HttpOnly always.
 *
 * @throws TypeError for a name or a value that RFC 6265 section 4.1.1 does not allow, or a Max-Age that is no count
 */
export function hostCookie(
  name: HostCookieName,
  value: string,
  { maxAge, sameSite }: CookieAttributes,
): string {
  if (!/^__Host-[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new TypeError('cookie name is not a token');
  // cookie-octet: no control, space, quote, comma, semicolon or backslash
  if (!/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/.test(value))
    throw new TypeError(`value of cookie ${name} has a character it must not have`);
  if (!Number.isSafeInteger(maxAge) || maxAge < 0)
    throw new TypeError(`Max-Age of cookie ${name} is ${maxAge}; give whole seconds`);
  return `${name}=${value}; Max-Age=${maxAge}; Path=/; Secure; HttpOnly; SameSite=${sameSite}`;
}
