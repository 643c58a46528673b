/** Certificate lists on the deployed local stack: an upload is published or refused, and nothing else changes. */
import { setTimeout as pause } from 'node:timers/promises';

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

import { clientSettings } from '../../local/aws';
import { readManifest, type Manifest } from '../../lambdas/mtls/core/manifest';
import { deployApp, localStack } from '../local-stack';
import { Authority } from './authority';
import { logLines, type LogLine } from './log-lines';
import { issuingPoint, pem } from './make-crl';
import { TRUST_STORE_KEY } from './lists-app';

const ca = new Authority('Partner CA');
const now = Math.floor(Date.now() / 1000);
const times = { thisUpdate: now - 60, nextUpdate: now + 86_400 };

interface Outputs {
  readonly TrustStoreBucket: string;
  readonly ListsBucket: string;
  readonly Preprocessor: string;
  readonly PreprocessorLogs: string;
  readonly Watch: string;
  readonly DeadLetters: string;
}

const anyNumber = expect.any(Number) as number;
let outputs: Outputs;
let s3: S3Client;
let lambda: LambdaClient;

beforeAll(async () => {
  outputs = (await deployApp('test/mtls/lists-app.ts')) as unknown as Outputs;
  const settings = clientSettings(localStack().emulatorUrl);
  s3 = new S3Client({ ...settings, forcePathStyle: true });
  lambda = new LambdaClient(settings);
  await put(outputs.TrustStoreBucket, TRUST_STORE_KEY, pem('CERTIFICATE', ca.der));
}, 180_000);

async function put(Bucket: string, Key: string, Body: Uint8Array | string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
}

async function upload(name: string, list: Uint8Array | string): Promise<void> {
  await put(outputs.ListsBucket, `uploads/${name}.crl`, list);
}

async function manifest(name: string): Promise<Manifest | undefined> {
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: outputs.ListsBucket, Prefix: 'current/' }),
  );
  const Key = `current/${name}.cache.json`;
  if (!Contents.some((object) => object.Key === Key)) return undefined;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: outputs.ListsBucket, Key }));
  return readManifest((await Body?.transformToString()) ?? '');
}

async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 200; i += 1) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await pause(150);
  }
  throw new Error(`${what} never came`);
}

/** Lines that the preprocessor wrote about one file, or that have one field. */
function lines(matches: (line: LogLine) => boolean): Promise<LogLine[]> {
  return logLines(outputs.PreprocessorLogs, matches);
}

async function said(event: string, file: string): Promise<LogLine> {
  return until(`${event} of ${file}`, async () =>
    (await lines((line) => line['event'] === event && line['file'] === `uploads/${file}.crl`)).at(-1),
  );
}

test('CRL-07 an uploaded list is published: DER, then PEM with a later number', async () => {
  await upload('partner', ca.list([{ serial: 7n }], { ...times, number: 1n }));
  const first = await until('the manifest', () => manifest('partner'));
  await upload(
    'partner',
    pem('X509 CRL', ca.list([{ serial: 7n }, { serial: 8n }], { ...times, number: 2n })),
  );
  const second = await until('the second manifest', async () => {
    const found = await manifest('partner');
    return found?.number === 2n ? found : undefined;
  });

  expect(first.entries).toBe(1);
  expect(second.entries).toBe(2);
  const { Body } = await s3.send(
    new GetObjectCommand({ Bucket: outputs.ListsBucket, Key: `indexes/${second.index.key}` }),
  );
  expect((await Body!.transformToByteArray()).length).toBe(second.index.size);
});

test('CRL-01 a list by another key changes nothing, says why and is counted', async () => {
  await upload('guarded', ca.list([{ serial: 5n }], { ...times, extensions: [issuingPoint('http://a/1')] }));
  const before = await until('the manifest', () => manifest('guarded'));
  await upload(
    'guarded',
    new Authority('Partner CA').list([], { ...times, number: 9n, extensions: [issuingPoint('http://a/1')] }),
  );
  const refused = await said('list_refused', 'guarded');

  expect(refused).toMatchObject({ level: 'error', rule: 'signature_invalid', file: 'uploads/guarded.crl' });
  expect(await manifest('guarded')).toEqual(before);
  const counted = await until('the metric', async () =>
    (await lines((line) => line['RevocationListRefused'] === 1)).at(-1),
  );
  expect(counted['FunctionName']).toBe(outputs.Preprocessor);
});

test('CRL-03 an older list is refused and the later one stays', async () => {
  const scope = { extensions: [issuingPoint('http://a/2')] };
  await upload('series', ca.list([{ serial: 5n }], { ...times, ...scope, number: 5n }));
  await until('the manifest', () => manifest('series'));
  await upload('series', ca.list([], { ...times, ...scope, number: 4n }));

  expect(await said('list_refused', 'series')).toMatchObject({ rule: 'number_backwards' });
  expect((await manifest('series'))?.number).toBe(5n);
});

test('CRL-07 a truncated list is refused with file, byte and rule', async () => {
  const list = ca.list([{ serial: 1n }], times);
  await upload('cut', list.subarray(0, list.length - 9));

  expect(await said('list_refused', 'cut')).toMatchObject({
    rule: 'der_truncated',
    offset: expect.any(Number) as number,
  });
  expect(await manifest('cut')).toBeUndefined();
});

