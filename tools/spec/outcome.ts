/** What every command of `npm run spec` answers. */

/** Exit codes; docs/publishing.md has them too. */
export const EXIT = { ok: 0, findings: 1, usage: 2 } as const;

/** Something that the caller can mend; shown without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** One thing that stops a release, or in `diff` one change that callers feel. */
export interface Finding {
  /** Stable name, e.g. `alternative-added`. */
  readonly rule: string;
  /** Where: `file:line:column`, `GET /widgets`, `security scheme session`, `servers`. */
  readonly place: string;
  /** What was found, with the values of the document. */
  readonly reason: string;
}

/** What a command writes and how it ends. */
export interface Outcome {
  readonly exit: (typeof EXIT)[keyof typeof EXIT];
  readonly findings: readonly Finding[];
  /** Lines beside the findings: what was compared, what was waived. */
  readonly notes: readonly string[];
}

/** The line of a finding for people. */
export function lineOf({ rule, place, reason }: Finding): string {
  return `${place} ${rule} ${reason}`;
}
