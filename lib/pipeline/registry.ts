/** The CodeArtifact repository that client libraries are published to. */
import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import { CfnDomain, CfnRepository } from 'aws-cdk-lib/aws-codeartifact';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

import type { PipelineSettings } from '../config';

/** Made here, or named by the settings. */
export class Registry extends Construct {
  readonly domain: string;
  readonly repository: string;

  constructor(
    scope: Construct,
    id: string,
    { domain, repository, create }: PipelineSettings['codeArtifact'],
  ) {
    super(scope, id);
    this.domain = domain;
    this.repository = repository;
    if (!create) return;
    const made = new CfnDomain(this, 'Domain', { domainName: domain });
    // no upstream and no external connection: nothing but what the pipeline publishes can be installed from it
    const within = new CfnRepository(this, 'Repository', {
      domainName: domain,
      repositoryName: repository,
      description: 'Client libraries of the API, published by SallyportPipeline',
    });
    within.addResourceDependency(made);
  }

  /** What `aws codeartifact login --tool npm` and `npm publish` need. */
  publishNpmStatements(): PolicyStatement[] {
    return [
      new PolicyStatement({
        actions: ['codeartifact:GetAuthorizationToken'],
        resources: [this.arn('domain', this.domain)],
      }),
      new PolicyStatement({
        actions: ['codeartifact:GetRepositoryEndpoint', 'codeartifact:ReadFromRepository'],
        resources: [this.arn('repository', `${this.domain}/${this.repository}`)],
      }),
      new PolicyStatement({
        actions: ['codeartifact:PublishPackageVersion'],
        resources: [this.arn('package', `${this.domain}/${this.repository}/npm/*`)],
      }),
      new PolicyStatement({
        actions: ['sts:GetServiceBearerToken'],
        // the action knows no resource: https://docs.aws.amazon.com/codeartifact/latest/ug/get-set-up-provision-user.html
        resources: ['*'],
        conditions: { StringEquals: { 'sts:AWSServiceName': 'codeartifact.amazonaws.com' } },
      }),
    ];
  }

  private arn(resource: string, resourceName: string): string {
    return Arn.format(
      { service: 'codeartifact', resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME },
      Stack.of(this),
    );
  }
}
