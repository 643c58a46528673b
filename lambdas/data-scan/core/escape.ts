/** Names that strangers chose, made fit for a mail: nothing in them breaks a line, hides, or becomes a link. */

const LONGEST = 200;

/**
 * Percent-encodes whatever is no letter, digit, space or one of `_ - ( ) + = , /`, by its UTF-8 bytes, and writes a
 * dot as `[.]`: mail programs make links even of bare domains.
 *
 * Letters are those of any script; combining, bidirectional and control characters are none.
 */
export function mailName(name: string): string {
  const shown = name.replace(/[^\p{L}\p{Nd} _\-()+=,/]/gu, (character) =>
    character === '.' ? '[.]' : percentEncoded(character),
  );
  const start = new RegExp(`^.{${LONGEST}}`, 'u').exec(shown)?.[0];
  return start === undefined || start === shown ? shown : `${start}…`;
}

function percentEncoded(character: string): string {
  return Buffer.from(character, 'utf8').toString('hex').toUpperCase().replace(/../g, '%$&');
}
