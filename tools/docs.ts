/** `npm run -s docs -- build|publish`: the documentation of every version of openapi.yaml. */
import { parseArgs } from 'node:util';

import { buildDocs } from './docs/build';
import { verifyDocs } from './docs/verify';
import { publishDocument, versionsOf } from './docs/versions';
import { lineOf } from './spec/outcome';

const USAGE = `usage: npm run -s docs -- <command>

  build     pages of the document and of every published one into <out>, the newest also as latest/
  publish   records the document as published: its version never changes again
  verify    asks whether the documentation at <address> is that of the document, by its version and as the latest

  --document <file>     default openapi.yaml
  --published <folder>  the documents that were published, <version>.yaml each; default published
  --out <folder>        for build; default dist/docs
  --at <address>        for verify, e.g. https://sallyport.example.com/docs

exit: 0 done; 1 failed, the version was published with other content, or other documentation is served`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      document: { type: 'string', default: 'openapi.yaml' },
      published: { type: 'string', default: 'published' },
      out: { type: 'string', default: 'dist/docs' },
      at: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  const [command, ...others] = positionals;
  if (others.length > 0) throw new Error(`${others.join(' ')}: one command at a time\n\n${USAGE}`);
  switch (command) {
    case 'build': {
      const versions = versionsOf(values.document, values.published);
      const { files, bytes } = buildDocs(versions, values.out, console.log);
      console.log(`${values.out}: ${files} files, ${Math.ceil(bytes / 1024)} KiB`);
      return;
    }
    case 'publish': {
      const { version, result } = publishDocument(values.document, values.published);
      console.log(`${version}: ${result}`);
      return;
    }
    case 'verify': {
      if (values.at === undefined) throw new Error(`--at is missing\n\n${USAGE}`);
      const { version, findings } = await verifyDocs(values.at.replace(/\/+$/, ''), values.document);
      for (const finding of findings) console.log(lineOf(finding));
      console.log(
        `${values.at}: ${findings.length === 0 ? `${version} is served, and is the latest` : 'wrong'}`,
      );
      if (findings.length > 0) process.exitCode = 1;
      return;
    }
    case undefined:
      throw new Error(USAGE);
    default:
      throw new Error(`unknown command ${JSON.stringify(command)}\n\n${USAGE}`);
  }
}

main().catch((error: unknown) => {
  console.error(`docs: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
