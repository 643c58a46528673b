/** The `Content-Digest` field (RFC 9530 section 2) and what a single use is bound to. */
import { createHash } from 'node:crypto';

/** `sha-256` as a Byte Sequence of a Structured Field (RFC 8941 section 3.3.5): 32 bytes are 44 characters. */
const MEMBER = /^\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*$/;

/**
 * The SHA-256 digest that a request announces, in base64.
 *
 * @param values of every Content-Digest header; other algorithms are left aside
 * @returns `undefined` unless `sha-256` is named exactly once and well-formed
 */
export function announcedDigest(values: readonly string[]): string | undefined {
  const named = values.flatMap((value) => value.split(',')).filter((part) => /^\s*sha-256\s*=/.test(part));
  const [digest, ...others] = named.map((part) => MEMBER.exec(part)?.[1]);
  return others.length > 0 || digest === undefined || !isCanonical(digest) ? undefined : digest;
}

/** What tells one request from every other: method, path as it is sent, body. */
export function bindingOf(request: { method: string; path: string; digest: string }): string {
  return createHash('sha256')
    .update(JSON.stringify([request.method, request.path, request.digest]))
    .digest('base64url');
}

/** Whether the unused bits of the last character are zero (RFC 4648 section 3.5). */
function isCanonical(base64: string): boolean {
  return Buffer.from(base64, 'base64').toString('base64') === base64;
}
