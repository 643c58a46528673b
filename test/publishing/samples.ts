/** The code samples of the deployed documentation, run as a reader would run them, against the deployed local stack. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Browser } from 'playwright-core';

import { localStack } from '../local-stack';
import { digestOf, initiate, mailedCode, respond, someone, tokensOf, TRANSFER } from '../step-up/people';
import { Tab } from '../web/tab';
import { ran, type Ran } from './commands';
import { partnerCertificate } from './partner-certificate';

type Language = 'curl' | 'JavaScript' | 'Python' | 'Java';

/** What the page says to run it with. */
const PROGRAMS: Readonly<Record<Language, readonly [file: string, program: string]>> = {
  curl: ['sample.sh', 'sh'],
  JavaScript: ['sample.mjs', process.execPath],
  Python: ['sample.py', 'python3'],
  Java: ['Sample.java', 'java'],
};

/** The body of `POST /transfer`, byte for byte as each language sends it. */
const indented = JSON.stringify(JSON.parse(TRANSFER), null, 2);
const TRANSFERS: Readonly<Record<Language, string>> = {
  curl: indented,
  JavaScript: TRANSFER,
  Python: TRANSFER.replace(/[:,]/g, '$& '),
  Java: indented,
};

/** What {@link Reader.results} has for every language. */
export const RESULTS = {
  ping: '200 ok',
  'getInfo, access token': '200 caller',
  'getInfo, another token': '401 credentials_malformed',
  'getInfo, browser session': '200 caller',
  'createWidget, access token': '201 Flange',
  'createWidget, browser session': '201 Flange',
  listPartnerOrders: '200 CN=partner-samples',
  createPartnerOrder: '201 A-100',
  'transfer, access token': '401 insufficient_user_authentication',
  'transfer, browser session': '401 insufficient_user_authentication',
  'transfer, after a step-up': '200 12500',
};

/** Somebody who reads the documentation in a browser, is signed in there, and has a token and a client certificate. */
export class Reader {
  private readonly tab: Tab;
  private readonly email: string;
  private readonly token: string;
  private readonly folder: string;
  private readonly env: NodeJS.ProcessEnv;

  private constructor(tab: Tab, email: string, token: string, folder: string, env: NodeJS.ProcessEnv) {
    this.tab = tab;
    this.email = email;
    this.token = token;
    this.folder = folder;
    this.env = env;
  }

  /** @param more variables for every program */
  static async start(browser: Browser, more: NodeJS.ProcessEnv = {}): Promise<Reader> {
    const person = await someone(true);
    const { accessToken } = await tokensOf(person);
    const tab = await Tab.open(browser);
    await tab.signIn(person);
    const cookies = await tab.context.cookies(tab.site);
    const session = cookies.find(({ name }) => name === '__Host-session')?.value;
    const { folder, trust } = await certificateOf('partner-samples');
    const env = { ...trust, ...more, ACCESS_TOKEN: accessToken, SESSION: session };
    return new Reader(tab, person.email, accessToken, folder, env);
  }

  async stop(): Promise<void> {
    await this.tab.close();
  }

