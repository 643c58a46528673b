/** Something the user can mend; its message says what happened and what to do, and is shown without a stack. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
