/** `npm run -s clients -- build|publish`: client libraries from openapi.yaml. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { readDocument } from '../lib/api/document';
import { buildJava } from './clients/java';
import { publishMaven, publishNpm, publishPypi } from './clients/publish';
import { buildPython } from './clients/python';
import { buildTypescript } from './clients/typescript';
import { uploadMaven, uploadPypi } from './clients/upload';
import { type Release, releaseOf } from './clients/version';

const USAGE = `usage: npm run -s clients -- [--language typescript|python|java] [options]

  builds dist/clients/<language>: all three, or those that are named
  --document <file>  default openapi.yaml
  --out <folder>     default dist/clients
  --revision <sha>   a build before the release: x.y.z-dev.g<sha>
  --npm <address>    publish to this registry, with the credentials that npm has for it
  --maven <where>    the same for Java, and
  --pypi <where>     for Python: an address, or a folder that is served as one. An address is asked as the user aws with
                     the password CODEARTIFACT_AUTH_TOKEN, if there is such a variable

exit: 0 built, and published or there already; 1 failed, or the version is taken by other content`;

const LANGUAGES = ['typescript', 'python', 'java'] as const;
type Language = (typeof LANGUAGES)[number];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      language: { type: 'string', multiple: true },
      document: { type: 'string', default: 'openapi.yaml' },
      out: { type: 'string', default: 'dist/clients' },
      revision: { type: 'string' },
      npm: { type: 'string' },
      maven: { type: 'string' },
      pypi: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  const languages = values.language ?? LANGUAGES;
  const unknown = languages.find((language) => !isLanguage(language));
  if (unknown !== undefined) throw new Error(`unknown language ${JSON.stringify(unknown)}\n\n${USAGE}`);
  const release = releaseOf(readDocument(values.document), values.revision);
  const built: [Language, string][] = [];
  // one after the other: each keeps a core busy
  for (const language of languages.filter(isLanguage)) {
    const file = await BUILD[language](values.document, release, join(values.out, language));
    built.push([language, file]);
    console.log(`${language}: ${file}`);
  }
  for (const [language, file] of built) {
    const published = await publish(language, file, release, values);
    if (published !== undefined) console.log(`${language}: ${release.version} ${published}`);
  }
}

const BUILD: Readonly<
  Record<Language, (document: string, release: Release, out: string) => Promise<string>>
> = {
  typescript: buildTypescript,
  python: buildPython,
  java: buildJava,
};

async function publish(
  language: Language,
  file: string,
  release: Release,
  to: { npm?: string; maven?: string; pypi?: string },
): Promise<string | undefined> {
  switch (language) {
    case 'typescript':
      return to.npm === undefined ? undefined : publishNpm(to.npm, file, release);
    case 'python':
      if (to.pypi === undefined) return undefined;
      return isAddress(to.pypi)
        ? uploadPypi(to.pypi, file, release, process.env['CODEARTIFACT_AUTH_TOKEN'])
        : publishPypi(to.pypi, file, release);
    case 'java': {
      if (to.maven === undefined) return undefined;
      const pom = file.replace(/\.jar$/, '.pom');
      return isAddress(to.maven)
        ? uploadMaven(to.maven, file, pom, release, process.env['CODEARTIFACT_AUTH_TOKEN'])
        : publishMaven(to.maven, file, pom, release);
    }
  }
}

function isAddress(text: string): boolean {
  return /^https?:\/\//.test(text);
}

function isLanguage(text: string): text is Language {
  return (LANGUAGES as readonly string[]).includes(text);
}

main().catch((error: unknown) => {
  console.error(`clients: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
