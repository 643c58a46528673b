/** The CodeArtifact repository that client libraries are published to. */
import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import { CfnDomain, CfnRepository } from 'aws-cdk-lib/aws-codeartifact';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

import type { ClientNames } from '../api';
import type { PipelineSettings } from '../config';

/** Made here, or named by the settings. */
export class Registry extends Construct {
  readonly domain: string;
  readonly repository: string;
  private readonly clients: ClientNames;

  constructor(
    scope: Construct,
    id: string,
    { domain, repository, create }: PipelineSettings['codeArtifact'],
    clients: ClientNames,
  ) {
    super(scope, id);
    this.domain = domain;
    this.repository = repository;
    this.clients = clients;
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

  /**
   * What it takes to publish the client libraries, and nothing else, in the three formats.
   *
   * https://docs.aws.amazon.com/codeartifact/latest/ug/packages-overview.html#package-publishing-permissions
   */
  publishStatements(): PolicyStatement[] {
    const { name, mavenGroup } = this.clients;
    const maven = this.package(`maven/${mavenGroup}/${name}`);
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
        // without a namespace its place is empty
        resources: [this.package(`npm//${name}`), this.package(`pypi//${name}`), maven],
      }),
      // Maven's list of versions
      new PolicyStatement({ actions: ['codeartifact:PutPackageMetadata'], resources: [maven] }),
      new PolicyStatement({
        actions: ['sts:GetServiceBearerToken'],
        // the action knows no resource: https://docs.aws.amazon.com/codeartifact/latest/ug/get-set-up-provision-user.html
        resources: ['*'],
        conditions: { StringEquals: { 'sts:AWSServiceName': 'codeartifact.amazonaws.com' } },
      }),
    ];
  }

  private package(path: string): string {
    return this.arn('package', `${this.domain}/${this.repository}/${path}`);
  }

  private arn(resource: string, resourceName: string): string {
    return Arn.format(
      { service: 'codeartifact', resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME },
      Stack.of(this),
    );
  }
}
