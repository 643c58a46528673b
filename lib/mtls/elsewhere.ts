/** The same verified lists at other enforcement points; what fails there leaves publication as it is. */
import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

import {
  ELSEWHERE,
  ELSEWHERE_REFUSED_METRIC,
  INDEXES,
  keyValueStoreEnv,
  manifestKey,
  MANIFESTS,
  PRIVATE_CA_UPLOADS,
  trustStoreEnv,
  UPLOADS,
} from '../../lambdas/mtls/contract';
import { alarmAtOnce, metricOf } from '../_kit/metric-alarm';
import { ListsFunction } from './lists-function';
import type { Parts } from './scheduled';

export function giveToLoadBalancer(parts: Parts, trustStore: string): void {
  const notes = `${ELSEWHERE}load-balancer/*`;
  const giver = giving(parts, 'LoadBalancer', {
    handler: 'give-to-load-balancer',
    description: 'Certificate lists: gives them to a trust store of a load balancer',
    environment: trustStoreEnv.provide({
      LISTS_BUCKET: parts.bucket.bucketName,
      LOAD_BALANCER_TRUST_STORE_ARN: trustStore,
    }),
    // the load balancer reads the list with the rights of who gives it
    reads: [`${MANIFESTS}*`, notes, `${UPLOADS}*`, `${PRIVATE_CA_UPLOADS}*`],
    writes: [notes],
  });
  giver.addToRolePolicy(
    new PolicyStatement({
      actions: [
        'elasticloadbalancing:AddTrustStoreRevocations',
        'elasticloadbalancing:RemoveTrustStoreRevocations',
      ],
      resources: [trustStore],
    }),
  );
}

export function giveToKeyValueStore(parts: Parts, store: string): void {
  const giver = giving(parts, 'KeyValueStore', {
    handler: 'give-to-key-value-store',
    description: 'Certificate lists: gives their entries to a key value store of CloudFront',
    environment: keyValueStoreEnv.provide({
      LISTS_BUCKET: parts.bucket.bucketName,
      KEY_VALUE_STORE_ARN: store,
    }),
    reads: [`${MANIFESTS}*`, `${INDEXES}*`],
    writes: [],
  });
  giver.addToRolePolicy(
    new PolicyStatement({
      actions: ['DescribeKeyValueStore', 'ListKeys', 'UpdateKeys'].map(
        (action) => `cloudfront-keyvaluestore:${action}`,
      ),
      resources: [store],
    }),
  );
}

function giving(
  { scope, ...parts }: Parts,
  id: string,
  props: Pick<
    ConstructorParameters<typeof ListsFunction>[2],
    'handler' | 'description' | 'environment' | 'reads' | 'writes'
  >,
): ListsFunction {
  const giver = new ListsFunction(scope, id, {
    ...parts,
    ...props,
    memoryMiB: 512,
    timeout: Duration.minutes(15),
  });
  new Rule(scope, `${id}Published`, {
    eventPattern: {
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: {
        bucket: { name: [parts.bucket.bucketName] },
        object: { key: [{ wildcard: manifestKey('*') }] },
      },
    },
    targets: [new LambdaFunction(giver, { deadLetterQueue: parts.deadLetters })],
  });
  alarmAtOnce(
    scope,
    `${id}Refused`,
    metricOf(giver, ELSEWHERE_REFUSED_METRIC),
    'certificate lists: another enforcement point cannot take a list and keeps the one before; see docs/mtls.md',
  );
  return giver;
}
