/**
 * Copies the built web app into its bucket: files with a hash in their name first, then the pages that name them. Old
 * hashed files stay, so that a page which is open during a deployment still finds its own.
 */
import { Stack, type CfnElement } from 'aws-cdk-lib';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import type { Construct } from 'constructs';

import { acknowledge } from '../_kit/acknowledge';
import { removalPolicyOf, type Lifecycle } from '../_kit/lifecycle';
import { ASSETS, CACHE_CONTROL } from './edge-files';

/** Pages that CloudFront may have kept, though not for long. */
const INVALIDATED = ['/index.html', '/config.json'];

export function deployFiles(
  site: Construct,
  {
    folder,
    config,
    bucket,
    distribution,
    lifecycle,
  }: {
    readonly folder: string;
    /** Folder with `config.json`. */
    readonly config: string;
    readonly bucket: Bucket;
    readonly distribution: Distribution;
    readonly lifecycle: Lifecycle;
  },
): void {
  const assets = [new Asset(site, 'WebFiles', { path: folder }), new Asset(site, 'Config', { path: config })];
  const logGroup = new LogGroup(site, 'DeploymentLogs', {
    retention: lifecycle.logs,
    removalPolicy: removalPolicyOf(lifecycle),
  });
  const allow = (actions: readonly string[], ...resources: readonly string[]): PolicyStatement =>
    new PolicyStatement({ actions: [...actions], resources: [...resources] });
  const role = new Role(site, 'DeploymentRole', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: {
      CopyFiles: new PolicyDocument({
        statements: [
          allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn),
          allow(['s3:GetObject'], ...assets.map((asset) => asset.bucket.arnForObjects(asset.s3ObjectKey))),
          allow(['s3:ListBucket', 's3:GetBucketTagging'], bucket.bucketArn),
          allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], bucket.arnForObjects('*')),
          allow(
            ['cloudfront:CreateInvalidation', 'cloudfront:GetInvalidation'],
            distribution.distributionArn,
          ),
        ],
      }),
    },
  });
  acknowledge(role, {
    [`IAM5[Resource::<${Stack.of(site).getLogicalId(bucket.node.defaultChild as CfnElement)}.Arn>/*]`]:
      'every file of the one bucket that holds the web app',
  });
  const common = {
    // the library would grant itself invalidations of every distribution
    role: role.withoutPolicyUpdates(),
    logGroup,
    destinationBucket: bucket as IBucket,
    retainOnDelete: false,
    memoryLimit: 256,
  };
  const sources = assets.map((asset) => Source.bucket(asset.bucket, asset.s3ObjectKey));
  const hashed = new BucketDeployment(site, 'Assets', {
    ...common,
    sources: sources.slice(0, 1),
    exclude: ['*'],
    include: [`${ASSETS}*`],
    prune: false,
    cacheControl: [CacheControl.fromString(CACHE_CONTROL.assets)],
  });
  const pages = new BucketDeployment(site, 'Pages', {
    ...common,
    sources,
    exclude: [`${ASSETS}*`],
    prune: true,
    cacheControl: [CacheControl.fromString(CACHE_CONTROL.pages)],
    distribution,
    distributionPaths: INVALIDATED,
  });
  pages.node.addDependency(hashed);
  // one function for both, which the construct library keeps at the root of the stack
  for (const child of Stack.of(site).node.children) {
    if (!child.node.id.startsWith('Custom::CDKBucketDeployment')) continue;
    acknowledge(child, { L1: 'the construct library brings this function, and its runtime' });
  }
}
