/** One tab of a real browser on the deployed site, and what is looked at on every screen. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';

import { launchBrowser } from '../browser';
import { call, localStack } from '../local-stack';
import { someone } from '../step-up/people';

const SCREENSHOTS = join(__dirname, '../../.local/test-reports/screenshots');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = [
  { width: 1280, height: 800 },
  { width: 360, height: 740 },
];
const SCHEMES = ['light', 'dark'] as const;

export interface Person {
  readonly email: string;
  readonly password: string;
}

/** A new address and a password that keeps any policy. */
export function stranger(): Person {
  const id = randomBytes(6).toString('hex');
  return { email: `${id}@example.com`, password: `${id}-aA1!` };
}

/** Somebody who has an account and has never signed in. @param verified whether codes may be sent to the address */
export async function newUser(verified = true): Promise<Person> {
  return someone(verified);
}

/**
 * Starts a browser for the tests of a file, and opens a tab with cookies of its own before each of them. What the
 * browser complained about fails the test, a violation of the policy among it.
 *
 * @param ready gets the tab
 */
export function eachInATab(ready: (tab: Tab) => void | Promise<void>): void {
  let browser: Browser;
  let tab: Tab;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });
  beforeEach(async () => {
    tab = await Tab.open(browser);
    await ready(tab);
  });
  afterEach(async () => {
    await tab.close();
  });
}

export class Tab {
  readonly site = localStack().siteUrl;
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the browser complained about: errors of scripts, violations of the policy. */
  private readonly complaints: string[] = [];
  private readonly debugging: CDPSession;

  private constructor(context: BrowserContext, page: Page, debugging: CDPSession) {
    this.context = context;
    this.page = page;
    this.debugging = debugging;
    page.on('pageerror', (error) => this.complaints.push(`page: ${error.message}`));
    page.on('console', (message) => {
      const { url } = message.location();
      if (message.type() !== 'error' || !url.startsWith(this.site)) return;
      // the browser's own note of an answer with an error status: nothing a script can prevent
      if (/^Failed to load resource: /.test(message.text())) return;
      this.complaints.push(`console: ${message.text()}`);
    });
  }

  /** A tab with cookies of its own. */
  static async open(browser: Browser): Promise<Tab> {
    const context = await browser.newContext({ viewport: WIDTHS[0]!, locale: 'en' });
    const page = await context.newPage();
    return new Tab(context, page, await context.newCDPSession(page));
  }

  /** Another tab, of somebody else: with cookies of its own. Whoever opens it closes it. */
  async another(): Promise<Tab> {
    const browser = this.context.browser();
    if (browser === null) throw new Error('the context is of no browser');
    return Tab.open(browser);
  }

  /** Gives the browser an authenticator of its debugging protocol, which holds passkeys and verifies its user. */
  async authenticator(): Promise<{ verifiesUser(verifies: boolean): Promise<void> }> {
    await this.debugging.send('WebAuthn.enable');
    const { authenticatorId } = await this.debugging.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
      },
    });
    return {
      verifiesUser: async (isUserVerified) => {
        await this.debugging.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
      },
    };
  }

  /** Forgets the complaints so far, of a test that gives cause for them. */
  forgive(): void {
    this.complaints.length = 0;
  }

  /** @throws Error with what the browser complained about */
  async close(): Promise<void> {
    await this.context.close();
    if (this.complaints.length > 0) throw new Error(this.complaints.join('\n'));
  }

  async goto(path: string): Promise<void> {
    await this.page.goto(this.site + path);
  }

  /** Waits for the screen with this heading. */
  async heading(name: string): Promise<void> {
    await this.page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  }

  /** Fills the login pages until they send the browser back. */
  async throughLoginPages({ email, password }: Person): Promise<void> {
    await this.page.waitForURL((url) => url.origin !== this.site);
    await this.page.locator('[name=username]').fill(email);
    await this.page.locator('[name=password]').fill(password);
    await this.page.locator('button[type=submit]').click();
    await this.page.waitForURL((url) => url.origin === this.site);
  }

  /** Signs in where a screen asks for it, and is back there. */
  async signInFirst(person: Person): Promise<void> {
    await this.heading('Sign in to see this page');
    await this.page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
    await this.throughLoginPages(person);
  }

  /** Signs in and shows the list of widgets. */
  async signIn(person: Person): Promise<void> {
    await this.goto('/');
    await this.page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
    await this.throughLoginPages(person);
    await this.heading('Widgets');
  }

  /** Ends the session as another tab would. */
  async endSessionElsewhere(): Promise<void> {
    const cookies = await this.context.cookies(this.site);
    const { status } = await call('/auth/logout', {
      method: 'POST',
      headers: {
        cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
        origin: this.site,
        'x-sallyport-csrf': '1',
      },
    });
    if (status !== 200) throw new Error(`the session did not end: ${status}`);
  }

  /** Value of an expression in the page, past its policy: it must not allow `eval`, which the usual way needs. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.debugging.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? expression);
    return result.value as T;
  }

  /** Waits until an expression holds; the usual way stops at the page's policy as soon as it has to wait. */
  async until(expression: string): Promise<void> {
    const deadline = Date.now() + 5_000;
    while (!(await this.evaluate<boolean>(expression))) {
      if (Date.now() > deadline) throw new Error(`never: ${expression}`);
      await pause(50);
    }
  }

  /**
   * Looks at a screen at every width, light and dark: WCAG 2.2 AA by axe, no sideways scrolling, targets of 44 px. Keeps
   * a screenshot of each.
   *
   * @returns what is wrong
   */
  async inspect(name: string): Promise<string[]> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    const wrong: string[] = [];
    for (const size of WIDTHS) {
      await this.page.setViewportSize(size);
      for (const colorScheme of SCHEMES) {
        await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        const place = `${name}-${size.width}-${colorScheme}`;
        const found = [...(await this.axe()), ...(await this.evaluate<string[]>(LAYOUT))];
        wrong.push(...found.map((problem) => `${place}: ${problem}`));
        await this.page.screenshot({ path: join(SCREENSHOTS, `${place}.png`), fullPage: true });
      }
    }
    await this.page.setViewportSize(WIDTHS[0]!);
    await this.page.emulateMedia({ colorScheme: null, reducedMotion: null });
    return wrong;
  }

  private async axe(): Promise<string[]> {
    await this.evaluate(`typeof axe === 'undefined' ? (0, eval)(${JSON.stringify(AXE)}) && 0 : 0`);
    return this.evaluate<string[]>(
      `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
        violations.map(({ id, help, nodes }) => id + ': ' + help + ' at ' + nodes.map(({ target }) => target).join(' ')))`,
    );
  }
}

const LAYOUT = `(() => {
  const wrong = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) wrong.push('scrolls sideways: ' + scrollWidth + ' of ' + clientWidth);
  for (const element of document.querySelectorAll('button, .button, nav a, input, textarea')) {
    const { height } = element.getBoundingClientRect();
    if (height > 0 && height < 44) wrong.push(element.textContent + ' is ' + height + ' px high');
  }
  return wrong;
})()`;
