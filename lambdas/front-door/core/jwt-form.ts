/** What a compact JWS must look like before any cryptography sees it (RFC 7515, RFC 8725). */

/** Longest token looked at; API Gateway takes 10,240 bytes of headers in all. */
const MAX_TOKEN = 8_192;
/** Deepest nesting of header and claims; Cognito's own are 2 deep. */
const MAX_DEPTH = 8;
/** Header parameters that bring their own key or ask for processing that this verifier does not do. */
const REFUSED_HEADERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'enc'];

/**
 * Whether a text is a compact JWS of three canonical base64url parts whose header is JSON with a signature algorithm
 * and a key id, and whose payload is a JSON object.
 *
 * Refuses what lenient decoders let pass: padding, line breaks and the standard alphabet (RFC 7515 section 2), stray
 * bits in the last character, duplicate member names (section 4), critical extensions and embedded keys.
 */
export function isWellFormedJwt(token: string): boolean {
  if (token.length > MAX_TOKEN) return false;
  const parts = token.split('.');
  if (parts.length !== 3 || !parts.every(isCanonicalBase64url)) return false;
  const header = strictObject(decode(parts[0] ?? ''));
  if (header === undefined || strictObject(decode(parts[1] ?? '')) === undefined) return false;
  if (REFUSED_HEADERS.some((name) => Object.hasOwn(header, name))) return false;
  return header['alg'] === 'RS256' && typeof header['kid'] === 'string' && (header['typ'] ?? 'JWT') === 'JWT';
}

/** Base64url without padding, alphabet and last character as an encoder would have written them (RFC 4648 section 3.5). */
export function isCanonicalBase64url(text: string): boolean {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return false;
  const rest = text.length % 4;
  if (rest === 0) return true;
  if (rest === 1) return false;
  const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.indexOf(text.at(-1) ?? '');
  return last % (rest === 2 ? 16 : 4) === 0;
}

function decode(part: string): string {
  return Buffer.from(part, 'base64url').toString('utf8');
}

function strictObject(json: string): Record<string, unknown> | undefined {
  if (!hasUniqueMembers(json)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/**
 * Whether no object of a JSON text names a member twice, none is nested too deep and every string ends. Says nothing
 * else about whether the text is JSON: that is the parser's part.
 */
export function hasUniqueMembers(json: string): boolean {
  const open: (Set<string> | null)[] = [];
  // the lone quote last: a string that never ends is found once, not once more from each quote inside it
  const token = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]"]/gs;
  for (let match = token.exec(json); match !== null; match = token.exec(json)) {
    const [text, string, colon] = match;
    if (text === '"') return false;
    if (text === '{' || text === '[') {
      open.push(text === '{' ? new Set() : null);
      if (open.length > MAX_DEPTH) return false;
    } else if (text === '}' || text === ']') {
      open.pop();
    } else if (string !== undefined && colon !== undefined) {
      // escapes spell the same name in many ways
      const name = string.includes('\\') ? unescape(string) : string.slice(1, -1);
      const names = open.at(-1);
      if (name === undefined || names?.has(name) === true) return false;
      names?.add(name);
    }
  }
  return true;
}

function unescape(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}
