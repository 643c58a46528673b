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
const PYTHON = { nodejs: '22', python: '3.12' };
const JAVA = { ...PYTHON, java: 'corretto17' };

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
    partialBuildSpec: tools(PYTHON),
    rolePolicyStatements: releases.readDocumentStatements(),
    timeout: Duration.hours(1),
    primaryOutputDirectory: 'cdk.out',
  });
}

/** @returns the folder with the parts list that the synth has made */
export function sbomOf(synth: CodeBuildStep): FileSet {
  return synth.addOutputDirectory(SBOM);
}

/** A deployed environment, as its checks must know it. */
export interface Deployed {
  /** Output that tells the address, and the paths of the API and of the documentation below it, if there is any. */
  readonly address: { readonly output: CfnOutput; readonly path: string; readonly docs: string | null };
  /** Origin that the browser of a signed-in person sends. */
  readonly origin: string;
  /** Operations of the document that are not deployed, by `operationId`. */
  readonly leftOut: readonly string[];
}

/** Needs no permission and no credentials at all: it asks the deployment from outside, as anybody could. */
export function checkStep(source: CodePipelineSource, { address, origin, leftOut }: Deployed): CodeBuildStep {
  return new CodeBuildStep('Check', {
    input: source as IFileSetProducer,
    envFromCfnOutputs: { ADDRESS: address.output },
    env: {
      API_PATH: address.path,
      ORIGIN: origin,
      LEFT_OUT: leftOut.join(','),
      ...(address.docs === null ? {} : { DOCS_PATH: address.docs }),
    },
    installCommands: [INSTALL],
    commands: [
      'npm run -s smoke -- --api "${ADDRESS%/}/$API_PATH" --origin "$ORIGIN" --left-out "$LEFT_OUT"',
      'npm run -s contract -- --api "${ADDRESS%/}/$API_PATH" --left-out "$LEFT_OUT"',
      ...(address.docs === null ? [] : ['npm run -s docs -- verify --at "${ADDRESS%/}/$DOCS_PATH"']),
    ],
    partialBuildSpec: tools(PYTHON),
    timeout: Duration.minutes(20),
  });
}

/** Publishes what `npm run clients` builds as a version of this commit that nobody gets who does not ask for it. */
export function preReleaseStep(source: CodePipelineSource, registry: Registry): CodeBuildStep {
  return new CodeBuildStep('PublishPreRelease', {
    input: source as IFileSetProducer,
    env: { ...registryNames(registry), REVISION: source.sourceAttribute('CommitId') },
    installCommands: [INSTALL],
    commands: [...LOGIN, `${PUBLISH} --revision "$REVISION"`],
    partialBuildSpec: tools(JAVA),
    rolePolicyStatements: registry.publishStatements(),
    timeout: Duration.minutes(20),
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
      PUBLISH,
      'aws s3 cp .local/sbom/sbom.cdx.json "s3://$RELEASES/sbom/$REVISION.cdx.json"',
      'aws s3 cp openapi.yaml "s3://$RELEASES/openapi.yaml"',
    ],
    partialBuildSpec: tools(JAVA),
    rolePolicyStatements: [...registry.publishStatements(), ...releases.writeStatements()],
    timeout: Duration.minutes(20),
  });
}

/** After the installation, since it makes the repository npm's registry; the token ends with the role's session. */
const LOGIN = [
  'aws codeartifact login --tool npm --domain "$DOMAIN" --repository "$REPOSITORY"',
  // two commands, since `export` would hide that the first has failed
  'CODEARTIFACT_AUTH_TOKEN="$(aws codeartifact get-authorization-token --domain "$DOMAIN" --query authorizationToken --output text)"',
  'export CODEARTIFACT_AUTH_TOKEN',
  ...['npm', 'maven', 'pypi'].map(
    (format) =>
      `${format.toUpperCase()}="$(aws codeartifact get-repository-endpoint --domain "$DOMAIN" --repository "$REPOSITORY" --format ${format} --query repositoryEndpoint --output text)"`,
  ),
];
const PUBLISH = 'npm run -s clients -- --npm "$NPM" --maven "$MAVEN" --pypi "$PYPI"';

function registryNames({ domain, repository }: Registry): Record<string, string> {
  return { DOMAIN: domain, REPOSITORY: repository };
}

function tools(versions: Readonly<Record<string, string>>): BuildSpec {
  return BuildSpec.fromObject({
    phases: { install: { 'runtime-versions': versions } },
    cache: { paths: ['/root/.npm/**/*', '/root/.cache/pip/**/*', '/root/.m2/repository/**/*'] },
  });
}
