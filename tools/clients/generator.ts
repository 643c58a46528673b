/** OpenAPI Generator, pinned: a Java program that Maven fetches once into `.local`. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { run } from '../_kit/run';

const VERSION = '7.17.0';
const SHA256 = '25d6bd8273dd2be99979d544b62ea43f0ce1975f1aa582678b5093d1e7fcfce8';
const FOLDER = join(__dirname, '../../.local/openapi-generator');
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';

/**
 * Generates a client.
 *
 * @param generator name of the generator, `java` or `python`
 * @param args further arguments, e.g. `--additional-properties=a=b`
 * @throws Error when Java or Maven is missing, or the fetched program is not the pinned one
 */
export async function generateClient(
  generator: string,
  document: string,
  out: string,
  args: readonly string[],
): Promise<void> {
  const jar = await ensureGenerator();
  const common = ['--skip-validate-spec', '--global-property', 'apiTests=false,modelTests=false'];
  await run('java', [
    '-jar',
    jar,
    'generate',
    '-g',
    generator,
    '-i',
    document,
    '-o',
    out,
    ...common,
    ...args,
  ]);
}

async function ensureGenerator(): Promise<string> {
  await run('java', ['-version']).catch(() => {
    throw new Error('Java 17 or newer is not on PATH; the Java and Python clients are generated with it');
  });
  const jar = join(FOLDER, `openapi-generator-cli-${VERSION}.jar`);
  if (!existsSync(jar)) {
    const artifact = `org.openapitools:openapi-generator-cli:${VERSION}`;
    await run('mvn', ['-q', '-B', COPY, `-Dartifact=${artifact}`, `-DoutputDirectory=${FOLDER}`]);
  }
  const sum = createHash('sha256').update(readFileSync(jar)).digest('hex');
  if (sum !== SHA256) {
    rmSync(jar);
    throw new Error(`${jar} was not the pinned program (sha256 ${sum}) and is removed; run it again`);
  }
  return jar;
}
