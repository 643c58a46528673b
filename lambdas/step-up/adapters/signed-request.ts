/** One signed POST to an AWS service, for the two calls that are not worth an SDK client each. */
import { createHash, createHmac } from 'node:crypto';

import { SignatureV4 } from '@smithy/signature-v4';

interface SignedPost {
  /** As in the name of its endpoint, e.g. `sns`. */
  readonly endpoint: string;
  /** As in signatures; SES is `ses` under the endpoint `email`. */
  readonly service: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}

const DEADLINE_MS = 3_000;

type Bytes = string | ArrayBuffer | ArrayBufferView;

/** SHA-256 as the signer wants it. */
class Sha256 {
  private readonly made;

  constructor(secret?: Bytes) {
    this.made = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: Bytes): void {
    this.made.update(bytesOf(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.made.digest());
  }

  /** Of the signer's interface; it never calls it. */
  reset(): void {
    throw new TypeError('a digest is made once');
  }
}

/**
 * @param env of the function: region and credentials as Lambda gives them, `AWS_ENDPOINT_URL` as for every SDK
 * @throws Error for any answer but 200; neither request nor answer is in its message
 */
export async function signedPost(
  { endpoint, service, path, contentType, body }: SignedPost,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const region = env['AWS_REGION'] ?? '';
  const url = new URL(path, env['AWS_ENDPOINT_URL'] ?? `https://${endpoint}.${region}.amazonaws.com`);
  const signer = new SignatureV4({
    service,
    region,
    sha256: Sha256,
    credentials: {
      accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
      ...(env['AWS_SESSION_TOKEN'] === undefined ? {} : { sessionToken: env['AWS_SESSION_TOKEN'] }),
    },
  });
  const { headers } = await signer.sign({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: {},
    headers: { host: url.host, 'content-type': contentType },
    body,
  });
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`${endpoint} answered ${response.status}`);
}

function bytesOf(data: Bytes): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data);
}
