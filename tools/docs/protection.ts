/** Who may call an operation, in plain words, from its security schemes. */
import { isObject, type JsonObject, type OpenApiDocument, type Operation } from '../../lib/api/document';
import { isMutualTls, securitySchemes } from '../../lib/api/security';
import { html, textOf, type Html } from './html';

/** One credential that a request brings. */
interface Need {
  readonly kind: 'bearer' | 'session' | 'key' | 'certificate' | 'other';
  /** Name of the cookie, header or query parameter; of anything else the name of the scheme. */
  readonly name: string;
  readonly in: 'header' | 'query' | 'cookie' | undefined;
  readonly scopes: readonly string[];
}

/** Credentials that are needed together. */
export type Alternative = readonly Need[];

/** Header that a request by cookie needs when it changes something; docs/cookie-auth.md has why. */
export const CSRF_HEADER = 'X-Sallyport-CSRF';
const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

/** Alternatives of an operation in the order of the document; none where everybody may call it. */
export function alternativesOf(document: OpenApiDocument, { security }: Operation): Alternative[] {
  const schemes = securitySchemes(document);
  return (security ?? []).map((requirement) =>
    Object.entries(requirement).map(([name, scopes]) => needOf(name, schemes[name], scopes)),
  );
}

export function needsCsrf(method: string, alternative: Alternative): boolean {
  return !SAFE.includes(method) && alternative.some(({ kind }) => kind === 'session');
}

function needOf(scheme: string, raw: JsonObject | undefined, scopes: readonly string[]): Need {
  const place = raw?.['in'];
  const name = typeof raw?.['name'] === 'string' ? raw['name'] : scheme;
  const type: unknown = raw?.['type'];
  switch (type) {
    case 'apiKey':
      if (place === 'cookie') return { kind: 'session', name, in: 'cookie', scopes };
      return { kind: 'key', name, in: place === 'query' ? 'query' : 'header', scopes };
    case 'oauth2':
    case 'openIdConnect':
      return { kind: 'bearer', name: scheme, in: 'header', scopes };
    case 'http':
      if (textOf(raw?.['scheme']).toLowerCase() === 'bearer')
        return { kind: 'bearer', name: scheme, in: 'header', scopes };
      return { kind: 'other', name: scheme, in: undefined, scopes };
    default:
      return { kind: isMutualTls(raw) ? 'certificate' : 'other', name: scheme, in: undefined, scopes };
  }
}

/** What one alternative is called, e.g. above its samples. */
export function titleOf(alternative: Alternative): string {
  const titles = alternative.map(({ kind, name }) => {
    switch (kind) {
      case 'bearer':
        return 'access token';
      case 'session':
        return 'browser session';
      case 'certificate':
        return 'client certificate';
      case 'key':
        return 'API key';
      case 'other':
        return name;
    }
  });
  return titles.join(' and ');
}

/** The section "Who may call this". */
export function protectionOf(document: OpenApiDocument, operation: Operation): Html {
  const alternatives = alternativesOf(document, operation);
  if (alternatives.length === 0) {
    return html`<p>
      <strong>Everybody</strong> may call this: it is public on purpose and needs no credentials.
    </p>`;
  }
  const needs = alternatives.map((alternative) =>
    alternative.map((need) => html`<li>${words(need, operation.method)}</li>`),
  );
  const [only] = needs;
  if (needs.length === 1 && only !== undefined) {
    return html`<p>A request needs${only.length > 1 ? ' all of these together' : undefined}:</p>
      <ul>
        ${only}
      </ul>
      ${stepUpWords(operation)}`;
  }
  const items = needs.map((together) =>
    together.length === 1
      ? together
      : html`<li>
          All of these together:
          <ul>
            ${together}
          </ul>
        </li>`,
  );
  return html`<p>One of these is enough:</p>
    <ul>
      ${items}
    </ul>
    ${stepUpWords(operation)}`;
}

function words({ kind, name, in: place, scopes }: Need, method: string): Html {
  const granted =
    scopes.length === 0
      ? undefined
      : html`, ${scopes.length === 1 ? 'with the scope' : 'with the scopes'} ${listed(scopes, 'and')}`;
  switch (kind) {
    case 'bearer':
      return html`<strong>An access token</strong> in <code>Authorization: Bearer …</code>${granted}.`;
    case 'session': {
      const csrf = needsCsrf(method, [{ kind, name, in: place, scopes }])
        ? html` Because the request changes something, it also needs <code>${CSRF_HEADER}: 1</code> and the
            site’s own <code>Origin</code>; other sites can send neither.`
        : undefined;
      return html`<strong>A browser session</strong>: the cookie <code>${name}</code> that signing in
        brings${granted}.${csrf}`;
    }
    case 'certificate':
      return html`<strong>A client certificate</strong> (mutual TLS) of an authority that the API trusts, and
        that is not revoked. A browser does not reach this operation under the address of the site.`;
    case 'key':
      return html`<strong>An API key</strong> in the ${place}
        ${place === 'query' ? 'parameter ' : ''}<code>${name}</code>.`;
    case 'other':
      return html`What the security scheme <code>${name}</code> says${granted}.`;
  }
}

/** `x-step-up` of an operation. */
interface StepUp {
  readonly acr?: string;
  readonly maxAge?: number;
  readonly factors?: readonly string[];
  readonly singleUse?: boolean;
}

export function stepUpOf({ extensions }: Operation): StepUp | undefined {
  const found = extensions['x-step-up'];
  return isObject(found) ? found : undefined;
}

const FACTORS: Readonly<Partial<Record<string, string>>> = {
  PASSKEY: 'a passkey',
  SOFTWARE_TOKEN: 'an authenticator app',
  SMS: 'a code by text message',
  EMAIL: 'a code by e-mail',
};

function stepUpWords(operation: Operation): Html | undefined {
  const stepUp = stepUpOf(operation);
  if (stepUp === undefined) return undefined;
  const { acr, maxAge, factors = [], singleUse = false } = stepUp;
  const by = factors.map((factor) => FACTORS[factor] ?? factor);
  return html`<p>
      <strong>And a fresh second proof</strong> (step-up)${
        acr === undefined ? undefined : html` of level <code>${acr}</code>`
      }${maxAge === undefined ? undefined : `, not older than ${durationOf(maxAge)}`}${
        by.length === 0
          ? undefined
          : `, by ${by.length < 2 ? '' : `${by.slice(0, -1).join(', ')} or `}${by.at(-1) ?? ''}`
      }.
      Without it the answer is 401 with <code>error="insufficient_user_authentication"</code> (RFC 9470).
    </p>
    ${
      singleUse
        ? html`<p>
            A proof is good for <strong>one request with exactly this body</strong>: send
            <code>Content-Digest</code> with its SHA-256 (RFC 9530), here and when you ask for the challenge.
          </p>`
        : undefined
    }`;
}

function durationOf(seconds: number): string {
  if (seconds % 60 !== 0) return `${seconds} seconds`;
  return seconds === 60 ? 'a minute' : `${seconds / 60} minutes`;
}

function listed(names: readonly string[], word: string): Html {
  const codes = names.map((name) => html`<code>${name}</code>`);
  return html`${codes.slice(0, -1).map((code, index) => html`${index === 0 ? '' : ', '}${code}`)}${
    codes.length > 1 ? ` ${word} ` : ''
  }${codes.at(-1)}`;
}
