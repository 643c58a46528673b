/** How `npm run scan` ends. */

export const EXIT = { done: 0, failed: 1, usage: 2, waiting: 3 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** Writes one line for people or for a program to read. */
export type Say = (line: string) => void;

/** A command that was not understood; the message says what to write. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
