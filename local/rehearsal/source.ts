/** What is rehearsed: one commit of a repository in a clean clone, and the source that CodePipeline would make of it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Failure } from '../failure';
import { ran } from './programs';

export interface Source {
  /** Folder of the clone. */
  readonly clone: string;
  readonly commit: string;
  /** First line of the commit's message. */
  readonly message: string;
  /** Whether the settings of the pipeline were those of {@link SETTINGS}, since the commit has none. */
  readonly settingsFilledIn: boolean;
}

const CONFIG = 'lib/config.ts';
const NONE = 'const pipeline: unknown = null;';
/** Of docs/pipeline.md: names that exist nowhere. */
const SETTINGS = `const pipeline: unknown = {
  account: '111122223333',
  region: 'us-east-1',
  repository: 'example/widgets',
  branch: 'main',
  connectionArn:
    'arn:aws:codeconnections:us-east-1:111122223333:connection/00000000-0000-0000-0000-000000000000',
  notify: ['team@example.com'],
  codeArtifact: { domain: 'example', repository: 'clients', create: true },
};`;

/**
 * @param repository folder of the repository
 * @param revision anything that git takes for a commit
 * @throws Failure when there is no such repository or commit
 */
export async function cloneOf(repository: string, revision: string, clone: string): Promise<Source> {
  const said = await git(repository, ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`]).catch(
    () => {
      throw new Failure(`${repository} has no commit ${revision}`);
    },
  );
  await git(repository, ['clone', '--quiet', '--no-checkout', '--no-hardlinks', repository, clone]);
  await git(clone, ['checkout', '--quiet', '--detach', said.trim()]);
  const file = join(clone, CONFIG);
  const config = readFileSync(file, 'utf8');
  const settingsFilledIn = config.includes(NONE);
  if (settingsFilledIn) {
    writeFileSync(file, config.replace(NONE, SETTINGS));
    const who = ['-c', 'user.name=rehearsal', '-c', 'user.email=rehearsal@example.invalid'];
    await git(clone, [...who, 'commit', '--quiet', '--all', '--message', 'settings of a rehearsal']);
  }
  const message = await git(repository, ['log', '-1', '--format=%s', said.trim()]);
  const commit = await git(clone, ['rev-parse', 'HEAD']);
  return { clone, commit: commit.trim(), message: message.trim(), settingsFilledIn };
}

/** The files of the commit and nothing else: no history, nothing installed, nothing generated. */
export async function exportTo(folder: string, { clone, commit }: Source): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const archive = `${folder}.tar`;
  await git(clone, ['archive', '--output', archive, commit]);
  const { code, output } = await ran('tar', ['-xf', archive, '-C', folder], { cwd: clone });
  if (code !== 0) throw new Failure(`tar failed: ${output}`);
}

/** @returns number of files that are changed and not committed */
export async function uncommitted(repository: string): Promise<number> {
  const lines = await git(repository, ['status', '--porcelain']);
  return lines.split('\n').filter((line) => line !== '').length;
}

async function git(cwd: string, args: readonly string[]): Promise<string> {
  const { code, output } = await ran('git', args, { cwd });
  if (code !== 0) throw new Failure(`git ${args[0] ?? ''} failed: ${output.trim()}`);
  return output;
}
