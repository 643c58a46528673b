/** Reads the document that was published last: a file, or the same file at a git revision. */
import { execFileSync } from 'node:child_process';
import { basename, dirname } from 'node:path';

import { DocumentError, parseOpenApi, readDocument, type OpenApiDocument } from '../../lib/api/document';
import { UsageError } from './outcome';

const GIT = 'git:';

/**
 * Reads a document.
 *
 * @param source path, or `git:<revision>` for `file` as that revision has it
 * @param file path of the document that is compared with it
 * @throws UsageError for a revision or document that cannot be read: without it nothing can be said
 */
export function readPublished(source: string, file: string): OpenApiDocument {
  if (!source.startsWith(GIT)) return readOrUsage(() => readDocument(source));
  const revision = source.slice(GIT.length);
  // git would take a leading dash for an option, and a colon or a space for more than a revision
  if (!/^[\w@{}^~./][\w@{}^~./-]*$/.test(revision))
    throw new UsageError(`${JSON.stringify(revision)} is no git revision; write e.g. git:v1.2.0`);
  let text: string;
  try {
    text = execFileSync('git', ['show', `${revision}:./${basename(file)}`], {
      cwd: dirname(file),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.split('\n')[0] ?? '';
    throw new UsageError(
      `${source}: ${said === '' ? (error instanceof Error ? error.message : String(error)) : said}`,
    );
  }
  return readOrUsage(() => parseOpenApi(text, source));
}

/** A document that cannot be used is a wrong call, not a finding. */
export function readOrUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof DocumentError ? new UsageError(error.message) : error;
  }
}
