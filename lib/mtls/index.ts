/** Where certificate lists and what is made of them are kept. */
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

import { KEEP, removalPolicyOf, type Lifecycle } from '../_kit/lifecycle';

export interface RevocationListsProps {
  /** @default data kept */
  readonly lifecycle?: Lifecycle;
}

/** Versioned bucket for lists, their indexes and manifests: encrypted, private, over TLS only. */
export class RevocationLists extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: RevocationListsProps = {}) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      versioned: true,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      removalPolicy: removalPolicyOf(props.lifecycle ?? KEEP),
    });
  }
}
