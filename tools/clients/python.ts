/** Builds the wheel: OpenAPI Generator's client with the helpers of clients/python inside. */
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { isObject, type JsonValue, readDocument } from '../../lib/api/document';
import { generateClient } from './generator';
import { toStderr } from '../_kit/progress';
import { ensurePython } from '../_kit/python';
import { run } from '../_kit/run';
import type { Release } from './version';

const ROOT = join(__dirname, '../..');
const TOOLS = join(ROOT, '.local/clients-python');
/** What builds a wheel, with checksums. */
const BUILDERS = { name: 'what builds wheels', requirements: join(__dirname, 'python-builders.txt') };

/**
 * @param document path of the OpenAPI document
 * @param out folder of the package; what was there is removed
 * @returns path of the wheel
 */
export async function buildPython(document: string, release: Release, out: string): Promise<string> {
  rmSync(out, { recursive: true, force: true });
  const generated = join(out, 'generated');
  const module = moduleOf(release);
  const properties = `packageName=${module},packageVersion=${release.pythonVersion},hideGenerationTimestamp=true`;
  mkdirSync(out, { recursive: true });
  const adapted = join(out, 'openapi.json');
  writeFileSync(adapted, JSON.stringify(withoutUuidPatterns(readDocument(document))));
  await generateClient('python', adapted, generated, [`--additional-properties=${properties}`]);
  rmSync(adapted);
  const source = join(out, 'src');
  mkdirSync(source, { recursive: true });
  cpSync(join(generated, module), join(source, module), { recursive: true });
  cpSync(join(ROOT, 'clients/python/sallyport.py'), join(source, module, 'sallyport.py'));
  cpSync(join(ROOT, 'LICENSE'), join(source, 'LICENSE'));
  rmSync(generated, { recursive: true });
  writeFileSync(join(source, 'pyproject.toml'), manifestOf(release, module));
  const python = await ensurePython(TOOLS, BUILDERS, toStderr);
  // the time of every file in the wheel, so that two builds are equal
  const env = { ...process.env, SOURCE_DATE_EPOCH: '315532800' };
  const args = ['-m', 'pip', 'wheel', '-q', '--no-deps', '--no-build-isolation', '-w', out, source];
  await run(python, args, { env });
  rmSync(source, { recursive: true });
  const [wheel] = readdirSync(out).filter((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip built no wheel');
  return join(out, wheel);
}

/**
 * The document without patterns of UUIDs: of these OpenAPI Generator 7.17.0 writes a validator that it does not import
 * and that reads the UUID as a text. The type says as much, and the API checks the rest.
 */
function withoutUuidPatterns(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutUuidPatterns);
  if (!isObject(value)) return value;
  const { pattern, ...rest } = value;
  const kept = typeof pattern === 'string' && value['format'] === 'uuid' ? rest : value;
  return Object.fromEntries(Object.entries(kept).map(([key, child]) => [key, withoutUuidPatterns(child)]));
}

/** Name of the Python module, e.g. `widget_api_client`. */
function moduleOf({ name }: Release): string {
  return name.replaceAll('-', '_');
}

function manifestOf({ name, title, pythonVersion }: Release, module: string): string {
  return `[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "${name}"
version = "${pythonVersion}"
description = ${JSON.stringify(`Client of ${title}`)}
license = "Apache-2.0"
requires-python = ">=3.10"
dependencies = ["urllib3>=2.1,<3", "python-dateutil>=2.8.2", "pydantic>=2.11", "typing-extensions>=4.7.1"]

[tool.setuptools.packages.find]
include = ["${module}*"]
`;
}
