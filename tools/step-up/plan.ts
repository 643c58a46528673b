/** What a command changes: computed from the document and the rows, before anything is written. */
import type { Setting } from '../../lambdas/step-up/adapters/setting-table';
import type { Documented } from './document';

export type Command = 'list' | 'deny' | 'require' | 'release';

/** A command that was not understood; the message says what to write. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

interface Change {
  readonly id: string;
  readonly group: string;
  readonly before: Setting['state'];
  readonly after: Setting['state'];
}

/**
 * @param which an operation's id, or a group: of the table's rows, or of the document where there is no row
 * @throws UsageError when there is no such operation or group, the deployment does not look it up, or a step-up could not be done any more
 */
export function plan(
  command: Exclude<Command, 'list'>,
  which: string,
  documented: readonly Documented[],
  rows: readonly Setting[],
): Change[] {
  const known = documented.map((operation) => {
    const row = rows.find(({ id }) => id === operation.id);
    return { ...operation, group: row?.group ?? operation.group, before: row?.state };
  });
  const named = known.filter(({ id }) => id === which);
  const meant = named.length > 0 ? named : known.filter(({ group }) => group === which);
  if (meant.length === 0) {
    const groups = [...new Set(known.map(({ group }) => group))].sort().join(', ');
    throw new UsageError(
      `${JSON.stringify(which)} is neither an operation like "POST /transfer" nor a group (${groups}); see: list`,
    );
  }
  // a deployment has a row for every operation that it looks up here
  const ungoverned = meant.find(({ before }) => before === undefined);
  if (ungoverned !== undefined)
    throw new UsageError(
      `${ungoverned.id} has no row, so nothing would obey one: it has a front door of its own (client certificates), or is not deployed yet`,
    );
  const locked = command === 'require' ? meant.find(({ partOfStepUp }) => partOfStepUp) : undefined;
  if (locked !== undefined)
    throw new UsageError(
      `${locked.id} is how a step-up is done; demanding one for it would shut it for good`,
    );
  return meant.map(({ id, group, state, before = state }) => ({
    id,
    group,
    before,
    after: stateAfter(command, state),
  }));
}

/** `release` goes back to the document and no further: what it demands, the table cannot take away. */
function stateAfter(command: Exclude<Command, 'list'>, documented: Documented['state']): Setting['state'] {
  if (command === 'deny') return 'STEP_UP_DENY';
  return command === 'require' ? 'STEP_UP_REQUIRED' : documented;
}

/** One line for each operation; rows of operations that the document no longer has are named as such. */
export function describe(documented: readonly Documented[], rows: readonly Setting[]): string[] {
  const lines = documented.map(({ id, group, state }) => {
    const row = rows.find((one) => one.id === id);
    return [
      id,
      row?.group ?? group,
      state,
      inForce(state, row?.state),
      row?.lastUpdateTimestamp ?? 'no row: not looked up',
    ];
  });
  const left = rows
    .filter(({ id }) => !documented.some((operation) => operation.id === id))
    .map(({ id, group, state, lastUpdateTimestamp }) => [
      id,
      group,
      'not in the document',
      state,
      lastUpdateTimestamp,
    ]);
  const table = [['operation', 'group', 'document', 'in force', 'changed'], ...lines, ...left];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...table.map((cells) => cells[column]?.length ?? 0)),
  );
  return table.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** The stricter of the two. */
function inForce(documented: Documented['state'], row: Setting['state'] | undefined): Setting['state'] {
  if (row === 'STEP_UP_DENY') return row;
  return documented === 'STEP_UP_REQUIRED' || row === 'STEP_UP_REQUIRED'
    ? 'STEP_UP_REQUIRED'
    : 'STEP_UP_NOT_REQUIRED';
}
