/** The S3 client of the functions of lists, and what of its errors is expected. */
import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';

/**
 * Bounded in time: 3 attempts, each answered within 10 s and never silent for longer.
 *
 * @param pathStyle the bucket in the path, for endpoints that are no AWS
 */
export function s3Client(pathStyle: boolean): S3Client {
  return new S3Client({
    forcePathStyle: pathStyle,
    maxAttempts: 3,
    // without throwOnRequestTimeout the SDK only writes a warning when the time is over
    requestHandler: {
      connectionTimeout: 2000,
      requestTimeout: 10_000,
      socketTimeout: 10_000,
      throwOnRequestTimeout: true,
    },
  });
}

/** The answer, or `undefined` when there is no such object. */
export async function ifThere<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    // a version that was deleted is NoSuchVersion, one that is a delete marker 405
    if (
      error instanceof S3ServiceException &&
      ['NoSuchKey', 'NoSuchVersion', 'NotFound'].includes(error.name)
    )
      return undefined;
    throw error;
  }
}

/** Whether a conditional write found something else than it was told. */
export function isConflict(error: unknown): boolean {
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html: 409 for a write at the same time,
  // 412 for another ETag, 404 for If-Match where nothing is any more
  return error instanceof S3ServiceException && [404, 409, 412].includes(error.$metadata.httpStatusCode ?? 0);
}
