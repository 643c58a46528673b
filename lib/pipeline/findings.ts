/** Findings of cdk-nag about what CDK Pipelines makes itself, each with why it stays. */
import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import { Project } from 'aws-cdk-lib/aws-codebuild';
import type { CodePipeline } from 'aws-cdk-lib/pipelines';

import { acknowledge, acknowledgeWildcard } from '../_kit/acknowledge';

/** @param delivery after its pipeline has been built */
export function acknowledgeConstructLibrary(delivery: CodePipeline): void {
  const artifacts = 'CDK Pipelines: what a grant on the bucket of artifacts, and on its key, is made of';
  const actions = ['s3:GetObject', 's3:GetBucket', 's3:List', 's3:DeleteObject', 's3:Abort'];
  const keyActions = ['kms:ReEncrypt', 'kms:GenerateDataKey'];
  acknowledge(
    delivery,
    Object.fromEntries([...actions, ...keyActions].map((action) => [`IAM5[Action::${action}*]`, artifacts])),
  );
  acknowledgeWildcard(delivery, `${delivery.pipeline.artifactBucket.bucketArn}/*`, artifacts);
  acknowledge(delivery, { S1: 'artifacts live for one execution; CloudTrail tells of those who read them' });

  const stack = Stack.of(delivery);
  const below = (service: string, resource: string, name: string): string =>
    Arn.format({ service, resource, resourceName: name, arnFormat: formatOf(service) }, stack);
  const project = 'CodeBuild: the streams and reports of one project';
  for (const one of delivery.node.findAll().filter((child) => child instanceof Project)) {
    acknowledgeWildcard(one, below('logs', 'log-group', `/aws/codebuild/${one.projectName}:*`), project);
    acknowledgeWildcard(one, below('codebuild', 'report-group', `${one.projectName}-*`), project);
  }

  const update = delivery.node.findChild('UpdatePipeline');
  acknowledge(update, {
    'IAM5[Resource::*]':
      'CDK Pipelines: the CDK CLI asks for the state of stacks and for the bootstrap bucket',
    [`IAM5[Resource::arn:*:iam::${stack.account}:role/*]`]:
      'CDK Pipelines: bootstrap roles alone, told by a condition on their tags',
  });
  const assets = delivery.node.findChild('Assets');
  const library = 'CDK Pipelines: made before its project is';
  acknowledge(assets, {
    'IAM5[Resource::*]': 'CDK Pipelines: roles of other accounts, and builds of itself',
  });
  acknowledgeWildcard(assets, below('logs', 'log-group', '/aws/codebuild/*'), library);
  acknowledgeWildcard(assets, below('codebuild', 'report-group', '*'), library);
}

function formatOf(service: string): ArnFormat {
  return service === 'logs' ? ArnFormat.COLON_RESOURCE_NAME : ArnFormat.SLASH_RESOURCE_NAME;
}
