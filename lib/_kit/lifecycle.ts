/** How long what a construct creates is kept; every construct takes it, so that one environment decides once. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

export interface Lifecycle {
  /** Retention of log groups. */
  readonly logs: RetentionDays;
  /** Whether tables, buckets and pools outlive their stack and are protected against deletion. */
  readonly data: 'retain' | 'destroy';
}

/** What a construct assumes when nothing is said: nothing is lost. */
export const KEEP: Lifecycle = { logs: RetentionDays.ONE_YEAR, data: 'retain' };

export function removalPolicyOf(lifecycle: Lifecycle): RemovalPolicy {
  return lifecycle.data === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
}
