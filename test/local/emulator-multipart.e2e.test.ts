/** Multipart uploads keep the tags that are named at their start. */
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectTaggingCommand,
  PutBucketVersioningCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

import { clientSettings } from '../../local/aws';
import { startTestEmulator } from './instance';

/** Uploads an object of one part under a tag. @returns the tags that it has then */
async function tagged(plain: boolean): Promise<unknown> {
  const emulator = await startTestEmulator({ plain });
  const client = new S3Client({ ...clientSettings(emulator.url), forcePathStyle: true });
  const of = { Bucket: 'parts', Key: 'a b.csv' };
  try {
    await client.send(new CreateBucketCommand({ Bucket: of.Bucket }));
    await client.send(
      new PutBucketVersioningCommand({
        Bucket: of.Bucket,
        VersioningConfiguration: { Status: 'Enabled' },
      }),
    );
    const { UploadId } = await client.send(
      new CreateMultipartUploadCommand({ ...of, Tagging: 'team=a%26b&empty=' }),
    );
    const { ETag } = await client.send(new UploadPartCommand({ ...of, UploadId, PartNumber: 1, Body: 'x' }));
    const { VersionId } = await client.send(
      new CompleteMultipartUploadCommand({
        ...of,
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    );
    return (await client.send(new GetObjectTaggingCommand({ ...of, VersionId }))).TagSet;
  } finally {
    client.destroy();
    await emulator.stop();
  }
}

test('an object has the tags of its multipart upload', async () => {
  expect(await tagged(false)).toEqual([
    { Key: 'team', Value: 'a&b' },
    { Key: 'empty', Value: '' },
  ]);
});

test('the gap is still open: the plain emulator drops them', async () => {
  expect(await tagged(true)).toEqual([]);
});
