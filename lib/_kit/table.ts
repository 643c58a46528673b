/** The house table: encrypted, on demand, recoverable where data is kept. */
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';

import { KEEP, removalPolicyOf, type Lifecycle } from './lifecycle';

export interface HouseTableProps {
  /** Name of the partition key, a string. */
  readonly partitionKey: string;
  /** Name of the sort key, a string. @default one item for every partition key */
  readonly sortKey?: string;
  /** Attribute that holds the expiry as epoch seconds. @default rows do not expire */
  readonly timeToLiveAttribute?: string;
  /** @default data kept, protected and recoverable to any point of the last 35 days */
  readonly lifecycle?: Lifecycle;
}

export class HouseTable extends TableV2 {
  constructor(scope: Construct, id: string, props: HouseTableProps) {
    const lifecycle = props.lifecycle ?? KEEP;
    const kept = lifecycle.data === 'retain';
    super(scope, id, {
      partitionKey: { name: props.partitionKey, type: AttributeType.STRING },
      ...(props.sortKey === undefined
        ? {}
        : { sortKey: { name: props.sortKey, type: AttributeType.STRING } }),
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: kept },
      deletionProtection: kept,
      removalPolicy: removalPolicyOf(lifecycle),
      ...(props.timeToLiveAttribute === undefined ? {} : { timeToLiveAttribute: props.timeToLiveAttribute }),
    });
  }
}
