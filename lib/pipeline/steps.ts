/** The steps of the pipeline: what each runs, and the little it may do in AWS. */
import { Duration, type CfnOutput } from 'aws-cdk-lib';
import { BuildSpec } from 'aws-cdk-lib/aws-codebuild';
import {
  CodeBuildStep,
  type CodePipelineSource,
  type FileSet,
  type IFileSetProducer,
} from 'aws-cdk-lib/pipelines';

import type { Registry } from './registry';
import type { Releases } from './releases';

/** Where the synth leaves the parts list, and where the release finds it. */
const SBOM = 'dist/sbom';

/** Versions of what the image of CodeBuild brings; every other tool comes from the lock file with its checksum. */
const NODE = { nodejs: '22' };
const TOOLS = { ...NODE, python: '3.12' };

/** Packages whose checksum is in the lock file, and nothing they would like to run. */
const INSTALL = 'npm ci --ignore-scripts';

/** Gates, tests, and the templates of every environment. */
export function synthStep(source: CodePipelineSource, releases: Releases): CodeBuildStep {
  return new CodeBuildStep('Synth', {
    input: source as IFileSetProducer,
    installCommands: ['npm ci'],
    env: { RELEASES: releases.bucketName },
    commands: [
      'npm run -s gates',
      'npm run -s spec -- lint',
      // the list is empty or has the key; anything that is not 0 is fetched, and a failure of either command stops here
      [
        'if [ "$(aws s3api list-objects-v2 --bucket "$RELEASES" --prefix openapi.yaml --query KeyCount --output text)" = 0 ]',
        'then echo "nothing was released yet: no document to compare with"',
        'else aws s3 cp "s3://$RELEASES/openapi.yaml" .local/released/openapi.yaml && npm run -s spec -- diff .local/released/openapi.yaml && npm run -s spec -- gate --against .local/released/openapi.yaml',
        'fi',
      ].join('\n'),
      'npm test',
      'npx cdk synth --quiet',
    ],
    partialBuildSpec: tools(TOOLS),
    rolePolicyStatements: releases.readDocumentStatements(),
    timeout: Duration.hours(1),
    primaryOutputDirectory: 'cdk.out',
  });
}

/** @returns the folder with the parts list that the synth has made */
export function sbomOf(synth: CodeBuildStep): FileSet {
  return synth.addOutputDirectory(SBOM);
}

export interface SmokeProps {
  readonly source: CodePipelineSource;
  readonly address: { readonly output: CfnOutput; readonly path: string };
  /** Origin that the browser of a signed-in person sends. */
  readonly origin: string;
}

/** Needs no permission at all: it asks the deployment from outside, as anybody could. */
export function smokeStep({ source, address, origin }: SmokeProps): CodeBuildStep {
  return new CodeBuildStep('Smoke', {
    input: source as IFileSetProducer,
    envFromCfnOutputs: { ADDRESS: address.output },
    env: { API_PATH: address.path, ORIGIN: origin },
    installCommands: [INSTALL],
    commands: ['npm run -s smoke -- --api "${ADDRESS%/}/$API_PATH" --origin "$ORIGIN"'],
    partialBuildSpec: tools(NODE),
    timeout: Duration.minutes(15),
  });
}

/** Publishes what `npm run clients` builds as a version of this commit that nobody gets who does not ask for it. */
export function preReleaseStep(source: CodePipelineSource, registry: Registry): CodeBuildStep {
  return new CodeBuildStep('PublishPreRelease', {
    input: source as IFileSetProducer,
    env: { ...registryNames(registry), REVISION: source.sourceAttribute('CommitId') },
    installCommands: [INSTALL],
    commands: [
      ...LOGIN,
      'npm run -s clients -- --language typescript --npm "$REGISTRY" --revision "$REVISION"',
    ],
    partialBuildSpec: tools(NODE),
    rolePolicyStatements: registry.publishNpmStatements(),
    timeout: Duration.minutes(15),
  });
}

export interface ReleaseProps {
  readonly source: CodePipelineSource;
  readonly sbom: FileSet;
  readonly registry: Registry;
  readonly releases: Releases;
}

/** Publishes the release, and last of all the document with which the next one is compared. */
export function releaseStep({ source, sbom, registry, releases }: ReleaseProps): CodeBuildStep {
  return new CodeBuildStep('PublishRelease', {
    input: source as IFileSetProducer,
    additionalInputs: { ['.local/sbom']: sbom },
    env: {
      ...registryNames(registry),
      REVISION: source.sourceAttribute('CommitId'),
      RELEASES: releases.bucketName,
    },
    installCommands: [INSTALL],
    commands: [
      ...LOGIN,
      'npm run -s clients -- --language typescript --npm "$REGISTRY"',
      'aws s3 cp .local/sbom/sbom.cdx.json "s3://$RELEASES/sbom/$REVISION.cdx.json"',
      'aws s3 cp openapi.yaml "s3://$RELEASES/openapi.yaml"',
    ],
    partialBuildSpec: tools(NODE),
    rolePolicyStatements: [...registry.publishNpmStatements(), ...releases.writeStatements()],
    timeout: Duration.minutes(15),
  });
}

/** After the installation, since it makes the repository npm's registry; its token ends with the role's session. */
const LOGIN = [
  'aws codeartifact login --tool npm --domain "$DOMAIN" --repository "$REPOSITORY"',
  'REGISTRY="$(aws codeartifact get-repository-endpoint --domain "$DOMAIN" --repository "$REPOSITORY" --format npm --query repositoryEndpoint --output text)"',
];

function registryNames({ domain, repository }: Registry): Record<string, string> {
  return { DOMAIN: domain, REPOSITORY: repository };
}

function tools(versions: Readonly<Record<string, string>>): BuildSpec {
  return BuildSpec.fromObject({
    phases: { install: { 'runtime-versions': versions } },
    cache: { paths: ['/root/.npm/**/*'] },
  });
}
