/** Names that strangers chose, in parts to show: what would hide, reorder or break lines is shown by its number. */

interface NamePart {
  readonly text: string;
  /** Whether the text stands for a character, as `U+202E` does. */
  readonly coded: boolean;
}

/**
 * Controls, formats (bidirectional ones among them), separators of lines, what is not assigned or private, spaces that
 * pass for the usual one, what is left blank by default, a space at either end, and marks that pile up on one letter.
 */
const CODED =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cn}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}|^ +| +$|(?<=\p{M}{2})\p{M}/gu;

export function namePartsOf(name: string): NamePart[] {
  const parts: NamePart[] = [];
  let at = 0;
  for (const { 0: found, index } of name.matchAll(CODED)) {
    if (index > at) parts.push({ text: name.slice(at, index), coded: false });
    parts.push(...Array.from(found, (character) => ({ text: codeOf(character), coded: true })));
    at = index + found.length;
  }
  if (at < name.length) parts.push({ text: name.slice(at), coded: false });
  return parts;
}

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
