/** The commands of `npm run spec`, from their arguments to what they answer. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

import { readDocument } from '../../lib/api/document';
import { ACR_LEVELS } from '../../lib/api/security';
import { diff } from './diff';
import { gate, RULES } from './gate';
import { lint } from './lint';
import { type Outcome, UsageError } from './outcome';
import { readOrUsage, readPublished } from './published';
import { readWaivers } from './waivers';

const USAGE = `usage: npm run -s spec -- <command>

  lint [<file>]                         rules of Redocly, and what the synth would refuse
  diff <old> [<new>]                    breaking changes, and whether info.version says so
  gate --against <old> [<new>]          operations that more callers may reach than before

  <old> is a file or git:<revision>; <file> and <new> are openapi.yaml unless given
  --waivers <file>     for gate; default security-waivers.yaml beside <new>
  --acr-levels <a,b>   for gate: authentication levels, weakest first; default ${ACR_LEVELS.join(',')}.
                       A level that is not among them counts as lower than any other
  --json               one JSON object {exit, findings: [{rule, place, reason}], notes}

exit: 0 nothing found; 1 findings; 2 wrong usage, or a document that cannot be read`;

/**
 * Runs one command.
 *
 * @param args as the shell gives them
 * @param today `2026-01-31`, UTC: decides whether a waiver has expired
 * @throws UsageError for wrong arguments, and for a document that cannot be read
 */
export async function runSpec(
  args: readonly string[],
  today: string,
): Promise<{ outcome: Outcome; json: boolean }> {
  const { values, positionals } = parse(args);
  const [command, ...files] = positionals;
  const json = values.json ?? false;
  switch (command) {
    case 'lint': {
      expects(files, 0, 1);
      const file = files[0] ?? 'openapi.yaml';
      if (!existsSync(file)) throw new UsageError(`${file} does not exist`);
      return { json, outcome: await lint(file) };
    }
    case 'diff': {
      expects(files, 1, 2);
      const [old = '', file = 'openapi.yaml'] = files;
      return { json, outcome: readOrUsage(() => diff(readPublished(old, file), readDocument(file))) };
    }
    case 'gate': {
      expects(files, 0, 1);
      const file = files[0] ?? 'openapi.yaml';
      if (values.against === undefined) throw new UsageError(`--against <old> is missing\n\n${USAGE}`);
      const before = readPublished(values.against, file);
      const options = {
        waivers: waiversOf(values.waivers, file),
        today,
        levels: levelsOf(values['acr-levels']),
      };
      return { json, outcome: readOrUsage(() => gate(before, readDocument(file), options)) };
    }
    case undefined:
      throw new UsageError(USAGE);
    default:
      throw new UsageError(`unknown command ${JSON.stringify(command)}\n\n${USAGE}`);
  }
}

function waiversOf(named: string | undefined, file: string): ReturnType<typeof readWaivers> {
  if (named !== undefined && !existsSync(named)) throw new UsageError(`${named} does not exist`);
  return readWaivers(named ?? join(dirname(file), 'security-waivers.yaml'), RULES);
}

/** A list that is not an order would let a lower level pass for a higher one, or never match. */
function levelsOf(given: string | undefined): readonly string[] {
  if (given === undefined) return ACR_LEVELS;
  const levels = given.split(',').map((level) => level.trim());
  // RFC 9470 section 3: acr_values is a list separated by spaces, so no level has one
  const bad = levels.find((level, index) => !/^[!-~]+$/.test(level) || levels.indexOf(level) !== index);
  if (bad !== undefined || levels.length < 2)
    throw new UsageError(
      `--acr-levels is ${JSON.stringify(given)}; give two levels or more, weakest first, separated by commas, each once`,
    );
  return levels;
}

function expects(files: readonly string[], least: number, most: number): void {
  if (files.length < least || files.length > most)
    throw new UsageError(`${files.length} paths given\n\n${USAGE}`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        against: { type: 'string' },
        waivers: { type: 'string' },
        'acr-levels': { type: 'string' },
        json: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}
