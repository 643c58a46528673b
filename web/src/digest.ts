/** Bodies whose very bytes a proof is bound to. */

export interface ExactBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Value of `Content-Digest` (RFC 9530 section 2). */
  readonly contentDigest: string;
}

/** @param value written as JSON once; what is sent, and sent again, are these bytes */
export async function exactBody(value: object): Promise<ExactBody> {
  const bytes = Uint8Array.from(new TextEncoder().encode(JSON.stringify(value)));
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return { bytes, contentDigest: `sha-256=:${btoa(String.fromCharCode(...hash))}:` };
}

export function isExact(body: object): body is ExactBody {
  return 'bytes' in body && 'contentDigest' in body;
}
