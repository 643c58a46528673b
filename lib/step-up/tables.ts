/** What step-up keeps, for a stack of its own: settings, challenges and step-ups, factors, and the key that seals them. */
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

import { KEYS, TTL_ATTRIBUTE } from '../../lambdas/step-up/contract';
import { KEEP, removalPolicyOf, type Lifecycle } from '../_kit/lifecycle';
import { HouseTable } from '../_kit/table';

/** Tables with string partition keys, and a symmetric key. */
export interface StepUpStores {
  /** Partition key `id`. */
  readonly settings: ITable;
  /** Partition key `sessionId`, expiry in `ttl`. */
  readonly sessions: ITable;
  /** Partition key `subject`. */
  readonly factors: ITable;
  /** Seals secrets of authenticator apps. */
  readonly key: IKey;
}

export class StepUpTables extends Construct implements StepUpStores {
  readonly settings: ITable;
  readonly sessions: ITable;
  readonly factors: ITable;
  readonly key: IKey;

  constructor(scope: Construct, id: string, props: { readonly lifecycle?: Lifecycle } = {}) {
    super(scope, id);
    this.settings = new HouseTable(this, 'Settings', { partitionKey: KEYS.setting, ...props }) as ITable;
    this.sessions = new HouseTable(this, 'Sessions', {
      partitionKey: KEYS.session,
      timeToLiveAttribute: TTL_ATTRIBUTE,
      ...props,
    }) as ITable;
    this.factors = new HouseTable(this, 'Factors', { partitionKey: KEYS.factor, ...props }) as ITable;
    this.key = new Key(this, 'Key', {
      description: 'Seals the secrets of authenticator apps, each for one person',
      enableKeyRotation: true,
      removalPolicy: removalPolicyOf(props.lifecycle ?? KEEP),
    });
  }
}
