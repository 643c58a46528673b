/** A private bucket with files that a distribution serves, and the way files get into it at a deployment. */
import { CfnElement, Stack } from 'aws-cdk-lib';
import {
  AccessLevel,
  S3OriginAccessControl,
  type IDistribution,
  type IOrigin,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { BucketDeployment, Source, type BucketDeploymentProps } from 'aws-cdk-lib/aws-s3-deployment';
import type { Construct } from 'constructs';

import { acknowledge } from './acknowledge';
import { HouseBucket } from './bucket';
import { removalPolicyOf, type Lifecycle } from './lifecycle';

/** A bucket that holds a copy of what was built: nothing is lost with it. */
export function filesBucket(scope: Construct): Bucket {
  return new HouseBucket(scope, 'Bucket', {
    noAccessLog: 'read by one distribution alone, of files that everybody may have',
    holds: 'copies',
  });
}

/**
 * Origin of a distribution that alone may read the bucket.
 *
 * @param name of the access control, unique in the account
 */
export function filesOrigin(
  scope: Construct,
  bucket: IBucket,
  { originId, name }: { readonly originId: string; readonly name: string },
): IOrigin {
  return S3BucketOrigin.withOriginAccessControl(bucket, {
    originId,
    originAccessControl: new S3OriginAccessControl(scope, 'AccessControl', { originAccessControlName: name }),
    // LIST makes S3 say 404 of a file that does not exist, where it would say 403
    originAccessLevels: [AccessLevel.READ, AccessLevel.LIST],
  });
}

interface Uploads {
  readonly assets: readonly Asset[];
  readonly bucket: IBucket;
  /**
   * Size of the function that copies. The construct library keeps one function per stack and size, with the role of
   * whoever came first: uploads that differ in what they may do need different ones.
   */
  readonly memoryLimit: number;
  /** Whether files of the bucket that are not in the assets may be deleted. */
  readonly mayDelete: boolean;
  /** Distribution whose copies may be invalidated. */
  readonly distribution?: IDistribution;
  readonly lifecycle: Lifecycle;
}

/** One step of an upload, made of what is common to all of them. */
type UploadStep = Omit<
  BucketDeploymentProps,
  'sources' | 'destinationBucket' | 'role' | 'logGroup' | 'memoryLimit' | 'retainOnDelete'
> & {
  /** @default all */
  readonly assets?: readonly Asset[];
};

/** @returns makes the steps of the upload; their role may do nothing but this */
export function uploads(
  scope: Construct,
  { assets, bucket, memoryLimit, mayDelete, distribution, lifecycle }: Uploads,
): (id: string, step: UploadStep) => BucketDeployment {
  const logGroup = new LogGroup(scope, 'DeploymentLogs', {
    retention: lifecycle.logs,
    removalPolicy: removalPolicyOf(lifecycle),
  });
  const allow = (actions: readonly string[], ...resources: readonly string[]): PolicyStatement =>
    new PolicyStatement({ actions: [...actions], resources: [...resources] });
  const objects = ['s3:GetObject', 's3:PutObject', ...(mayDelete ? ['s3:DeleteObject'] : [])];
  const role = new Role(scope, 'DeploymentRole', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: {
      CopyFiles: new PolicyDocument({
        statements: [
          allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn),
          allow(['s3:GetObject'], ...assets.map((asset) => asset.bucket.arnForObjects(asset.s3ObjectKey))),
          allow(['s3:ListBucket', 's3:GetBucketTagging'], bucket.bucketArn),
          allow(objects, bucket.arnForObjects('*')),
          ...(distribution === undefined
            ? []
            : [
                allow(
                  ['cloudfront:CreateInvalidation', 'cloudfront:GetInvalidation'],
                  distribution.distributionArn,
                ),
              ]),
        ],
      }),
    },
  });
  const { defaultChild } = bucket.node;
  if (CfnElement.isCfnElement(defaultChild)) {
    acknowledge(role, {
      [`IAM5[Resource::<${Stack.of(scope).getLogicalId(defaultChild)}.Arn>/*]`]:
        'every file of the one bucket that holds what was built',
    });
  }
  return (id, { assets: own = assets, ...step }) => {
    const deployment = new BucketDeployment(scope, id, {
      ...step,
      sources: own.map((asset) => Source.bucket(asset.bucket, asset.s3ObjectKey)),
      destinationBucket: bucket,
      // the library would grant itself invalidations of every distribution
      role: role.withoutPolicyUpdates(),
      logGroup,
      memoryLimit,
      retainOnDelete: !mayDelete,
    });
    // the function, which the construct library keeps at the root of the stack
    for (const child of Stack.of(scope).node.children) {
      if (!child.node.id.startsWith('Custom::CDKBucketDeployment')) continue;
      acknowledge(child, { L1: 'the construct library brings this function, and its runtime' });
    }
    return deployment;
  };
}
