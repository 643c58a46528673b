/**
 * What CloudFormation asks of the custom resource that places the trust store.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
 */

/** One request, checked. */
export interface Placing {
  readonly request: 'Create' | 'Update' | 'Delete';
  /** Where the answer goes. */
  readonly answerTo: string;
  /** What the answer repeats. */
  readonly identity: {
    readonly StackId: string;
    readonly RequestId: string;
    readonly LogicalResourceId: string;
  };
  readonly sourceBucket: string;
  readonly sourceKey: string;
  readonly bucket: string;
  readonly key: string;
}

/** @returns `undefined` for an event of any other kind */
export function readPlacing(event: unknown): Placing | undefined {
  const fields = textsOf(event);
  const properties = textsOf((event as { ResourceProperties?: unknown } | null)?.ResourceProperties);
  const [request, answerTo] = [fields('RequestType'), fields('ResponseURL')];
  if (request !== 'Create' && request !== 'Update' && request !== 'Delete') return undefined;
  const [StackId, RequestId, LogicalResourceId] = [
    fields('StackId'),
    fields('RequestId'),
    fields('LogicalResourceId'),
  ];
  const [sourceBucket, sourceKey] = [properties('SourceBucket'), properties('SourceKey')];
  const [bucket, key] = [properties('Bucket'), properties('Key')];
  const all = [answerTo, StackId, RequestId, LogicalResourceId, sourceBucket, sourceKey, bucket, key];
  if (all.includes('')) return undefined;
  const identity = { StackId, RequestId, LogicalResourceId };
  return { request, answerTo, identity, sourceBucket, sourceKey, bucket, key };
}

function textsOf(value: unknown): (key: string) => string {
  return (key) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return '';
    const text = (value as Record<string, unknown>)[key];
    return typeof text === 'string' ? text : '';
  };
}
