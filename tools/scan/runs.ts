/** Runs of the data scan: starts them, and says how they go. */
import { setTimeout as pause } from 'node:timers/promises';

import type { Executions } from '../../lambdas/data-scan/adapters/executions';
import { mailName } from '../../lambdas/data-scan/core/escape';
import { isRunId } from '../../lambdas/data-scan/core/objects';
import type { Run, Runs } from '../../lambdas/data-scan/core/ports';
import { EXIT, type Exit, type Say, UsageError } from './outcome';

export interface Watched {
  readonly runs: Pick<Runs, 'read' | 'active' | 'ballots'>;
  readonly executions: Executions;
  readonly siteUrl: string;
  readonly say: Say;
}

const POLL_MS = 1000;

/** @param id of a run that is held, to go on with it; default a new one */
export async function startRun(id: string | undefined, wait: boolean, watched: Watched): Promise<Exit> {
  const run = id ?? `by-hand-${new Date().toISOString().slice(0, 19).replace(/\D/g, '')}`;
  if (!isRunId(run))
    throw new UsageError(
      `--id is ${JSON.stringify(run)}; write 1 to 64 letters, digits, hyphens or underscores`,
    );
  const execution = await watched.executions.start(run);
  watched.say(`started ${run}`);
  return wait ? waitFor(run, watched, execution) : EXIT.done;
}

/** Without an id: of every run that has not ended. */
export async function showStatus(id: string | undefined, wait: boolean, watched: Watched): Promise<Exit> {
  const { runs, say } = watched;
  if (id === undefined) {
    if (wait) throw new UsageError('--wait needs the id of a run');
    const active = await runs.active();
    if (active.length === 0) say('no run is under way');
    for (const run of active) for (const line of await linesOf(run, watched)) say(line);
    return EXIT.done;
  }
  if (wait) return waitFor(id, watched);
  const run = await runs.read(id);
  if (run === undefined) throw new Error(nothingKnown(id));
  for (const line of await linesOf(run, watched)) say(line);
  return EXIT.done;
}

/** Says each state once, until the run has ended, is held, or waits for people. */
async function waitFor(id: string, watched: Watched, execution?: string): Promise<Exit> {
  const { runs, executions, say } = watched;
  let said = '';
  for (;;) {
    const status = execution === undefined ? undefined : await executions.status(execution);
    const run = await runs.read(id);
    if (run === undefined && status !== 'RUNNING') {
      if (status === 'SUCCEEDED') {
        say(`${id}: the raw bucket holds nothing that no other run has taken on`);
        return EXIT.done;
      }
      throw new Error(status === undefined ? nothingKnown(id) : `${id}: the execution ${status}`);
    }
    if (run !== undefined) {
      const exit = exitOf(run, status);
      const [first = '', ...more] = await linesOf(run, watched);
      if (first !== said) say(first);
      said = first;
      if (exit !== undefined) {
        for (const line of more) say(line);
        return exit;
      }
    }
    await pause(POLL_MS);
  }
}

/** @param status of the execution, where it is known @returns `undefined` for a run that goes on by itself */
function exitOf({ state, held }: Run, status: string | undefined): Exit | undefined {
  if (state === 'ended') return EXIT.done;
  // the execution that goes on with a held run takes the mark away
  if (held !== undefined && status !== 'RUNNING') return EXIT.failed;
  return state === 'reviewing' ? EXIT.waiting : undefined;
}

function nothingKnown(id: string): string {
  return `no run ${JSON.stringify(id)} is known: the id is another, or there was nothing in the raw bucket`;
}

function stateOf({ state, held }: Run): string {
  return held === undefined ? state : `held while ${state}`;
}

async function linesOf(run: Run, { runs, siteUrl }: Watched): Promise<string[]> {
  const { id, held, objects, attempts, startedAt, counts, review } = run;
  const attempt = attempts > 1 ? `, attempt ${attempts}` : '';
  const lines = [
    `${id}: ${stateOf(run)}, ${objects === 1 ? '1 object' : `${objects} objects`}, begun ${new Date(startedAt).toISOString()}${attempt}`,
  ];
  if (held !== undefined)
    lines.push(`  error: ${mailName(held.error)}; when its cause is mended: start --id ${id}`);
  if (counts !== undefined)
    lines.push(
      `  verdicts: ${tally(counts.byVerdict)}`,
      ...[
        ['severities', counts.bySeverity] as const,
        ['types', counts.byType] as const,
        ['why unknown', counts.byReason] as const,
      ].flatMap(([name, of]) => (Object.keys(of).length === 0 ? [] : [`  ${name}: ${tally(of)}`])),
    );
  if (review !== undefined && review.until > 0) {
    const ballots = await runs.ballots(id);
    const decided = [...ballots].filter(([of, ballot]) => of !== 'all' && ballot.decided !== undefined);
    const all = ballots.get('all')?.decided !== undefined || run.state === 'ended';
    const waiting = all ? 0 : review.objects - decided.length;
    lines.push(
      `  review: ${waiting} of ${review.objects} objects wait, until ${new Date(review.until).toISOString()}`,
      `  ${siteUrl}/reviews/${review.id}`,
    );
  }
  return lines;
}

function tally(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, number]) => `${mailName(name)} ${number}`)
    .join(', ');
}
