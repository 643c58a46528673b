/** The cursor of the list: the id of the last widget read, in one spelling only. */

/** First byte of every cursor, to be raised when its content changes. */
const VERSION = 1;
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/**
 * Renders the cursor of a page that ends with a widget.
 *
 * @param lastId a UUID in lower case
 */
export function encodeCursor(lastId: string): string {
  return Buffer.from([VERSION, ...Buffer.from(lastId.replaceAll('-', ''), 'hex')]).toString('base64url');
}

/**
 * Reads a cursor.
 *
 * @returns the id, or `undefined` for any text which {@link encodeCursor} would not write, character by character
 */
export function decodeCursor(cursor: string): string | undefined {
  const [version, ...bytes] = Buffer.from(cursor, 'base64url');
  if (version !== VERSION) return undefined;
  const id = Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return UUID.test(id) && encodeCursor(id) === cursor ? id : undefined;
}
