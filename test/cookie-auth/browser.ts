/** A browser as far as sign-in needs one: a jar that obeys cookie rules, redirects, and what a browser adds to requests. */
import { request as httpRequest } from 'node:http';

import { CookieJar } from 'tough-cookie';

import { formOf } from '../../local/login-form';

export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Values of Set-Cookie as they came. */
  readonly setCookies: readonly string[];
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
  /** A Cookie header instead of what the jar would send. */
  readonly cookie?: string;
}

const MOST_STEPS = 12;

/**
 * Requests for the site's origin go to where it really listens, as a proxy would send them; the jar sees https, since
 * browsers take `__Host-` cookies from secure origins only.
 */
export class Browser {
  readonly jar = new CookieJar(undefined, { prefixSecurity: 'strict' });
  private readonly siteUrl: string;
  private readonly listensAt: string;

  /** @param siteUrl origin that the deployment knows @param listensAt origin that answers for it */
  constructor(siteUrl: string, listensAt = siteUrl) {
    this.siteUrl = siteUrl;
    this.listensAt = listensAt;
  }

  /** One request to the site; cookies that are set go into the jar. */
  async site(path: string, sent: Sent = {}): Promise<Page> {
    return this.send(`${this.siteUrl}${path}`, sent);
  }

  /** A change as a script of the site asks for it. */
  async change(path: string, { method = 'POST', headers = {}, ...sent }: Sent = {}): Promise<Page> {
    const added = { 'x-sallyport-csrf': '1', origin: this.siteUrl, 'sec-fetch-site': 'same-origin' };
    return this.site(path, { method, headers: { ...added, ...headers }, ...sent });
  }

  /** Goes to the login pages and through their forms. @returns the callback's URL, not yet called */
  async authorize(answers: Readonly<Record<string, string>>, returnTo?: string): Promise<string> {
    const query = returnTo === undefined ? '' : `?returnTo=${encodeURIComponent(returnTo)}`;
    const start = await this.site(`/api/auth/login${query}`);
    return this.fill(locationOf(start), answers);
  }

  /** Follows redirects and fills forms until the callback is reached. */
  async fill(from: string, answers: Readonly<Record<string, string>>): Promise<string> {
    let url = from;
    let sent: Sent = {};
    for (let step = 0; step < MOST_STEPS; step++) {
      const page = await this.send(url, sent);
      if (page.status >= 300 && page.status < 400) {
        url = new URL(locationOf(page), url).href;
        if (url.startsWith(`${this.siteUrl}/api/auth/callback`)) return url;
        sent = {};
        continue;
      }
      if (page.status !== 200)
        throw new Error(`login page answered ${page.status}: ${page.text.slice(0, 300)}`);
      const form = formOf(page.text, answers);
      url = new URL(form.action, url).href;
      sent = {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form.fields).toString(),
      };
    }
    throw new Error(`no callback after ${MOST_STEPS} steps`);
  }

  /** The whole sign-in. @returns the answer of the callback */
  async signIn(answers: Readonly<Record<string, string>>, returnTo?: string): Promise<Page> {
    return this.send(await this.authorize(answers, returnTo));
  }

  /** The Cookie header for the site. */
  async cookies(): Promise<string> {
    return this.jar.getCookieString(secure(`${this.siteUrl}/api/x`));
  }

  async send(url: string, { method = 'GET', headers = {}, body, cookie }: Sent = {}): Promise<Page> {
    const own = url.startsWith(this.siteUrl);
    const target = new URL(own ? `${this.listensAt}${url.slice(this.siteUrl.length)}` : url);
    const jarUrl = own ? secure(url) : url;
    const cookies = cookie ?? (await this.jar.getCookieString(jarUrl));
    const page = await exchange(target, {
      method,
      headers: { ...(cookies === '' ? {} : { cookie: cookies }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    for (const line of page.setCookies) {
      // rejects what a browser would refuse: a __Host- cookie without Secure or Path=/, or with a Domain
      await this.jar.setCookie(line, jarUrl);
    }
    return page;
  }
}

export function locationOf({ headers, status, text }: Page): string {
  const { location } = headers;
  if (typeof location !== 'string') throw new Error(`no redirect but ${status}: ${text.slice(0, 300)}`);
  return location;
}

function secure(url: string): string {
  return url.replace(/^http:/, 'https:');
}

function exchange(
  url: URL,
  { method, headers, body }: { method: string; headers: Record<string, string | string[]>; body?: string },
): Promise<Page> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = httpRequest(url, { method, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
          setCookies: response.headers['set-cookie'] ?? [],
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
