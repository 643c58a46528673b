/**
 * Stands in for Amazon Macie, which the emulator lacks: the calls that the data scan makes, on their wire protocol
 * (https://docs.aws.amazon.com/macie/latest/APIReference/operations.html), over the objects of the emulated S3.
 *
 * Tests tell it how a run shall go: `PUT /stand-in/<run>` with {@link Behaviour}.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

import { GetObjectCommand, paginateListObjectsV2, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

import { clientSettings, REGION } from './aws';
import { detect, isReadable, resultLine, type Status } from './macie-results';

type JobStatus = 'RUNNING' | 'PAUSED' | 'USER_PAUSED' | 'CANCELLED' | 'COMPLETE';

/** How a run shall go; what is not said goes well. */
export interface Behaviour {
  /** Errors that calls get before one is answered, by operation, e.g. `CreateClassificationJob`. */
  readonly errors?: Readonly<
    Record<string, { readonly code: string; readonly status: number; readonly times: number }>
  >;
  /** Status that the job ends with, or stays in. */
  readonly status?: JobStatus;
  /** Copies that are not classified in full, by the number in their key. */
  readonly objects?: Readonly<Record<string, { readonly code: Status; readonly reason?: string }>>;
  /** Copies of which no record is written, by number. */
  readonly withheld?: readonly number[];
  /** Copies of which a first record finds nothing, and a second, that comes after the job's end was told, what there is. */
  readonly late?: readonly number[];
  /** Copies whose findings have no type, by number. */
  readonly unnamed?: readonly number[];
  /** A line that no reader understands is written too. */
  readonly garbled?: boolean;
}

interface Job {
  readonly id: string;
  readonly run: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly sampling: number;
  status: JobStatus;
  /** Records that are written when its end has been told. */
  late: readonly string[];
}

interface Destination {
  readonly bucketName: string;
  readonly keyPrefix?: string;
}

const ACCOUNT = '000000000000';
const FILE_RECORDS = 1000;
const AT_ONCE = 16;
const LATE_MS = 700;

export function macieStandIn(emulatorUrl: string): Server {
  const s3 = new S3Client({ ...clientSettings(emulatorUrl), forcePathStyle: true });
  const jobs = new Map<string, Job>();
  const behaviours = new Map<string, Behaviour>();
  const errorsLeft = new Map<string, number>();
  let destination: Destination | undefined;

  const refused = (run: string, operation: string): Refusal | undefined => {
    const error = behaviours.get(run)?.errors?.[operation];
    const key = `${run} ${operation}`;
    const left = errorsLeft.get(key) ?? error?.times ?? 0;
    if (error === undefined || left === 0) return undefined;
    errorsLeft.set(key, left - 1);
    return new Refusal(error.status, error.code);
  };

  const answer = async (method: string, path: string, body: Json): Promise<unknown> => {
    const [, collection, name = ''] = path.split('/');
    if (collection === 'stand-in' && method === 'PUT') {
      behaviours.set(name, body);
      for (const key of errorsLeft.keys()) if (key.startsWith(`${name} `)) errorsLeft.delete(key);
      return {};
    }
    if (collection === 'classification-export-configuration') {
      if (method === 'PUT')
        destination = (body['configuration'] as { s3Destination: Destination }).s3Destination;
      return { configuration: destination === undefined ? {} : { s3Destination: destination } };
    }
    if (collection !== 'jobs') throw new Refusal(404, 'ResourceNotFoundException');
    if (method === 'POST') {
      const job = jobOf(body);
      const error = refused(job.run, 'CreateClassificationJob');
      if (error !== undefined) throw error;
      // the same token starts one job
      if (!jobs.has(job.id)) {
        jobs.set(job.id, job);
        void classify(s3, job, behaviours.get(job.run) ?? {}, destination).catch((cause: unknown) => {
          console.error(cause);
          job.status = 'CANCELLED';
        });
      }
      return { jobId: job.id, jobArn: `arn:aws:macie2:${REGION}:${ACCOUNT}:classification-job/${job.id}` };
    }
    const job = jobs.get(name);
    if (job === undefined) throw new Refusal(404, 'ResourceNotFoundException');
    const error = refused(
      job.run,
      method === 'GET' ? 'DescribeClassificationJob' : 'UpdateClassificationJob',
    );
    if (error !== undefined) throw error;
    if (method === 'PATCH') job.status = body['jobStatus'] as JobStatus;
    if (job.status === 'COMPLETE' && job.late.length > 0) {
      const lines = job.late;
      job.late = [];
      setTimeout(() => void written(s3, job, lines, destination).catch(console.error), LATE_MS);
    }
    return { jobId: job.id, jobStatus: job.status, jobType: 'ONE_TIME' };
  };
  return createServer((request, response) => {
    void respond(request, response, answer);
  });
}

