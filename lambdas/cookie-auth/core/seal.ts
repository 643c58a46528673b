/** Authenticated encryption of cookies and rows: AES-256-GCM (NIST SP 800-38D), keys by id, bound to what they stand for. */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** Answers that many random bytes. */
export type Random = (bytes: number) => Buffer;

/** Keys by id; new content is sealed with the current one, old content opens as long as its key is in the ring. */
export interface KeyRing {
  readonly current: string;
  readonly keys: ReadonlyMap<string, KeyObject>;
  /** A second key of each id, for marks: what is found again without being told. */
  readonly markKeys: ReadonlyMap<string, KeyObject>;
}

const KEY_ID = /^[A-Za-z0-9-]{1,32}$/;
/** Characters of a key, so that even letters and digits alone hold 256 bits. */
const MIN_MATERIAL = 43;
const NONCE = 12;
const TAG = 16;

/**
 * Reads a key ring: a JSON object whose member `current` names the key for new content, and every other member is a key
 * by its id. A key is any text of at least 43 random characters; the keys for its two uses are derived from it
 * (RFC 5869).
 *
 * @returns `undefined` for anything else
 */
export function parseKeyRing(json: string): KeyRing | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  const { current, ...rest } = parsed as Record<string, unknown>;
  const keys = new Map<string, KeyObject>();
  const markKeys = new Map<string, KeyObject>();
  for (const [id, material] of Object.entries(rest)) {
    if (!KEY_ID.test(id) || typeof material !== 'string' || material.length < MIN_MATERIAL) return undefined;
    keys.set(id, keyFrom(material, 'sallyport cookie seal 1'));
    markKeys.set(id, keyFrom(material, 'sallyport session mark 1'));
  }
  return typeof current === 'string' && keys.has(current) ? { current, keys, markKeys } : undefined;
}

function keyFrom(material: string, info: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', material, '', info, 32)));
}

/**
 * Seals a text for a cookie: `<key id>.<nonce, ciphertext, tag>`.
 *
 * @param purpose what it stands for; it opens for the same purpose only
 */
export function sealForCookie(ring: KeyRing, purpose: string, text: string, random: Random): string {
  const key = ring.keys.get(ring.current);
  if (key === undefined) throw new TypeError('the key ring has no current key');
  return `${ring.current}.${seal(key, purpose, text, random)}`;
}

/** Id of the key a cookie was sealed with, or `undefined` when it does not look like one of ours. */
export function keyIdOf(sealed: string): string | undefined {
  return /^([A-Za-z0-9-]{1,32})\.[\w-]+$/.exec(sealed)?.[1];
}

/** The text, or `undefined` when key, purpose or content do not belong together. */
export function openFromCookie(ring: KeyRing, purpose: string, sealed: string): string | undefined {
  const id = keyIdOf(sealed);
  const key = id === undefined ? undefined : ring.keys.get(id);
  return id === undefined || key === undefined ? undefined : open(key, purpose, sealed.slice(id.length + 1));
}

/** A key for one row, from the text that its cookie holds. */
export function rowKey(text: string): KeyObject {
  return createSecretKey(Buffer.from(text, 'base64url'));
}

/** Seals with a random nonce: good for 2^32 texts under one key (NIST SP 800-38D section 8.3). */
export function seal(key: KeyObject, purpose: string, text: string, random: Random): string {
  const nonce = random(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
  cipher.setAAD(Buffer.from(purpose));
  const content = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, content, cipher.getAuthTag()]).toString('base64url');
}

export function open(key: KeyObject, purpose: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  // lenient decoding would let several texts stand for the same bytes (RFC 4648 section 3.5)
  if (bytes.length < NONCE + TAG || bytes.toString('base64url') !== sealed) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), { authTagLength: TAG });
  decipher.setAAD(Buffer.from(purpose));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG));
  try {
    const content = decipher.update(bytes.subarray(NONCE, bytes.length - TAG));
    return Buffer.concat([content, decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
