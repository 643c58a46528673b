/** What a rehearsal came to, for people and for programs. */
import type { CommandTime } from './build';
import type { Substitution } from './substitutes';

export interface ActionReport {
  readonly stage: string;
  readonly action: string;
  readonly seconds: number;
  readonly commands: readonly CommandTime[];
}

export interface Stopped {
  readonly stage: string;
  readonly action: string;
  readonly command: string;
  readonly reason: string;
}

export interface Report {
  readonly commit: string;
  readonly message: string;
  /** `null` when it passed to the end. */
  readonly stopped: Stopped | null;
  readonly seconds: number;
  /** Those that ran, the one that stopped it included. */
  readonly actions: readonly ActionReport[];
  readonly substituted: readonly Substitution[];
  /** What of the pipeline did not happen, and has no substitute. */
  readonly notShown: readonly string[];
}

/** The end of the output: where it stopped, and everything that was not as in AWS. */
export function closingLines({ stopped, seconds, actions, substituted, notShown }: Report): string[] {
  const same = new Map<string, Substitution & { readonly places: string[] }>();
  for (const one of substituted) {
    const key = JSON.stringify([one.what, one.by, one.because]);
    const there = same.get(key);
    if (there === undefined) same.set(key, { ...one, places: [one.place] });
    else if (!there.places.includes(one.place)) there.places.push(one.place);
  }
  return [
    '',
    'Not as in AWS:',
    ...[...same.values()].map(
      ({ places, what, by, because }) =>
        `  substituted: ${oneLine(what)}\n           by: ${oneLine(by)}\n      because: ${because} (${places.join(', ')})`,
    ),
    ...notShown.map((what) => `  not shown: ${what}`),
    '',
    stopped === null
      ? `Passed: ${actions.length} actions in ${seconds.toFixed(0)} s.`
      : `Stopped after ${seconds.toFixed(0)} s\n  stage:   ${stopped.stage}\n  action:  ${stopped.action}\n  command: ${oneLine(stopped.command)}\n  reason:\n${indented(stopped.reason)}`,
  ];
}

function oneLine(text: string): string {
  return text.replaceAll('\n', ' ⏎ ');
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
