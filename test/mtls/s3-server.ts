/** An S3 of the tests over real HTTP: objects with versions, conditional writes, uploads in parts, faults on demand. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { S3Client } from '@aws-sdk/client-s3';

interface Version {
  readonly id: string;
  readonly body: Buffer;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a request asks for, as faults and holds see it: `PUT bucket/key`, `LIST bucket`, `POST bucket/key`. */
type Intercept = (what: string) => Promise<Fault | undefined> | Fault | undefined;

/** `fail` answers 500 and does nothing; `lose` does what was asked and breaks the connection. */
type Fault = 'fail' | 'lose';

const escapeXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

export class S3Server {
  /** Every request in order. */
  readonly requests: string[] = [];
  /** Asked before each request is answered. */
  intercept: Intercept = () => undefined;
  private readonly objects = new Map<string, Version[]>();
  private readonly parts = new Map<string, Buffer[]>();
  private readonly server: Server;
  private count = 0;

  private constructor() {
    this.server = createServer((request, response) => {
      void this.answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<S3Server> {
    const stub = new S3Server();
    await new Promise<void>((resolve) => stub.server.listen(0, '127.0.0.1', resolve));
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  client(): S3Client {
    return new S3Client({
      endpoint: this.url,
      region: 'us-east-1',
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Stores an object. @returns its version */
  put(path: string, body: Uint8Array | string, metadata: Readonly<Record<string, string>> = {}): string {
    const bytes = Buffer.from(body);
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    const id = `v${(this.count += 1)}`;
    this.objects.set(path, [...(this.objects.get(path) ?? []), { id, body: bytes, etag, metadata }]);
    return id;
  }

  remove(path: string): void {
    this.objects.delete(path);
  }

  body(path: string): Buffer | undefined {
    return this.objects.get(path)?.at(-1)?.body;
  }

  metadata(path: string): Readonly<Record<string, string>> {
    return this.objects.get(path)?.at(-1)?.metadata ?? {};
  }

  paths(prefix = ''): string[] {
    return [...this.objects.keys()].filter((path) => path.startsWith(prefix)).sort();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const path = decodeURIComponent(url.pathname).slice(1);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const listing = url.searchParams.has('list-type');
    const what = `${listing ? 'LIST' : (request.method ?? '')} ${path}`;
    this.requests.push(what);
    const fault = await this.intercept(what);
    if (fault === 'fail') {
      response.writeHead(500).end('<Error><Code>InternalError</Code></Error>');
      return;
    }
    const body = plain(Buffer.concat(chunks), request);
    if (fault === 'lose') {
      this.put(path, body);
      request.socket.destroy();
      return;
    }
    if (listing) this.list(path, url.searchParams.get('prefix') ?? '', response);
    else if (request.method === 'GET' || request.method === 'HEAD')
      this.get(path, url.searchParams.get('versionId'), response);
    else if (request.method === 'PUT' && url.searchParams.has('partNumber')) {
      const id = url.searchParams.get('uploadId') ?? '';
      this.parts.get(id)![Number(url.searchParams.get('partNumber')) - 1] = body;
      response.writeHead(200, { etag: '"part"' }).end();
    } else if (request.method === 'PUT') this.write(path, body, request, response);
    else if (request.method === 'POST') this.multipart(path, url, response);
    else response.writeHead(204).end();
  }

  private list(bucket: string, prefix: string, response: ServerResponse): void {
    const root = `${bucket.replace(/\/$/, '')}/`;
    const keys = this.paths(root + prefix).map((path) => path.slice(root.length));
    const contents = keys.map((key) => `<Contents><Key>${escapeXml(key)}</Key></Contents>`).join('');
    response
      .writeHead(200, { 'content-type': 'application/xml' })
      .end(`<ListBucketResult><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`);
  }

  private get(path: string, version: string | null, response: ServerResponse): void {
    const versions = this.objects.get(path) ?? [];
    const found = version === null ? versions.at(-1) : versions.find(({ id }) => id === version);
    if (found === undefined) {
      const code = version === null ? 'NoSuchKey' : 'NoSuchVersion';
      response.writeHead(404).end(`<Error><Code>${code}</Code></Error>`);
      return;
    }
    response
      .writeHead(200, {
        etag: found.etag,
        'content-length': found.body.length,
        'x-amz-version-id': found.id,
        ...Object.fromEntries(
          Object.entries(found.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
        ),
      })
      .end(found.body);
  }

  private write(path: string, body: Buffer, { headers }: IncomingMessage, response: ServerResponse): void {
    const present = this.objects.get(path)?.at(-1);
    const ifMatch = headers['if-match'];
    const conflict =
      (headers['if-none-match'] === '*' && present !== undefined) ||
      (ifMatch !== undefined && ifMatch !== present?.etag);
    if (conflict) {
      response.writeHead(412).end('<Error><Code>PreconditionFailed</Code></Error>');
      return;
    }
    const metadata = Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith('x-amz-meta-') ? [[name.slice(11), String(value)] as const] : [],
    );
    this.put(path, body, Object.fromEntries(metadata));
    response.writeHead(200, { etag: this.objects.get(path)!.at(-1)!.etag }).end();
  }

  private multipart(path: string, url: URL, response: ServerResponse): void {
    const finished = url.searchParams.get('uploadId');
    if (finished === null) {
      const id = `upload${(this.count += 1)}`;
      this.parts.set(id, []);
      response
        .writeHead(200)
        .end(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
      return;
    }
    this.put(path, Buffer.concat(this.parts.get(finished) ?? []));
    response
      .writeHead(200)
      .end('<CompleteMultipartUploadResult><ETag>"whole"</ETag></CompleteMultipartUploadResult>');
  }
}

/** Takes the chunks with checksums apart that the SDK sends of streams (`aws-chunked`). */
function plain(body: Buffer, { headers }: IncomingMessage): Buffer {
  if (!(headers['content-encoding'] ?? '').includes('aws-chunked')) return body;
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const end = body.indexOf('\r\n', at);
    const size = parseInt(body.subarray(at, end).toString('latin1'), 16);
    if (!(size > 0)) break;
    pieces.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(pieces);
}
