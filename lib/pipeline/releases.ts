/** What was released last: the document that the next one is compared with, and the parts list of every release. */
import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

import { acknowledge } from '../_kit/acknowledge';
import { KEEP, removalPolicyOf } from '../_kit/lifecycle';

const DOCUMENT = 'openapi.yaml';

/** Versioned, encrypted, private, over TLS only; outlives the pipeline. */
export class Releases extends Bucket {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      versioned: true,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      removalPolicy: removalPolicyOf(KEEP),
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
    acknowledge(this, { S1: 'the pipeline alone writes here, and its history says what and when' });
  }

  readDocumentStatements(): PolicyStatement[] {
    return [
      new PolicyStatement({ actions: ['s3:GetObject'], resources: [this.arnForObjects(DOCUMENT)] }),
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [this.bucketArn],
        conditions: { StringEquals: { 's3:prefix': DOCUMENT } },
      }),
    ];
  }

  writeStatements(): PolicyStatement[] {
    return [
      new PolicyStatement({
        actions: ['s3:PutObject'],
        resources: [this.arnForObjects(DOCUMENT), this.arnForObjects('sbom/*')],
      }),
    ];
  }
}
