/** What the functions of certificate lists may do, and what watches over them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Secret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { AwsSolutionsChecks } from 'cdk-nag';

import { RevocationLists, RevocationListsBucket } from '../../lib';
import { allows, statementsOf, type Statement } from './policies';

const outdir = mkdtempSync(join(tmpdir(), 'sallyport-lists-synth-'));
const AUTHORITY =
  'arn:aws:acm-pca:eu-west-1:111111111111:certificate-authority/0c2ac4c5-7e45-4b8f-a1d4-9d2a0f6b1e77';

afterAll(() => {
  rmSync(outdir, { recursive: true });
});

const app = new App({ outdir });
const stack = new Stack(app, 'sample', { env: { account: '111111111111', region: 'eu-west-1' } });
const trust = Bucket.fromBucketName(stack, 'Trust', 'trust');
// given by name, so that the resources of statements are plain texts
const bucket = Bucket.fromBucketName(stack, 'Named', 'lists');
const lists = new RevocationLists(stack, 'Lists', {
  trustStore: { bucket: trust, key: 'truststore.pem' },
  bucket,
});
const template = Template.fromStack(stack);

function statements(id: string): readonly Statement[] {
  return statementsOf(
    template,
    stack.getLogicalId(lists.node.findChild(`${id}Role`).node.defaultChild as never),
  );
}

describe('CRL-10 the preprocessor', () => {
  const may = (action: string, resource: string): boolean =>
    allows(statements('Preprocess'), action, resource);

  test.each([
    ['s3:GetObject', 'arn:aws:s3:::lists/uploads/ca.crl'],
    ['s3:GetObjectVersion', 'arn:aws:s3:::lists/uploads/ca.crl'],
    ['s3:GetObject', 'arn:aws:s3:::lists/crl/id.crl'],
    ['s3:GetObject', 'arn:aws:s3:::trust/truststore.pem'],
    ['s3:ListBucket', 'arn:aws:s3:::lists'],
    ['s3:PutObject', 'arn:aws:s3:::lists/current/ca.cache.json'],
    ['s3:PutObject', 'arn:aws:s3:::lists/indexes/00'],
  ])('may %s %s', (action, resource) => {
    expect(may(action, resource)).toBe(true);
  });

  test.each([
    ['s3:PutObject', 'arn:aws:s3:::trust/truststore.pem'],
    ['s3:PutObject', 'arn:aws:s3:::trust/anything'],
    ['s3:PutObject', 'arn:aws:s3:::lists/uploads/ca.crl'],
    ['s3:PutObject', 'arn:aws:s3:::lists/uploads/ca.crl.crt'],
    ['s3:DeleteObject', 'arn:aws:s3:::trust/truststore.pem'],
    ['s3:DeleteObject', 'arn:aws:s3:::lists/current/ca.cache.json'],
    ['s3:DeleteObjectVersion', 'arn:aws:s3:::trust/truststore.pem'],
    ['s3:PutBucketPolicy', 'arn:aws:s3:::trust'],
    ['s3:GetObject', 'arn:aws:s3:::trust/other'],
    ['s3:ListBucket', 'arn:aws:s3:::trust'],
    ['lambda:UpdateFunctionCode', 'arn:aws:lambda:eu-west-1:111111111111:function:any'],
  ])('may not %s %s', (action, resource) => {
    expect(may(action, resource)).toBe(false);
  });

  test('the simulation sees a grant that is too wide', () => {
    const wide = [
      { Effect: 'Allow', Action: 's3:Put*', Resource: 'arn:aws:s3:::trust/*' },
      { Effect: 'Allow', Action: '*', Resource: '*' },
    ];
    for (const statement of wide)
      expect(allows([statement], 's3:PutObject', 'arn:aws:s3:::trust/truststore.pem')).toBe(true);
    expect(allows([{ ...wide[1]!, Effect: 'Deny' }, wide[0]!], 's3:PutObject', 'arn:aws:s3:::trust/x')).toBe(
      false,
    );
  });
});

test('CRL-10 what looks at lists writes nothing but its log', () => {
  const actions = statements('Freshness').flatMap(({ Action }) => Action);

  expect(new Set(actions)).toEqual(
    new Set([
      's3:GetObject',
      's3:GetObjectVersion',
      's3:ListBucket',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'sqs:SendMessage',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
    ]),
  );
});

test('every statement names its resources', () => {
  expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).not.toContain('"Resource":"*"');
});

test('uploads of lists and of certificates start the preprocessor, in both places', () => {
  const key = ['uploads/*.crl', 'uploads/*.crl.crt', 'crl/*.crl', 'crl/*.crl.crt'].map((wildcard) => ({
    wildcard,
  }));
  template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: {
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: { bucket: { name: ['lists'] }, object: { key } },
    },
  });
});

test('what fails is tried three times, then kept encrypted, and raises the alarm', () => {
  template.allResourcesProperties('AWS::Lambda::EventInvokeConfig', {
    MaximumRetryAttempts: 2,
    DestinationConfig: { OnFailure: Match.anyValue() },
  });
  template.allResourcesProperties('AWS::Events::Rule', {
    Targets: [Match.objectLike({ DeadLetterConfig: Match.anyValue() })],
  });
  template.hasResourceProperties('AWS::SQS::Queue', {
    SqsManagedSseEnabled: true,
    MessageRetentionPeriod: 1_209_600,
  });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Threshold: 1,
    EvaluationPeriods: 1,
  });
});

test('one refused upload raises the alarm, and so does a list that ends soon or that nobody looks at', () => {
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'RevocationListRefused',
    Statistic: 'Sum',
    Threshold: 1,
    EvaluationPeriods: 1,
    Dimensions: [
      {
        Name: 'FunctionName',
        Value: { Ref: stack.getLogicalId(lists.preprocessor.node.defaultChild as never) },
      },
    ],
  });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'RevocationListTimeLeft',
    Statistic: 'Minimum',
    ComparisonOperator: 'LessThanThreshold',
    Threshold: 86_400,
    TreatMissingData: 'breaching',
  });
});

describe('with everything that can be asked for', () => {
  const full = new Stack(new App({ outdir: join(outdir, 'full') }), 'full');
  const LOAD_BALANCER =
    'arn:aws:elasticloadbalancing:eu-west-1:111111111111:truststore/partners/0123456789abcdef';
  const STORE = 'arn:aws:cloudfront::111111111111:key-value-store/0123456789abcdef';
  const props = {
    trustStore: { bucket: Bucket.fromBucketName(full, 'Trust', 'trust'), key: 'truststore.pem' },
    bucket: Bucket.fromBucketName(full, 'Named', 'lists'),
  };
  const all = new RevocationLists(full, 'Lists', {
    ...props,
    fetch: [{ name: 'partner', url: 'http://lists.partner.example/ca.crl', every: Duration.minutes(30) }],
    canary: {
      secret: new Secret(full, 'CanarySecret') as ISecret,
      url: 'https://partner.example.com/partner/orders',
    },
    loadBalancerTrustStore: LOAD_BALANCER,
    keyValueStore: STORE,
  });
  const templateOfAll = Template.fromStack(full);
  const allowed = (id: string): ((action: string, resource: string) => boolean) => {
    const role = full.getLogicalId(all.node.findChild(`${id}Role`).node.defaultChild as never);
    return (action, resource) => allows(statementsOf(templateOfAll, role), action, resource);
  };

  test('CRL-10 each function writes what it is for, and none the trust store', () => {
    const [fetcher, canary, balancer, store] = ['Fetch', 'Canary', 'LoadBalancer', 'KeyValueStore'].map(
      allowed,
    );

    expect(fetcher!('s3:PutObject', 'arn:aws:s3:::lists/uploads/partner.crl')).toBe(true);
    expect(fetcher!('s3:PutObject', 'arn:aws:s3:::lists/uploads/other.crl')).toBe(false);
    expect(balancer!('elasticloadbalancing:AddTrustStoreRevocations', LOAD_BALANCER)).toBe(true);
    expect(store!('cloudfront-keyvaluestore:UpdateKeys', STORE)).toBe(true);
    for (const may of [fetcher!, canary!, balancer!, store!]) {
      expect(may('s3:PutObject', 'arn:aws:s3:::trust/truststore.pem')).toBe(false);
      expect(may('s3:PutObject', 'arn:aws:s3:::lists/current/ca.cache.json')).toBe(false);
      expect(may('s3:PutObject', 'arn:aws:s3:::lists/indexes/00')).toBe(false);
    }
    expect(JSON.stringify(templateOfAll.findResources('AWS::IAM::Policy'))).not.toContain('"Resource":"*"');
  });

  test('a manifest starts what gives it to other points, a schedule the rest', () => {
    const published = {
      source: ['aws.s3'],
      detail: { object: { key: [{ wildcard: 'current/*.cache.json' }] } },
    };
    templateOfAll.resourcePropertiesCountIs('AWS::Events::Rule', { EventPattern: published }, 2);
    templateOfAll.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(30 minutes)',
      Targets: [Match.objectLike({ Input: '{"name":"partner"}' })],
    });
    for (const MetricName of ['CanaryAdmitted', 'CanaryRefused', 'RevocationListFetchFailed'])
      templateOfAll.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName });
    templateOfAll.resourcePropertiesCountIs(
      'AWS::CloudWatch::Alarm',
      { MetricName: 'RevocationListElsewhereRefused' },
      2,
    );
  });

  test.each([
    'ftp://lists.example/ca.crl',
    'http://user@lists.example/',
    'file:///etc/passwd',
    'lists.example/ca.crl',
  ])('the address %s is refused at synth', (url) => {
    const stack_ = new Stack(new App(), 'refused');
    const make = (): unknown =>
      new RevocationLists(stack_, 'Lists', {
        trustStore: { bucket: Bucket.fromBucketName(stack_, 'Trust', 'trust'), key: 'truststore.pem' },
        fetch: [{ name: 'x', url, every: Duration.hours(1) }],
      });

    expect(make).toThrow('expected http or https');
  });
});

describe('the bucket', () => {
  const own = new Stack(new App({ outdir: join(outdir, 'own') }), 'own', {
    env: { account: '111111111111', region: 'eu-west-1' },
  });
  const made = new RevocationListsBucket(own, 'Bucket', { privateAuthorities: [AUTHORITY] });
  new RevocationLists(own, 'Lists', {
    trustStore: { bucket: Bucket.fromBucketName(own, 'Trust', 'trust'), key: 'truststore.pem' },
    bucket: made as IBucket,
  });
  const templateOfOwn = Template.fromStack(own);

  test('keeps every version, encrypted and private, and tells EventBridge', () => {
    templateOfOwn.hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: Match.anyValue(),
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    });
    templateOfOwn.resourceCountIs('Custom::S3BucketNotifications', 0);
  });

  test('is reached over TLS only', () => {
    templateOfOwn.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });

  test('lets the named authorities of AWS Private CA write below crl/, and nothing else', () => {
    templateOfOwn.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Principal: { Service: 'acm-pca.amazonaws.com' },
            Action: ['s3:PutObject', 's3:PutObjectAcl'],
            Resource: { 'Fn::Join': ['', [Match.anyValue(), '/crl/*']] },
            Condition: {
              StringEquals: { 'aws:SourceAccount': '111111111111' },
              ArnEquals: { 'aws:SourceArn': [AUTHORITY] },
            },
          }),
        ]),
      },
    });
  });

  test('AwsSolutions finds nothing that is not decided, with the bucket in the same stack and in another one', () => {
    const checked = new App({ outdir: join(outdir, 'nag') });
    const data = new Stack(checked, 'data');
    const one = new Stack(checked, 'nag');
    const trustStore = { bucket: Bucket.fromBucketName(one, 'Trust', 'trust'), key: 'truststore.pem' };
    new RevocationLists(one, 'Lists', { trustStore });
    const elsewhere = new RevocationListsBucket(data, 'Bucket') as IBucket;
    new RevocationLists(one, 'Other', { trustStore, bucket: elsewhere });
    Validations.of(checked).addPlugins(new AwsSolutionsChecks());

    expect(() => checked.synth()).not.toThrow();
  });
});
