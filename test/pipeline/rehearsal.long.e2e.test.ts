/** The pipeline rehearsed, each time in a clean clone: what passes to the end, and where each wrong change is stopped. */
import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Report } from '../../local/rehearsal/report';
import { stagesOf, type Template } from '../../local/rehearsal/template';
import { clients, ran, ROOT } from '../publishing/commands';

jest.setTimeout(3_600_000);

const home = mkdtempSync(join(tmpdir(), 'rehearsal-'));
const template = join(home, 'before.template.json');
const version = '0.1.0';

interface Rehearsed {
  readonly exit: number;
  readonly out: string;
  readonly report: Report;
}

/** `npm run pipeline:rehearse`, without npm test, which is running now, and without the registry's advisories. */
async function rehearse(repository: string, ...args: string[]): Promise<Rehearsed> {
  const options = ['--from', repository, '--without-tests', '--without-audit', ...args];
  const { exit, out, error } = await ran('npm', ['run', '-s', 'pipeline:rehearse', '--', ...options], {
    env: { SALLYPORT_HOME: home },
  });
  const file = join(home, 'rehearsal/report.json');
  if (!existsSync(file)) throw new Error(out + error);
  return { exit, out, report: JSON.parse(readFileSync(file, 'utf8')) as Report };
}

/** A repository whose last commit is a change of this one's. */
async function changed(change: (folder: string) => void): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'rehearsed-'));
  const git = async (...args: string[]): Promise<void> => {
    const { exit, error } = await ran('git', args, { cwd: folder });
    if (exit !== 0) throw new Error(error);
  };
  await git('clone', '--quiet', ROOT, '.');
  change(folder);
  await git('add', '--all');
  const who = ['-c', 'user.name=somebody', '-c', 'user.email=somebody@example.invalid'];
  await git(...who, 'commit', '--quiet', '--message', 'a change');
  return folder;
}

