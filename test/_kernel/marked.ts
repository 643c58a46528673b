/** Secrets that can be found again wherever they come out. */

/** Short and without punctuation, so that no rule about the shape of secrets can hide it. */
export const MARK = 'zanzibar';

/**
 * Every text of a value replaced by one that holds the mark, but for what makes the event one to be served.
 *
 * @param kept paths of what stays, e.g. `requestContext.resourcePath`, with everything in it
 */
export function marked(value: unknown, kept: readonly string[], path = ''): unknown {
  if (kept.includes(path)) return value;
  if (typeof value === 'string') return `${MARK} ${path}`;
  if (typeof value === 'number') return value;
  if (value === null) return `${MARK} ${path}`;
  if (Array.isArray(value)) return value.map((item) => marked(item, kept, path));
  if (typeof value !== 'object') return value;
  const members = Object.entries(value).map(
    ([name, item]) => [name, marked(item, kept, path === '' ? name : `${path}.${name}`)] as const,
  );
  return Object.fromEntries([...members, [`${MARK}Name`, MARK]]);
}
