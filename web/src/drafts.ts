/**
 * What somebody has typed and not yet sent, kept for this tab so that signing in again does not lose it. Drafts belong to
 * a person: another one who signs in here does not see them. No secret may be kept this way.
 */

const PREFIX = 'draft';

/** @param subject whose it is @param what the place it was typed at */
export function keepDraft(subject: string, what: string, draft: object): void {
  sessionStorage.setItem(keyOf(subject, what), JSON.stringify(draft));
}

/** @returns what was kept for this place, which alone knows its shape */
export function keptDraft(subject: string, what: string): unknown {
  const text = sessionStorage.getItem(keyOf(subject, what));
  return text === null ? undefined : (JSON.parse(text) as unknown);
}

export function dropDraft(subject: string, what: string): void {
  sessionStorage.removeItem(keyOf(subject, what));
}

/** Of everybody, as on signing out. */
export function dropAllDrafts(): void {
  sessionStorage.clear();
}

function keyOf(subject: string, what: string): string {
  return `${PREFIX} ${subject} ${what}`;
}
