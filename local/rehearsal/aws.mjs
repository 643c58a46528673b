/**
 * Stands in for the AWS CLI in a rehearsal of the pipeline: the very commands that its steps run, over local registries
 * and a folder of releases. Any other command fails. `REHEARSAL_AWS` names the file that says where they are.
 */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const place = JSON.parse(readFileSync(process.env.REHEARSAL_AWS, 'utf8'));
const [service, command, ...rest] = process.argv.slice(2);
const options = Object.fromEntries(
  ['bucket', 'prefix', 'query', 'output', 'tool', 'domain', 'repository', 'format'].map((name) => [
    name,
    { type: 'string' },
  ]),
);
const { values, positionals } = parseArgs({ args: rest, options, allowPositionals: true });

/** What each command does; @returns what it prints, and what it was done by. */
const COMMANDS = {
  's3api list-objects-v2': () => {
    want({ query: 'KeyCount', output: 'text' });
    const bucket = join(place.buckets, values.bucket);
    const keys = existsSync(bucket) ? readdirSync(bucket, { recursive: true }).map(String) : [];
    const count = keys.filter((key) => key.startsWith(values.prefix)).length;
    return { prints: String(count), by: `the folder ${bucket}` };
  },
  's3 cp': () => {
    const [from, to] = positionals.map((name) =>
      name.startsWith('s3://') ? join(place.buckets, name.slice('s3://'.length)) : name,
    );
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
    return { prints: '', by: `a copy from ${from} to ${to}` };
  },
  'codeartifact login': () => {
    want({ tool: 'npm' });
    const { url, token } = place.npm;
    const config = process.env.npm_config_userconfig;
    const lines = existsSync(config) ? readFileSync(config, 'utf8').trimEnd().split('\n') : [];
    const others = lines.filter((line) => !/^registry\s*=/.test(line));
    const own = [`registry=${url}`, `${url.replace(/^http:/, '')}:_authToken=${token}`];
    writeFileSync(config, `${[...others, ...own].join('\n')}\n`, { mode: 0o600 });
    return { prints: '', by: `npm's settings for ${url}` };
  },
  'codeartifact get-authorization-token': () => {
    want({ query: 'authorizationToken', output: 'text' });
    return { prints: place.token, by: 'a token of this rehearsal' };
  },
  'codeartifact get-repository-endpoint': () => {
    want({ query: 'repositoryEndpoint', output: 'text' });
    const url = { npm: place.npm.url, maven: place.maven, pypi: place.pypi }[values.format];
    if (url === undefined) fail(`no registry of format ${values.format}`);
    return { prints: url, by: url };
  },
};

const run = COMMANDS[`${service} ${command}`];
if (run === undefined) fail('the rehearsal has no stand-in for this command');
const { prints, by } = run();
appendFileSync(
  place.log,
  `${JSON.stringify({ command: ['aws', ...process.argv.slice(2)].join(' '), by })}\n`,
);
if (prints !== '') console.log(prints);

/** The answer has one form only. */
function want(expected) {
  for (const [name, value] of Object.entries(expected))
    if (values[name] !== value) fail(`--${name} is ${values[name] ?? 'missing'}, not ${value}`);
}

function fail(why) {
  console.error(`aws ${process.argv.slice(2).join(' ')}: ${why}`);
  process.exit(252);
}
