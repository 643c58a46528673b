/** What a compact JWS must look like before any cryptography sees it (RFC 7515, RFC 8725). */
import { hasUniqueMembers } from '../../_kernel/input';

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
  if (!hasUniqueMembers(json, MAX_DEPTH)) return undefined;
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
