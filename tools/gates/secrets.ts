/** Secrets in files, found by secretlint with the rules of .secretlintrc.json. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

import type { Finding } from '../spec/outcome';
import { ended } from './program';

interface FileResult {
  readonly filePath: string;
  readonly messages: readonly {
    readonly ruleId: string;
    readonly messageId: string;
    readonly loc: { readonly start: { readonly line: number } };
  }[];
}

const PROJECT = resolve(__dirname, '../..');

/**
 * Searches every file of a folder but those of .secretlintignore. What is found is not repeated: the message of a rule
 * may quote it.
 *
 * @throws Error when the search could not be made, which is not the same as nothing found
 */
export function secretsIn(folder: string): Finding[] {
  const report = mkdtempSync(join(tmpdir(), 'secrets-'));
  try {
    // a file, since the program ends before a pipe has taken all of it
    const file = join(report, 'report.json');
    const { code, out, err } = ended(
      process.execPath,
      [
        join(PROJECT, 'node_modules/secretlint/bin/secretlint.js'),
        ...['--format', 'json', '--output', file, '--secretlintrc', join(PROJECT, '.secretlintrc.json')],
        ...['--secretlintignore', join(PROJECT, '.secretlintignore'), '**/*'],
      ],
      folder,
    );
    // 0: nothing found, 1: found, 2: failed (secretlint --help)
    if (code > 1 || !existsSync(file))
      throw new Error(`secretlint failed (${code}): ${(err || out).slice(-1000)}`);
    return findingsOf(JSON.parse(readFileSync(file, 'utf8')) as FileResult[], folder);
  } finally {
    rmSync(report, { recursive: true });
  }
}

function findingsOf(results: readonly FileResult[], folder: string): Finding[] {
  return results.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, messageId, loc }) => ({
      rule: ruleId,
      place: `${relative(resolve(folder), filePath)}:${loc.start.line}`,
      reason: `${messageId}: revoke it where it was given out, then take it out of the history too`,
    })),
  );
}
