/** The S3 client of the data scan, and what of its errors is expected. */
import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';

/**
 * Bounded in time; copies of large objects answer late.
 *
 * @param pathStyle the bucket in the path, for endpoints that are no AWS
 */
export function s3Client(pathStyle: boolean): S3Client {
  return new S3Client({
    forcePathStyle: pathStyle,
    maxAttempts: 4,
    // without throwOnRequestTimeout the SDK only writes a warning when the time is over
    requestHandler: {
      connectionTimeout: 2000,
      requestTimeout: 120_000,
      socketTimeout: 120_000,
      throwOnRequestTimeout: true,
    },
  });
}

/** Whether there is no such object or version. */
export function isMissing(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  // a version that is a delete marker is 405
  return [404, 405].includes(error.$metadata.httpStatusCode ?? 0) && error.name !== 'NoSuchBucket';
}

/** Whether something stands where nothing was to be. */
export function isConflict(error: unknown): boolean {
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
  return error instanceof S3ServiceException && [409, 412].includes(error.$metadata.httpStatusCode ?? 0);
}
