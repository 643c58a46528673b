/** Composes the pipeline's stack: every environment it deploys, through the stage that `cdk deploy` makes of one. */
import { Stack, type App } from 'aws-cdk-lib';

import { Sallyport, type Composition, type SallyportProps } from './application';
import { clientNamesOf } from './api';
import { PIPELINE_ENVIRONMENTS, settingsFor, type PipelineSettings } from './config';
import { Pipeline } from './pipeline';

/** Name and id, so that `npx cdk deploy SallyportPipeline` finds it. */
const STACK = 'SallyportPipeline';

export interface ComposePipelineProps extends Omit<SallyportProps, 'settings'> {
  readonly settings: PipelineSettings;
}

/** @returns what API Gateway does not keep of the document, the same in every environment */
export function composePipeline(
  app: App,
  { settings, ...sources }: ComposePipelineProps,
): Pick<Composition, 'losses'> {
  const { account, region } = settings;
  const stack = new Stack(app, STACK, {
    stackName: STACK,
    description: 'Sallyport: pipeline over the environments',
    env: { account, region },
  });
  const environments = PIPELINE_ENVIRONMENTS.map((name) => settingsFor(name));
  const deployments = environments.map((environment) => {
    const stage = new Sallyport(stack, { settings: environment, ...sources });
    return { stage, address: stage.address, origin: environment.siteUrl, leftOut: stage.leftOut };
  });
  new Pipeline(stack, 'Pipeline', {
    settings,
    clients: clientNamesOf(sources.document),
    deployments,
    otherAccounts: environments.some((environment) => (environment.account ?? account) !== account),
  });
  return { losses: deployments.flatMap(({ stage }, index) => (index === 0 ? stage.losses : [])) };
}