  /** Runs every kind of sample in a language. @returns status and what is known by it, or what went wrong */
  async results(language: Language): Promise<Record<string, string>> {
    const run = async (
      operation: string,
      told: (body: Body) => unknown,
      credential?: string,
      env?: object,
    ): Promise<string> => this.result(language, { operation, credential, env, told });
    const [token, session] = ['access token', 'browser session'];
    const caller = ({ caller: known }: Body): string => (known === undefined ? 'nobody' : 'caller');
    const reason = (body: Body): unknown => body['reason'];
    const name = (body: Body): unknown => body['name'];
    const error = ({ challenge }: Body): unknown => /error="([^"]+)"/.exec(String(challenge))?.[1];
    const results = {
      ping: await run('ping', ({ status }) => status),
      'getInfo, access token': await run('getInfo', caller, token),
      'getInfo, another token': await run('getInfo', reason, token, { ACCESS_TOKEN: 'another' }),
      'getInfo, browser session': await run('getInfo', caller, session),
      'createWidget, access token': await run('createWidget', name, token),
      'createWidget, browser session': await run('createWidget', name, session),
      listPartnerOrders: await run('listPartnerOrders', ({ partner }) => partner),
      createPartnerOrder: await run('createPartnerOrder', ({ article }) => article),
      'transfer, access token': await run('transfer', error, token),
      'transfer, browser session': await run('transfer', error, session),
    };
    await this.stepUp(TRANSFERS[language]);
    const transferred = await run('transfer', ({ amountCents }) => amountCents, token);
    return { ...results, 'transfer, after a step-up': transferred };
  }

  private async result(language: Language, { operation, credential, env, told }: Sample): Promise<string> {
    const label = credential === undefined ? language : `${language}, ${credential}`;
    await this.tab.goto(`/docs/latest/operations/${operation}.html`);
    const shown = await this.tab.page.locator(`.sample pre[aria-label="${label}"]`).textContent();
    const code = (shown ?? '').replace('https://partners.example.com', localStack().partnerUrl ?? '');
    const { exit, out, error } = code.startsWith('// in a page of the site')
      ? await this.inPage(code)
      : await this.program(language, code, env);
    const [, status] = /^(?:HTTP\/\S+ )?(\d{3}) /.exec(out) ?? [];
    if (exit !== 0 || status === undefined) return `${exit}: ${error}${out}`;
    // curl shows the headers as well
    const body = JSON.parse(out.slice(out.indexOf('\n{') + 1).replace(/^\d{3} /, '')) as Body;
    return `${status} ${String(told(body))}`;
  }

  private async program(language: Language, code: string, env: object = {}): Promise<Ran> {
    const [file, program] = PROGRAMS[language];
    writeFileSync(join(this.folder, file), code);
    return ran(program, [file], { cwd: this.folder, env: { ...this.env, ...env } });
  }

  private async inPage(code: string): Promise<Ran> {
    const said = 'const said = []; const console = { log: (...words) => said.push(words.join(" ")) };';
    const out = await this.tab.evaluate<string>(
      `(async () => {${said}\n${code}\nreturn said.join("\\n"); })()`,
    );
    return { exit: 0, out, error: '' };
  }

  /** Proves who it is for one request with this body. */
  private async stepUp(body: string): Promise<void> {
    const wanted = { method: 'POST', path: '/transfer', contentDigest: digestOf(body) };
    const begun = await initiate(this.token, wanted);
    const ended = await respond(this.token, begun.body['challengeId'], await mailedCode(this.email));
    if (ended.status !== 200) throw new Error(`no step-up: ${begun.status}, ${ended.status}`);
  }
}

type Body = Readonly<Record<string, unknown>>;

interface Sample {
  readonly operation: string;
  /** As the page calls it; `undefined` where there is no choice. */
  readonly credential: string | undefined;
  /** Variables instead of the reader's own. */
  readonly env: object | undefined;
  readonly told: (body: Body) => unknown;
}

/** The files that the samples read. @returns their folder, and variables by which all but Java trust the local authority */
async function certificateOf(subject: string): Promise<{ folder: string; trust: NodeJS.ProcessEnv }> {
  const { cert, key, ca } = partnerCertificate(subject);
  const folder = dirname(cert);
  const store = ['-out', join(folder, 'client.p12'), '-passout', 'pass:changeit'];
  const { exit, error } = await ran('openssl', ['pkcs12', '-export', '-in', cert, '-inkey', key, ...store]);
  if (exit !== 0) throw new Error(error);
  return { folder, trust: { CURL_CA_BUNDLE: ca, NODE_EXTRA_CA_CERTS: ca, SSL_CERT_FILE: ca } };
}
