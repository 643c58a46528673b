/** What was released last: the document that the next one is compared with, and the parts list of every release. */
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

import { HouseBucket } from '../_kit/bucket';

const DOCUMENT = 'openapi.yaml';

/** Outlives the pipeline. */
export class Releases extends HouseBucket {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      noAccessLog: 'the pipeline alone writes here, and its history says what and when',
    });
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
