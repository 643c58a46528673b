/** `npm run pipeline:rehearse`: runs the commands of the pipeline's template, over the local stack and local registries. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { PythonError } from '../tools/_kit/python';
import { Failure, messageOf } from './failure';
import { homeFrom } from './home';
import { rehearse } from './rehearsal/rehearsal';
import { closingLines } from './rehearsal/report';
import { uncommitted } from './rehearsal/source';

const USAGE = `usage: npm run pipeline:rehearse -- [options]

Runs every command of every CodeBuild project of the pipeline, in the order of its stages, each project in a folder with the
files of the commit alone. The local stack is deployed as every environment, local registries stand for CodeArtifact, and a
folder for the bucket of releases. Whatever was done otherwise than in AWS is listed at the end.

  --from <folder>     repository to clone; default this one
  --commit <name>     what is rehearsed; default HEAD
  --without-tests     leaves npm test out
  --without-audit     leaves npm audit out, for a registry without advisories
  --keep              goes on with what the rehearsal before has published and released; else from nothing
  --template <file>   template of the pipeline that is deployed; default the one that the commit makes

Needs git, Java 17 and Maven. Keeps all it makes in rehearsal/ of .local (or of SALLYPORT_HOME), with report.json.

exit: 0 passed to the end; 1 stopped, with stage, action, command and reason; 2 the rehearsal could not be held`;

const OPTIONS = {
  from: { type: 'string' },
  commit: { type: 'string', default: 'HEAD' },
  'without-tests': { type: 'boolean', default: false },
  'without-audit': { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  template: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  const ending = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => {
      ending.abort(new Failure('ended before it was over'));
    });
  const from = resolve(values.from ?? join(__dirname, '..'));
  const changed = await uncommitted(from);
  if (changed > 0) console.log(`${changed} files are changed and not committed: they are not rehearsed`);
  const home = join(homeFrom(process.env), 'rehearsal');
  const report = await rehearse({
    from,
    home,
    commit: values.commit,
    keep: values.keep,
    template: values.template === undefined ? undefined : resolve(values.template),
    withoutTests: values['without-tests'],
    withoutAudit: values['without-audit'],
    say: (line) => {
      console.log(line);
    },
    signal: ending.signal,
  });
  writeFileSync(join(home, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  for (const line of closingLines(report)) console.log(line);
  process.exitCode = report.stopped === null ? 0 : 1;
}

main().catch((error: unknown) => {
  const mendable = [Failure, PythonError, TypeError].some((kind) => error instanceof kind);
  console.error(mendable ? messageOf(error) : error);
  process.exitCode = 2;
});
