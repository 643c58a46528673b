/** Requests to the API of this origin; the session's cookie goes along by itself, and no script can read it. */

export interface Outgoing {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Media type. */
  readonly type: string;
  /** JSON is indented. */
  readonly body: string;
  /** What `WWW-Authenticate` says, or the body where the gateway has renamed that header. */
  readonly challenge: string;
}

const DEADLINE_MS = 30_000;

/** @returns `undefined` when there is no answer */
export async function send({ method, url, headers, body }: Outgoing): Promise<Answer | undefined> {
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      credentials: 'same-origin',
      // to the login pages, which are another origin
      redirect: 'manual',
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    if (response.type === 'opaqueredirect') return redirected();
    const text = await response.text();
    const json = parsed(text);
    const said =
      typeof json === 'object' && json !== null && 'challenge' in json ? json.challenge : undefined;
    return {
      status: response.status,
      statusText: response.statusText,
      headers: [...response.headers],
      type: response.headers.get('content-type') ?? '',
      body: json === undefined ? text : JSON.stringify(json, null, 2),
      challenge: response.headers.get('www-authenticate') ?? (typeof said === 'string' ? said : ''),
    };
  } catch {
    return undefined;
  }
}

/** A script is told neither status nor place of a redirect. */
function redirected(): Answer {
  const body = 'A redirect: open this operation in the browser instead of by a script.';
  return { status: 303, statusText: '', headers: [], type: 'application/json', body, challenge: '' };
}

/** `Content-Digest` of a body (RFC 9530 section 2). */
export async function digestOf(body: string): Promise<string> {
  const sum = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body));
  return `sha-256=:${btoa(String.fromCharCode(...new Uint8Array(sum)))}:`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
