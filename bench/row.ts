/** One line of the table of figures, and the statistics behind it. */
import { cpus } from 'node:os';

export interface Row {
  readonly what: string;
  readonly ours: string;
  /** Figure and name of what is compared with. */
  readonly peer?: string;
  readonly ratio?: number;
  readonly goal?: string;
  /** Whether the goal is met; absent where there is none. */
  readonly met?: boolean;
}

/** Value below which the given share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

const HEADINGS = ['what', 'this project', 'peer', 'ratio', 'goal', 'met'];

/** One line of the table. */
export function lineOf({ what, ours, peer = '', ratio, goal = '', met }: Row): string {
  const shown = ratio === undefined ? '' : ratio.toFixed(2);
  return `| ${[what, ours, peer, shown, goal, met === undefined ? '' : met ? 'yes' : 'no'].join(' | ')} |`;
}

/**
 * The page of results: machine, versions, table.
 *
 * @param command that makes it
 * @param how what a reader must know of the runs
 */
export function pageOf(command: string, how: string, rows: readonly Row[]): string {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, ${process.platform} ${process.arch}`;
  const versions = `Node ${process.version} (OpenSSL ${process.versions.openssl})`;
  const head = [HEADINGS, HEADINGS.map(() => '---')].map((cells) => `| ${cells.join(' | ')} |`);
  return `# Results of the last \`${command}\`

${new Date().toISOString().slice(0, 10)}, ${versions}, ${machine}. ${how}

${[...head, ...rows.map(lineOf)].join('\n')}
`;
}