type Json = Readonly<Record<string, unknown>>;

/** An error of the service. */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (method: string, path: string, body: Json) => Promise<unknown>,
): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const { pathname } = new URL(request.url ?? '/', 'http://stand-in');
    const body = (text === '' ? {} : JSON.parse(text)) as Json;
    const content = JSON.stringify(await answer(request.method ?? 'GET', pathname, body));
    response.writeHead(200, headers).end(content);
  } catch (error) {
    const { status = 500, code = 'InternalServerException' } = error instanceof Refusal ? error : {};
    response
      .writeHead(status, { ...headers, 'x-amzn-errortype': code })
      .end(JSON.stringify({ message: code }));
  }
}

interface JobRequest {
  readonly clientToken: string;
  readonly samplingPercentage?: number;
  readonly s3JobDefinition: {
    readonly bucketDefinitions: readonly { readonly buckets: readonly string[] }[];
    readonly scoping: {
      readonly includes: {
        readonly and: readonly { readonly simpleScopeTerm: { readonly values: readonly string[] } }[];
      };
    };
  };
}

function jobOf(body: Json): Job {
  const request = body as unknown as JobRequest;
  const { bucketDefinitions, scoping } = request.s3JobDefinition;
  const prefix = scoping.includes.and[0]?.simpleScopeTerm.values[0];
  const bucket = bucketDefinitions[0]?.buckets[0];
  if (prefix === undefined || bucket === undefined) throw new Refusal(400, 'ValidationException');
  return {
    id: createHash('sha256').update(`${request.clientToken} ${bucket}`).digest('hex').slice(0, 32),
    run: /^runs\/([^/]+)\//.exec(prefix)?.[1] ?? '',
    bucket,
    prefix,
    sampling: request.samplingPercentage ?? 100,
    status: 'RUNNING',
    late: [],
  };
}

async function classify(
  s3: S3Client,
  job: Job,
  how: Behaviour,
  destination: Destination | undefined,
): Promise<void> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client: s3 },
    { Bucket: job.bucket, Prefix: job.prefix },
  ))
    keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
  const sampled = keys.filter((_, i) => (i * 37) % 100 < job.sampling);
  const lines: string[] = how.garbled === true ? ['{"classificationDetails":'] : [];
  const late: string[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let key = sampled[next++]; key !== undefined; key = sampled[next++]) {
      const number = Number(/(\d{7})[^/]*$/.exec(key)?.[1]);
      if (how.withheld?.includes(number) === true) continue;
      const [line, nothing] = await examined(s3, job, { key, number }, how);
      const isLate = how.late?.includes(number) === true;
      lines.push(isLate ? nothing : line);
      if (isLate) late.push(line);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await written(s3, job, lines, destination);
  job.late = late;
  // a job that was cancelled meanwhile stays so
  if (job.status === 'RUNNING') job.status = how.status ?? 'COMPLETE';
}

async function written(
  s3: S3Client,
  { id }: Job,
  lines: readonly string[],
  destination: Destination | undefined,
): Promise<void> {
  if (destination === undefined) return;
  for (let from = 0; from < lines.length; from += FILE_RECORDS)
    await s3.send(
      new PutObjectCommand({
        Bucket: destination.bucketName,
        Key: `${destination.keyPrefix ?? ''}/AWSLogs/${ACCOUNT}/Macie/${REGION}/${id}/${ACCOUNT}/${randomBytes(8).toString('hex')}.jsonl.gz`,
        Body: gzipSync(`${lines.slice(from, from + FILE_RECORDS).join('\n')}\n`),
      }),
    );
}

/** @returns the record of an object, and one that finds nothing in it */
async function examined(
  s3: S3Client,
  { id, bucket }: Job,
  { key, number }: { readonly key: string; readonly number: number },
  { objects, unnamed }: Behaviour,
): Promise<[string, string]> {
  const {
    Body,
    VersionId = '',
    ETag = '',
    ContentLength = 0,
  } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const text = (await Body?.transformToString('latin1')) ?? '';
  const job = { id, account: ACCOUNT, region: REGION };
  const object = { bucket, key, version: VersionId, size: ContentLength, etag: ETag.replaceAll('"', '') };
  const skipped = { code: 'SKIPPED', reason: 'UNSUPPORTED_FILE_TYPE_EXCEPTION' } as const;
  const status = objects?.[String(number)] ?? (isReadable(key) ? ({ code: 'COMPLETE' } as const) : skipped);
  const detected = status.code === 'COMPLETE' ? detect(text) : [];
  const isUnnamed = unnamed?.includes(number) === true;
  const found = isUnnamed ? detected.map(({ category, count }) => ({ category, count })) : detected;
  return [resultLine(job, object, status, found), resultLine(job, object, status, [])];
}
