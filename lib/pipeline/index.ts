/** A pipeline that deploys itself, then every environment in order, each checked before the next is touched. */
import { Duration, Stack, type Stage } from 'aws-cdk-lib';
import { Cache, ComputeType, LinuxBuildImage, LocalCacheMode } from 'aws-cdk-lib/aws-codebuild';
import { PipelineNotificationEvents, PipelineType, type CfnPipeline } from 'aws-cdk-lib/aws-codepipeline';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import {
  CodePipeline,
  CodePipelineSource,
  ManualApprovalStep,
  type IFileSetProducer,
} from 'aws-cdk-lib/pipelines';
import { Construct } from 'constructs';

import type { ClientNames } from '../api';
import type { PipelineSettings } from '../config';
import { acknowledge, acknowledgePrefixes } from '../_kit/acknowledge';
import { KEEP } from '../_kit/lifecycle';
import { acknowledgeConstructLibrary } from './findings';
import { Registry } from './registry';
import { Releases } from './releases';
import { checkStep, preReleaseStep, releaseStep, sbomOf, synthStep, type Deployed } from './steps';
import { CDK, CDK_ASSETS, installed, READABLE } from './tools';

/** One environment. */
export interface Deployment extends Deployed {
  readonly stage: Stage;
}

export interface PipelineProps {
  readonly settings: PipelineSettings;
  /** Names of the client libraries in the registry: nothing else may be published. */
  readonly clients: ClientNames;
  /** In the order in which a change reaches them. Pre-releases follow the first; somebody approves before the last. */
  readonly deployments: readonly Deployment[];
  /** Whether an environment is in another account, which needs a KMS key for the artifacts. */
  readonly otherAccounts: boolean;
}

/**
 * CodePipeline of type V2: source, gates and synth, its own update, assets, then a stage per environment.
 *
 * Assets are published by one project whose commands are in the assembly, so that a change of code leaves the pipeline's
 * structure alone: a stage can only be rolled back to an execution of the same structure.
 */
export class Pipeline extends Construct {
  /** Tells of approvals that wait, of failures and of releases. */
  readonly topic: Topic;

  constructor(
    scope: Construct,
    id: string,
    { settings, clients, deployments, otherAccounts }: PipelineProps,
  ) {
    super(scope, id);
    const [first, last] = [deployments[0], deployments.at(-1)];
    const { repository, branch, connectionArn } = settings;
    const source = CodePipelineSource.connection(repository, branch, { connectionArn });
    const registry = new Registry(this, 'Registry', settings.codeArtifact, clients);
    const releases = new Releases(this, 'Releases');
    this.topic = new Topic(this, 'News', { enforceSSL: true });
    for (const address of settings.notify) this.topic.addSubscription(new EmailSubscription(address));

    const synth = synthStep(source, releases);
    const sbom = sbomOf(synth);
    const delivery = new CodePipeline(this, 'Delivery', {
      pipelineName: Stack.of(this).stackName,
      pipelineType: PipelineType.V2,
      synth: synth as IFileSetProducer,
      selfMutation: true,
      cliVersion: CDK.version,
      cdkAssetsCliVersion: CDK_ASSETS.version,
      publishAssetsInParallel: false,
      crossAccountKeys: otherAccounts,
      enableKeyRotation: otherAccounts,
      codeBuildDefaults: {
        buildEnvironment: { buildImage: LinuxBuildImage.STANDARD_7_0, computeType: ComputeType.SMALL },
        cache: Cache.local(LocalCacheMode.CUSTOM),
        timeout: Duration.minutes(30),
        logging: { cloudWatch: { logGroup: new LogGroup(this, 'Logs', { retention: KEEP.logs }) } },
      },
      selfMutationCodeBuildDefaults: { partialBuildSpec: installed(CDK) },
      assetPublishingCodeBuildDefaults: { partialBuildSpec: installed(CDK_ASSETS, [READABLE]) },
      // browser, emulator and bundles at once
      synthCodeBuildDefaults: { buildEnvironment: { computeType: ComputeType.LARGE } },
    });

    const release = releaseStep({ source, sbom, registry, releases });
    const publishing = [release];
    for (const deployment of deployments) {
      const { stage } = deployment;
      if (deployment === last && deployment !== first) {
        // a stage of its own: what rolls the last environment back must not wait for an approval
        const comment = `Deploys to ${stage.stageName}. The checks of every environment before it have passed.`;
        const pre = [new ManualApprovalStep('Approve', { comment, notificationTopic: this.topic })];
        delivery.addWave('Approval', { pre });
      }
      delivery.addStage(stage, { post: [checkStep(source, deployment)] });
      if (deployment === first && deployment !== last) {
        const preRelease = preReleaseStep(source, registry);
        delivery.addWave('PreRelease', { post: [preRelease] });
        publishing.push(preRelease);
      }
    }
    delivery.addWave('Release', { post: [release] });
    delivery.buildPipeline();
    acknowledgeConstructLibrary(delivery);
    for (const step of publishing)
      acknowledge(step.project, {
        'IAM5[Resource::*]': 'sts:GetServiceBearerToken knows no resource; CodeArtifact alone may use it',
      });
    acknowledgePrefixes(release.project, releases as IBucket, ['sbom/*']);

    if (last !== undefined) rollBackOnFailure(delivery, last.stage.stageName);
    delivery.pipeline.notifyOn('Notify', this.topic, {
      events: [
        PipelineNotificationEvents.PIPELINE_EXECUTION_FAILED,
        PipelineNotificationEvents.PIPELINE_EXECUTION_SUCCEEDED,
        PipelineNotificationEvents.MANUAL_APPROVAL_NEEDED,
      ],
    });
  }
}

/**
 * A failed deployment or check brings back what was deployed there last.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback-auto.html
 */
function rollBackOnFailure({ pipeline }: CodePipeline, stage: string): void {
  const index = pipeline.stages.findIndex(({ stageName }) => stageName === stage);
  // the construct library has the property for stages that it does not make itself
  (pipeline.node.defaultChild as CfnPipeline).addPropertyOverride(`Stages.${index}.OnFailure`, {
    Result: 'ROLLBACK',
  });
}
