/**
 * Entry of `npm run bench`: measures what docs promise, against a peer on the same machine in the same run.
 *
 * Prints one table and writes it to bench/results.md. Figures are medians over rounds, in which the contestants take
 * turns, so that a busy machine slows both.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

import { loadRows } from './load';
import { startRows } from './start';
import { synthRows } from './synth';
import { verdictRows } from './verdict';
import type { Row } from './row';

const HEADINGS = ['what', 'this project', 'peer', 'ratio', 'goal', 'met'];

async function main(): Promise<void> {
  const rows: Row[] = [];
  for (const measure of [verdictRows, loadRows, synthRows, startRows]) {
    for (const row of await measure()) {
      rows.push(row);
      console.log(cells(row).join(' | '));
    }
  }
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, ${process.platform} ${process.arch}`;
  const table = [HEADINGS, HEADINGS.map(() => '---'), ...rows.map(cells)]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n');
  const page = `# Results of the last \`npm run bench\`

${new Date().toISOString().slice(0, 10)}, Node ${process.version} (OpenSSL ${process.versions.openssl}), ${machine}.

${table}
`;
  writeFileSync(join(__dirname, 'results.md'), page);
  console.log(`\n${page}`);
}

function cells({ what, ours, peer = '', ratio, goal = '', met }: Row): string[] {
  return [
    what,
    ours,
    peer,
    ratio === undefined ? '' : ratio.toFixed(2),
    goal,
    met === undefined ? '' : met ? 'yes' : 'no',
  ];
}

void main();
