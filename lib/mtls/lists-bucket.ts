/** The bucket of certificate lists, for a stack of its own. */
import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

import { PRIVATE_CA_UPLOADS } from '../../lambdas/mtls/contract';
import { HouseBucket } from '../_kit/bucket';
import type { Lifecycle } from '../_kit/lifecycle';

export interface RevocationListsBucketProps {
  /** ARNs of the authorities of AWS Private CA that write their lists here. @default none */
  readonly privateAuthorities?: readonly string[];
  /** @default data kept */
  readonly lifecycle?: Lifecycle;
}

/** A house bucket that tells EventBridge of every upload. */
export class RevocationListsBucket extends HouseBucket {
  constructor(scope: Construct, id: string, props: RevocationListsBucketProps = {}) {
    super(scope, id, {
      noAccessLog:
        'who uploads is in CloudTrail data events; an access log would need a bucket of its own to be as private',
      eventBridge: true,
      // lists and indexes that were replaced; the lists themselves say what was in force when
      replacedExpireAfter: Duration.days(400),
      ...(props.lifecycle === undefined ? {} : { lifecycle: props.lifecycle }),
    });
    const authorities = props.privateAuthorities ?? [];
    if (authorities.length > 0) this.letPrivateAuthoritiesWrite(authorities);
  }

  /** https://docs.aws.amazon.com/privateca/latest/userguide/crl-planning.html#s3-policies, narrowed to their prefix. */
  private letPrivateAuthoritiesWrite(authorities: readonly string[]): void {
    const conditions = {
      StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
      ArnEquals: { 'aws:SourceArn': authorities },
    };
    const principals = [new ServicePrincipal('acm-pca.amazonaws.com')];
    this.addToResourcePolicy(
      new PolicyStatement({
        principals,
        actions: ['s3:PutObject', 's3:PutObjectAcl'],
        resources: [this.arnForObjects(`${PRIVATE_CA_UPLOADS}*`)],
        conditions,
      }),
    );
    this.addToResourcePolicy(
      new PolicyStatement({
        principals,
        actions: ['s3:GetBucketAcl', 's3:GetBucketLocation'],
        resources: [this.bucketArn],
        conditions,
      }),
    );
  }
}
