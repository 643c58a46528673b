/** A pipeline that deploys itself, then every environment in order, each checked before the next is touched. */
import { Duration, Stack, type CfnOutput, type Stage } from 'aws-cdk-lib';
import { Cache, ComputeType, LinuxBuildImage, LocalCacheMode } from 'aws-cdk-lib/aws-codebuild';
import { PipelineNotificationEvents, PipelineType, type CfnPipeline } from 'aws-cdk-lib/aws-codepipeline';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import {
  CodePipeline,
  CodePipelineSource,
  ManualApprovalStep,
  type IFileSetProducer,
} from 'aws-cdk-lib/pipelines';
import { Construct } from 'constructs';

import type { PipelineSettings } from '../config';
import { KEEP } from '../_kit/lifecycle';
import { Registry } from './registry';
import { Releases } from './releases';
import { preReleaseStep, releaseStep, sbomOf, smokeStep, synthStep } from './steps';

/** What the pipeline installs beside the lock file: the CLI of package.json, and the publisher of its assets. */
export const TOOLS = { cdk: '2.1148.1', cdkAssets: '4.7.3' } as const;

/** One environment. */
export interface Deployment {
  readonly stage: Stage;
  /** Output that tells the address, and the path of the API below it. */
  readonly address: { readonly output: CfnOutput; readonly path: string };
  /** Origin that the browser of a signed-in person sends. */
  readonly origin: string;
}

export interface PipelineProps {
  readonly settings: PipelineSettings;
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

  constructor(scope: Construct, id: string, { settings, deployments, otherAccounts }: PipelineProps) {
    super(scope, id);
    const [first, last] = [deployments[0], deployments.at(-1)];
    const { repository, branch, connectionArn } = settings;
    const source = CodePipelineSource.connection(repository, branch, { connectionArn });
    const registry = new Registry(this, 'Registry', settings.codeArtifact);
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
      cliVersion: TOOLS.cdk,
      cdkAssetsCliVersion: TOOLS.cdkAssets,
      publishAssetsInParallel: false,
      crossAccountKeys: otherAccounts,
      enableKeyRotation: otherAccounts,
      codeBuildDefaults: {
        buildEnvironment: { buildImage: LinuxBuildImage.STANDARD_7_0, computeType: ComputeType.SMALL },
        cache: Cache.local(LocalCacheMode.CUSTOM),
        timeout: Duration.minutes(30),
        logging: { cloudWatch: { logGroup: new LogGroup(this, 'Logs', { retention: KEEP.logs }) } },
      },
      // browser, emulator and bundles at once
      synthCodeBuildDefaults: { buildEnvironment: { computeType: ComputeType.LARGE } },
    });

    for (const deployment of deployments) {
      const { stage, address, origin } = deployment;
      if (deployment === last && deployment !== first) {
        // a stage of its own: what rolls the last environment back must not wait for an approval
        const comment = `Deploys to ${stage.stageName}. The checks of every environment before it have passed.`;
        const pre = [new ManualApprovalStep('Approve', { comment, notificationTopic: this.topic })];
        delivery.addWave('Approval', { pre });
      }
      delivery.addStage(stage, { post: [smokeStep({ source, address, origin })] });
      if (deployment === first && deployment !== last)
        delivery.addWave('PreRelease', { post: [preReleaseStep(source, registry)] });
    }
    delivery.addWave('Release', { post: [releaseStep({ source, sbom, registry, releases })] });
    delivery.buildPipeline();

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