describe('CRL-07 an upload that cannot be read', () => {
  const scope = { ...times, extensions: [issuingPoint('http://a/3')] };
  const whole = ca.list([{ serial: 5n }], { ...scope, number: 1n });
  const next = ca.list([{ serial: 5n }, { serial: 6n }], { ...scope, number: 2n });

  const indefinite = Buffer.from(next);
  indefinite[1] = 0x80;

  test.each<[string, Uint8Array | string, object]>([
    ['cut off', next.subarray(0, next.length - 9), { rule: 'der_truncated', offset: anyNumber }],
    ['of indefinite length', indefinite, { rule: 'der_length_indefinite', offset: 1 }],
    ['text', 'not a list at all', { rule: 'pem_malformed', offset: 0 }],
  ])('CRL-07 changes nothing, says why, and raises the alarm: %s', async (_name, unreadable, why) => {
    expect(await refusalOf(unreadable)).toMatchObject({
      level: 'error',
      file: 'uploads/kept.crl',
      message: expect.any(String) as string,
      ...why,
    });
    const counted = (await lines((line) => line['RevocationListRefused'] === 1)).at(-1)!;
    // CloudWatch takes metrics out of lines like this one; the emulator does not, and keeps alarms over those it is given
    expect(await alarmAfter(counted)).toBe('ALARM');
  });

  /** Uploads it in place of a list in force, which must stay. @returns the log line about it */
  async function refusalOf(unreadable: Uint8Array | string): Promise<LogLine> {
    await upload('kept', whole);
    const before = await until('the manifest', () => manifest('kept'));
    const told = (): Promise<LogLine[]> =>
      lines((line) => line['event'] === 'list_refused' && line['file'] === 'uploads/kept.crl');
    const count = (await told()).length;
    await upload('kept', unreadable);
    const refusal = await until('the refusal', async () => (await told()).at(count));

    expect(await manifest('kept')).toEqual(before);
    expect(before.number).toBe(1n);
    return refusal;
  }

  interface DeployedAlarm {
    readonly AlarmName: string;
    readonly Namespace: string;
    readonly MetricName: string;
    readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
    readonly StateValue: string;
  }

  /** State of the deployed alarm over exactly this metric after what the log line measured. */
  async function alarmAfter(line: LogLine): Promise<string> {
    const { CloudWatchMetrics } = line['_aws'] as {
      CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[];
    };
    const { Namespace, Dimensions: names, Metrics } = CloudWatchMetrics[0]!;
    const MetricName = Metrics[0]!.Name;
    const Dimensions = names[0]!.map((Name) => ({ Name, Value: String(line[Name]) }));
    const alarm = async (): Promise<DeployedAlarm | undefined> =>
      ((await cloudWatch('DescribeAlarms', {})) as { MetricAlarms: DeployedAlarm[] }).MetricAlarms.find(
        (one) =>
          one.Namespace === Namespace &&
          one.MetricName === MetricName &&
          JSON.stringify(one.Dimensions) === JSON.stringify(Dimensions),
      );
    await cloudWatch('PutMetricData', {
      Namespace,
      MetricData: [{ MetricName, Dimensions, Value: line[MetricName], Unit: 'Count' }],
    });
    return (await alarm())?.StateValue ?? 'no such alarm';
  }
});

test('what looks at the lists measures each in force', async () => {
  const answer = await lambda.send(new InvokeCommand({ FunctionName: outputs.Watch, LogType: 'Tail' }));

  expect(answer.FunctionError).toBeUndefined();
  expect(Buffer.from(answer.LogResult ?? '', 'base64').toString()).toContain('RevocationListTimeLeft');
});

test('trouble is tried three times and ends in the dead-letter queue', async () => {
  await s3.send(new DeleteObjectCommand({ Bucket: outputs.TrustStoreBucket, Key: TRUST_STORE_KEY }));
  const detail = { bucket: { name: outputs.ListsBucket }, object: { key: 'uploads/partner.crl' } };
  await lambda.send(
    new InvokeCommand({
      FunctionName: outputs.Preprocessor,
      InvocationType: 'Event',
      Payload: JSON.stringify({ detail }),
    }),
  );
  const message = await until('the dead letter', async () => (await receive()).at(0));

  expect(message).toContain('uploads/partner.crl');
  expect((await manifest('partner'))?.number).toBe(2n);
});

/** Messages of the dead-letter queue. */
async function receive(): Promise<string[]> {
  const input = { QueueUrl: outputs.DeadLetters };
  const { Messages = [] } = (await json('sqs', 'AmazonSQS.ReceiveMessage', input)) as {
    Messages?: { Body: string }[];
  };
  return Messages.map(({ Body }) => Body);
}

function cloudWatch(action: string, input: object): Promise<unknown> {
  return json('monitoring', `GraniteServiceVersion20100801.${action}`, input);
}

/** A call by the JSON protocol of AWS. */
async function json(service: string, target: string, input: object): Promise<unknown> {
  const answer = await fetch(localStack().emulatorUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target,
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request`,
    },
    body: JSON.stringify(input),
  });
  return JSON.parse((await answer.text()) || '{}') as unknown;
}
