/** Runs npm oidc-provider in a process of its own; see oidc-provider.mjs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { formOf } from '../../local/login-form';
import { freePort } from '../../local/ports';
import type { Browser, Page } from './browser';

export interface Counts {
  readonly authorization_code: number;
  readonly refresh_token: number;
  /** Refreshes with a token that had been used before. */
  readonly repeated: number;
  readonly revoked: number;
  /** Logout tokens that were taken, and that were not. */
  readonly told: number;
  readonly untold: number;
}

export interface OidcProvider {
  readonly issuer: string;
  /** Sends a command. @returns what it has counted */
  tell(command: string): Promise<Counts>;
  stop(): void;
}

export async function startOidcProvider(settings: {
  readonly redirectUri: string;
  readonly logoutUri: string;
  /** Where it sends logout tokens. */
  readonly logoutTokensUri: string;
  /** Seconds an access token lives. */
  readonly accessSeconds: number;
}): Promise<OidcProvider> {
  const given = JSON.stringify({ ...settings, port: await freePort() });
  const child = spawn(process.execPath, [join(__dirname, 'oidc-provider.mjs'), given], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout });
  const next = async (): Promise<unknown> => JSON.parse(String((await once(lines, 'line'))[0]));
  const { issuer } = (await next()) as { issuer: string };
  return {
    issuer,
    tell: async (command) => {
      const answered = next();
      child.stdin.write(`${command}\n`);
      return (await answered) as Counts;
    },
    stop: () => {
      child.kill();
    },
  };
}

/** Signs out at the provider's own page. @returns where it sends the browser afterwards */
export async function signOutAt(browser: Browser, endSessionUrl: string): Promise<Page> {
  const page = await browser.send(endSessionUrl);
  // its buttons stand outside of the form
  const { action, fields } = formOf(page.text, {});
  return browser.send(new URL(action, endSessionUrl).href, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...fields, logout: 'yes' }).toString(),
  });
}
