/** Bundles one handler with esbuild, in process, into a Lambda asset. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync, type BuildOptions } from 'esbuild';

import { shareBundle, sharedBundle } from './shared-bundles';

/**
 * How every handler is bundled: for the runtime of HouseFunction, into one CommonJS file.
 *
 * Loading `node:https` from an ES module costs about 15 ms more, and taking the `module` field first keeps dead
 * branches of the AWS SDK out.
 *
 * @param late paths by which the code imports modules that are bundled apart
 */
export function bundleOptions(late: readonly string[] = []): BuildOptions & { readonly bundle: true } {
  return {
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    // a pattern matches the path as it is written; without one, esbuild would resolve it first
    external: late.map((path) => `${path}*`),
    // so that a late module is required: import() would want it to be an ES module with its suffix
    supported: { 'dynamic-import': false },
    minify: true,
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
  };
}

/**
 * Code of a function whose entry is a TypeScript file.
 *
 * @param entry absolute path of the handler's file; its export `handler` is called
 * @param files further files of the asset, by name, beside `index.js`
 * @param late modules that the code imports when it needs them, by the path it imports them by: each becomes a file of
 *   its own, so that a request which does not need one does not pay for reading it
 */
export function bundledCode(
  entry: string,
  files: Readonly<Record<string, string>> = {},
  late: Readonly<Record<string, string>> = {},
): Code {
  return Code.fromAsset(dirname(entry), {
    // the hash of what was made: a comment changed in the source is not a new deployment
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // the construct library wants an image even where a local bundler never lets it come to that
      image: DockerImage.fromRegistry('sallyport-bundles-locally'),
      // what tells this bundle from others of the same folder; the construct library stages equal ones once
      command: [
        basename(entry),
        createHash('sha256')
          .update(JSON.stringify([files, late]))
          .digest('hex'),
      ],
      local: {
        tryBundle(outputDirectory) {
          mkdirSync(outputDirectory, { recursive: true });
          writeFileSync(join(outputDirectory, 'index.js'), built(entry, Object.keys(late)));
          for (const [path, module] of Object.entries(late)) {
            const outfile = join(outputDirectory, `${path}.js`);
            mkdirSync(dirname(outfile), { recursive: true });
            writeFileSync(outfile, built(module));
          }
          for (const [name, content] of Object.entries(files))
            writeFileSync(join(outputDirectory, name), content);
          return true;
        },
      },
    },
  });
}

/** An app of several environments, and every test that makes several apps, bundles the same files again and again. */
const bundles = new Map<string, Uint8Array>();

function built(entry: string, late: readonly string[] = []): Uint8Array {
  const options = bundleOptions(late);
  const keyOf = (file: string): string => JSON.stringify([file, options]);
  const known = bundles.get(keyOf(entry)) ?? sharedBundle(entry, keyOf(entry));
  if (known !== undefined) {
    bundles.set(keyOf(entry), known);
    return known;
  }
  // handlers of a capability are made of the same files, which are read once if they are bundled together
  const entries = [entry, ...(late.length === 0 ? siblingsOf(entry) : [])];
  const { outputFiles } = buildSync({
    ...options,
    entryPoints: entries,
    outdir: dirname(entry),
    write: false,
  });
  entries.forEach((file, i) => {
    const bundle = outputFiles[i]?.contents;
    if (bundle === undefined) throw new Error(`esbuild made nothing of ${file}`);
    bundles.set(keyOf(file), bundle);
    shareBundle(file, keyOf(file), bundle);
  });
  return built(entry, late);
}

const HANDLER = '.handler.ts';

function siblingsOf(entry: string): string[] {
  if (!entry.endsWith(HANDLER)) return [];
  const folder = dirname(entry);
  return readdirSync(folder)
    .filter((name) => name.endsWith(HANDLER))
    .map((name) => join(folder, name))
    .filter((path) => path !== entry);
}
/** Absolute paths of every source file that a handler is made of. */
export function sourcesOf(entry: string): string[] {
  const { metafile } = buildSync({ ...bundleOptions(), entryPoints: [entry], write: false, metafile: true });
  return Object.keys(metafile.inputs).map((path) => resolve(path));
}
