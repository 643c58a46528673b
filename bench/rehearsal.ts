/**
 * `npx tsx bench/rehearsal.ts [--without-audit | --of <report.json>]`: how long a rehearsal of the pipeline takes, by stage,
 * without npm test: one that it holds, or one that was held. Writes its table to bench/results-rehearsal.md.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import type { Report } from '../local/rehearsal/report';
import { pageOf, type Row } from './row';

const { values } = parseArgs({
  options: { of: { type: 'string' }, 'without-audit': { type: 'boolean', default: false } },
});
const report = JSON.parse(readFileSync(values.of ?? held(values['without-audit']), 'utf8')) as Report;

const page = pageOf(
  'npx tsx bench/rehearsal.ts',
  'One rehearsal of the pipeline without `npm test`: each project installs its packages anew, each environment starts from nothing.',
  rowsOf(report),
);
writeFileSync(join(__dirname, 'results-rehearsal.md'), page);
console.log(`\n${page}`);

/** @returns path of the report */
function held(withoutAudit: boolean): string {
  const home = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  const args = ['run', '-s', 'pipeline:rehearse', '--', '--without-tests'];
  const { status } = spawnSync('npm', withoutAudit ? [...args, '--without-audit'] : args, {
    cwd: join(__dirname, '..'),
    stdio: 'inherit',
    env: { ...process.env, SALLYPORT_HOME: home },
  });
  if (status !== 0) throw new Error(`the rehearsal ended with ${status ?? 'a signal'}; nothing is measured`);
  return join(home, 'rehearsal/report.json');
}

function rowsOf({ actions, seconds }: Report): Row[] {
  const stages = [...new Set(actions.map(({ stage }) => stage))];
  const sum = (some: readonly { readonly seconds: number }[]): number =>
    some.reduce((total, one) => total + one.seconds, 0);
  const slowest = [
    ...actions.flatMap(({ stage, commands }) => commands.map((one) => ({ ...one, stage }))),
  ].sort((a, b) => b.seconds - a.seconds)[0];
  return [
    { what: 'whole rehearsal', ours: `${seconds.toFixed(0)} s` },
    ...stages.map((stage) => ({
      what: `stage ${stage}`,
      ours: `${sum(actions.filter((action) => action.stage === stage)).toFixed(0)} s`,
    })),
    ...(slowest === undefined
      ? []
      : [
          {
            what: `slowest command: \`${slowest.command.split('\n')[0]?.slice(0, 60) ?? ''}\` of ${slowest.stage}`,
            ours: `${slowest.seconds.toFixed(0)} s`,
          },
        ]),
  ];
}
