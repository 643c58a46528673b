/** A stack of its own, as another CDK app would adopt certificate lists: a trust store and a bucket for lists. */
import { App, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

import { RevocationLists, RevocationListsBucket } from '../../lib';

export const TRUST_STORE_KEY = 'truststore.pem';

class ListsStack extends Stack {
  readonly lists: RevocationLists;

  constructor(app: App, id: string, props: StackProps = {}) {
    super(app, id, props);
    const lifecycle = { data: 'destroy', logs: RetentionDays.ONE_DAY } as const;
    const trustStore = new Bucket(this, 'TrustStore', {
      versioned: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const bucket = new RevocationListsBucket(this, 'Lists', { lifecycle }) as IBucket;
    this.lists = new RevocationLists(this, 'RevocationLists', {
      trustStore: { bucket: trustStore as IBucket, key: TRUST_STORE_KEY },
      bucket,
      warnBefore: Duration.hours(6),
      lifecycle,
    });
    const outputs = {
      TrustStoreBucket: trustStore.bucketName,
      ListsBucket: bucket.bucketName,
      Preprocessor: this.lists.preprocessor.functionName,
      PreprocessorLogs: this.lists.preprocessor.logs.logGroupName,
      Watch: this.lists.watch.functionName,
      DeadLetters: this.lists.deadLetters.queueUrl,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}

if (require.main === module) {
  new ListsStack(new App(), 'sallyport-lists', { env: { account: '000000000000', region: 'us-east-1' } });
}