/** @throws Error when the text is not there: then the change would be none */
function replace(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not have ${from}`);
  writeFileSync(file, text.replace(from, to));
}

let first: Rehearsed;

beforeAll(async () => {
  first = await rehearse(ROOT);
  const made = join(home, 'rehearsal/run/clone/cdk.out/SallyportPipeline.template.json');
  if (existsSync(made)) copyFileSync(made, template);
});

/** The pipeline as it is deployed, with what the first rehearsal has released and published. */
function next(repository: string): Promise<Rehearsed> {
  return rehearse(repository, '--keep', '--template', template);
}

describe('PIPE-01 the commit as it is', () => {
  it('passes to the end, through every action of the template in its order', () => {
    const { exit, out, report } = first;
    const stages = stagesOf(JSON.parse(readFileSync(template, 'utf8')) as Template);

    expect(report.stopped).toBeNull();
    expect(exit).toBe(0);
    expect(report.actions.map(({ stage, action }) => `${stage} / ${action}`)).toEqual(
      stages.flatMap(({ name, actions }) => actions.map((action) => `${name} / ${action.name}`)),
    );
    expect(out).toMatch(/Approve: Deploys to prod\. The checks of every environment before it have passed\./);
    expect(out).toMatch(/Passed: \d+ actions in \d+ s\./);
  });

  it('says of everything that was not as in AWS what it was substituted by and why', () => {
    const { out, report } = first;
    const substitutes = report.substituted.map(({ place, what, by }) => `${place}: ${what} -> ${by}`);

    for (const expected of [
      /^Source \/ .*connection to example\/widgets -> git archive/,
      /^Build \/ Synth: npm test -> nothing$/,
      /^Build \/ Synth: aws s3api list-objects-v2 .* -> the folder /,
      /^UpdatePipeline \/ SelfMutate: cdk -a \. deploy .* -> cdk -a \. diff /,
      /^Assets \/ FileAssets: cdk-assets .* publish .* -> cdk-assets .* ls$/,
      /^dev \/ CloudFormation: CHANGE_SET_EXECUTE of sallyport-dev-api -> npm start -- --detach$/,
      /^prod \/ Check: ORIGIN=https:\/\/sallyport\.example\.com -> ORIGIN=http:\/\/localhost:\d+$/,
      /^Approval \/ Approve: the approval -> nothing$/,
      /^Release \/ PublishRelease: aws codeartifact get-authorization-token .* -> a token of this rehearsal$/,
      /^Release \/ PublishRelease: aws s3 cp openapi\.yaml s3:.* -> a copy /,
    ])
      expect(substitutes).toContainEqual(expect.stringMatching(expected));
    expect(report.notShown.join()).toContain('permissions of the roles');
    expect(out).toContain('substituted: npm test');
  });

  it('runs every other command as it stands, and says how long each took', () => {
    const commands = first.report.actions.flatMap(({ stage, commands: some }) =>
      some.map(({ command }) => `${stage}: ${command.split(' --api')[0]}`),
    );

    expect(commands).toEqual(
      expect.arrayContaining([
        'Build: npm ci',
        'Build: npm run -s spec -- lint',
        'Build: npx cdk synth --quiet',
        ...['dev', 'test', 'prod'].flatMap((environment) => [
          `${environment}: npm run -s smoke --`,
          `${environment}: npm run -s contract --`,
          `${environment}: npm run -s docs -- verify --at "\${ADDRESS%/}/$DOCS_PATH"`,
        ]),
        'Release: npm run -s clients -- --npm "$NPM" --maven "$MAVEN" --pypi "$PYPI"',
      ]),
    );
  });

  it('publishes a version of the commit and the release in three registries, then the parts list and the document', () => {
    const { commit } = first.report;
    const registries = join(home, 'rehearsal/registries');
    const npm = readdirSync(join(registries, 'npm/storage/widget-api-client'));
    const maven = readdirSync(join(registries, 'maven/io/sallyport/clients/widget-api-client'));
    const [bucket = ''] = readdirSync(join(home, 'rehearsal/buckets'));
    const released = join(home, 'rehearsal/buckets', bucket);

    for (const of of [version, `${version}-dev.g${commit}`]) {
      expect(npm).toContain(`widget-api-client-${of}.tgz`);
      expect(maven).toContain(of);
    }
    const number = parseInt(commit.slice(0, 12), 16);
    expect(readdirSync(join(registries, 'pypi/packages')).sort()).toEqual([
      `widget_api_client-${version}-py3-none-any.whl`,
      `widget_api_client-${version}.dev${number}-py3-none-any.whl`,
    ]);
    expect(readFileSync(join(released, 'openapi.yaml'))).toEqual(readFileSync(join(ROOT, 'openapi.yaml')));
    expect(readdirSync(join(released, 'sbom'))).toEqual([`${commit}.cdx.json`]);
  });
});

describe('PIPE-01 stops', () => {
  const cases: [name: string, change: (folder: string) => void, command: string, reason: RegExp][] = [
    [
      'a breaking edit of the document, before anything is deployed',
      (folder) => {
        replace(
          join(folder, 'openapi.yaml'),
          'additionalProperties: false\n      required: [name]\n',
          'additionalProperties: false\n      required: [name, description]\n',
        );
      },
      'spec -- diff',
      /(POST|PUT) \/widgets.*description/,
    ],
    [
      'a weakened security of an operation',
      (folder) => {
        // raised as an addition must be, so that it is the gate that finds it
        replace(join(folder, 'openapi.yaml'), 'version: 0.1.0', 'version: 0.1.1');
        replace(
          join(folder, 'openapi.yaml'),
          "      security:\n        - cognito: []\n        - session: []\n      responses:\n        '200':\n          description: The service and the caller.",
          "      security: []\n      responses:\n        '200':\n          description: The service and the caller.",
        );
      },
      'spec -- gate',
      /GET \/info operation-public/,
    ],
    [
      'a committed secret, without repeating it',
      (folder) => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
      },
      'npm run -s gates',
      /key\.pem:1 \S*secretlint-rule-privatekey/,
    ],
  ];

  it.each(cases)('%s', async (_name, change, command, reason) => {
    const { exit, out, report } = await next(await changed(change));

    expect(report.stopped).toMatchObject({ stage: 'Build', action: 'Synth' });
    expect(report.stopped?.command).toContain(command);
    expect(report.stopped?.reason).toMatch(reason);
    expect(report.actions.map(({ action }) => action).at(-1)).toBe('Synth');
    expect(exit).toBe(1);
    expect(out).toMatch(/stage: {3}Build\n {2}action: {2}Synth\n {2}command: /);
    expect(out).not.toContain('BEGIN PRIVATE KEY');
  });

  it('a deployment that lets in whom it should not, in the first environment', async () => {
    const { exit, report } = await next(
      await changed((folder) => {
        // the document says one thing, and what is deployed does another
        replace(
          join(folder, 'bin/app.ts'),
          "document: readDocument(join(__dirname, '../openapi.yaml')),",
          "document: ((open: any) => { open.paths['/info'].get.security = []; return open; })(readDocument(join(__dirname, '../openapi.yaml'))),",
        );
      }),
    );

    expect(report.stopped).toMatchObject({ stage: 'dev', action: 'Check' });
    expect(report.stopped?.command).toMatch(/^npm run -s smoke/);
    expect(report.stopped?.reason).toMatch(/GET \/info protected answers \d+, not 401/);
    expect(exit).toBe(1);
  });
});

describe('a change of the pipeline and of a library at once', () => {
  let second: Rehearsed;

  beforeAll(async () => {
    second = await next(
      await changed((folder) => {
        // fewer environments, so that it is soon at the release
        replace(
          join(folder, 'lib/config.ts'),
          "['dev', 'test', 'prod'] as const satisfies",
          "['dev'] as const satisfies",
        );
        replace(
          join(folder, 'clients/typescript/index.ts'),
          '\nexport',
          '\nexport const changed = true;\nexport',
        );
      }),
    );
  });

  it('the pipeline changes itself first, and starts again as what it is then', () => {
    const { out, report } = second;
    const names = report.actions.map(({ action }) => action);

    expect(out).toContain('the pipeline has changed itself, and starts again');
    expect(names.filter((name) => name === 'Synth')).toHaveLength(2);
    // by the template before, there would be an approval
    expect(names).not.toContain('Approve');
    expect(report.actions.map(({ stage }) => stage)).not.toContain('prod');
  });

  it('PIPE-02 the same version with other content is refused at the release', () => {
    const { report } = second;

    expect(report.stopped).toMatchObject({ stage: 'Release', action: 'PublishRelease' });
    expect(report.stopped?.command).toMatch(/^npm run -s clients/);
    expect(report.stopped?.reason).toContain(
      `widget-api-client ${version} is published with other content; a version never changes`,
    );
  });

  it('PIPE-02 and the release that is there stays as it was', async () => {
    const out = mkdtempSync(join(tmpdir(), 'clients-'));
    const { exit } = await clients(['--language', 'typescript', '--out', out]);
    const file = `widget-api-client-${version}.tgz`;

    expect(exit).toBe(0);
    expect(
      readFileSync(join(home, 'rehearsal/registries/npm/storage/widget-api-client', file)).equals(
        readFileSync(join(out, 'typescript', file)),
      ),
    ).toBe(true);
  });
});
