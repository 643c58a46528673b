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
  const [header = '', claims = '', signature = ''] = parts;
  return (
    parts.length === 3 &&
    isCanonicalBase64url(claims) &&
    isCanonicalBase64url(signature) &&
    isGoodHeader(header) &&
    strictObject(decode(claims)) !== undefined
  );
}

/** The header is the same text for every token of one key, so the last good one need not be looked at again. */
let lastGoodHeader: string | undefined;

function isGoodHeader(part: string): boolean {
  if (part === lastGoodHeader) return true;
  const header = isCanonicalBase64url(part) ? strictObject(decode(part)) : undefined;
  if (header === undefined || REFUSED_HEADERS.some((name) => Object.hasOwn(header, name))) return false;
  const { alg, kid, typ = 'JWT' } = header;
  if (alg !== 'RS256' || typeof kid !== 'string' || typ !== 'JWT') return false;
  lastGoodHeader = part;
  return true;
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
  for (let index = 0; index < json.length; index += 1) {
    const character = json[index];
    if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : null);
      if (open.length > MAX_DEPTH) return false;
    } else if (character === '}' || character === ']') {
      open.pop();
    } else if (character === '"') {
      const end = endOfString(json, index);
      if (end < 0) return false;
      if (isFollowedByColon(json, end)) {
        const name = nameOf(json.slice(index, end + 1));
        const names = open.at(-1);
        if (name === undefined || names?.has(name) === true) return false;
        names?.add(name);
      }
      index = end;
    }
  }
  return true;
}

/** Index of the quote that ends a string, -1 where none does. */
function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (end > 0) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end;
    end = json.indexOf('"', end + 1);
  }
  return -1;
}

function isFollowedByColon(json: string, end: number): boolean {
  let index = end + 1;
  // white space of RFC 8259 section 2; after anything else the parser refuses the text
  while (' \t\n\r'.includes(json[index] ?? ':')) index += 1;
  return json[index] === ':';
}

/** A name without its quotes; escapes spell the same one in many ways. */
function nameOf(text: string): string | undefined {
  return text.includes('\\') ? unescape(text) : text.slice(1, -1);
}

function unescape(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}
