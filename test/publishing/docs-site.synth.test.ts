/** The documentation in a distribution: the site's, or one of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App, Stack, Validations } from 'aws-cdk-lib';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';

import { DocsSite, Site, type DocsSiteProps } from '../../lib';

const FOLDER = join(__dirname, 'docs');
const HEADERS = join(__dirname, '../site/web/_headers');
const outdir = mkdtempSync(join(tmpdir(), 'sallyport-docs-synth-'));

afterAll(() => {
  rmSync(outdir, { recursive: true });
});

let count = 0;
function adopted(make: (stack: Stack) => Partial<DocsSiteProps> = () => ({})): { app: App; stack: Stack } {
  const app = new App({ outdir: join(outdir, String(count++)) });
  const stack = new Stack(app, 'Adopted', { env: { region: 'eu-central-1', account: '111122223333' } });
  new DocsSite(stack, 'Docs', { folder: FOLDER, headers: HEADERS, ...make(stack) });
  return { app, stack };
}

function onSite(): { app: App; stack: Stack } {
  return adopted((stack) => {
    const restApi = RestApi.fromRestApiId(stack, 'Api', 'abcde12345');
    const web = { folder: join(__dirname, '../site/web/dist'), headers: HEADERS };
    const { distribution } = new Site(stack, 'Site', { web, api: { restApi, stage: 'live' }, domain: null });
    return { distribution };
  });
}

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

describe('on the distribution of a site', () => {
  const template = Template.fromStack(onSite().stack);

  test('has /docs and /docs/* of the one distribution, read only, over TLS', () => {
    template.resourceCountIs('AWS::CloudFront::Distribution', 1);
    const behavior = (PathPattern: string): object =>
      Match.objectLike({
        PathPattern,
        TargetOriginId: 'docs',
        ViewerProtocolPolicy: 'redirect-to-https',
        AllowedMethods: ['GET', 'HEAD'],
        FunctionAssociations: [
          Match.objectLike({ EventType: 'viewer-request' }),
          Match.objectLike({ EventType: 'viewer-response' }),
        ],
      });
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: Match.objectLike({
        CacheBehaviors: [Match.objectLike({ PathPattern: '/api/*' }), behavior('/docs'), behavior('/docs/*')],
        Origins: Match.arrayWith([Match.objectLike({ Id: 'docs', OriginAccessControlId: Match.anyValue() })]),
      }),
    });
  });

  test('has its own policy for scripts on errors too, from the one file of header rules', () => {
    const policies = Object.values(template.findResources('AWS::CloudFront::ResponseHeadersPolicy')).map(
      (resource) => JSON.stringify(resource),
    );

    expect(policies.filter((policy) => policy.includes("form-action 'none'"))).toHaveLength(1);
    expect(policies.filter((policy) => policy.includes("form-action 'self'"))).toHaveLength(1);
    expect(policies.join('')).not.toMatch(/unsafe-/);
  });

  test('PIPE-02 an upload deletes nothing: its role cannot, and it prunes nothing', () => {
    const deployments = Object.entries(template.findResources('Custom::CDKBucketDeployment'));
    const [, upload] = deployments.find(([name]) => name.startsWith('Docs'))!;
    expect(upload).toMatchObject({
      Properties: {
        Prune: false,
        RetainOnDelete: true,
        DestinationBucketKeyPrefix: 'docs',
        SystemMetadata: { 'cache-control': 'no-cache' },
      },
    });
    const roles = Object.entries(template.findResources('AWS::IAM::Role'));
    const [roleName, role] = roles.find(([name]) => name.startsWith('DocsDeploymentRole'))! as unknown as [
      string,
      { Properties: { Policies: { PolicyDocument: { Statement: Statement[] } }[] } },
    ];
    const actions = role.Properties.Policies.flatMap(({ PolicyDocument }) =>
      PolicyDocument.Statement.flatMap(({ Action }) => Action),
    );
    expect(actions).not.toContain('s3:DeleteObject');
    // the function that runs it is not the one of the web app, whose role may delete
    const users = Object.values(template.findResources('AWS::Lambda::Function')).filter((each) =>
      JSON.stringify(each).includes(`"${roleName}"`),
    );
    expect(users).toHaveLength(1);
  });
});

test('without a distribution has one of its own, with the pages at its root', () => {
  const template = Template.fromStack(adopted().stack);
  template.resourceCountIs('AWS::S3::Bucket', 1);
  template.hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: Match.objectLike({
      DefaultRootObject: 'docs/index.html',
      CacheBehaviors: Match.absent(),
      DefaultCacheBehavior: Match.objectLike({ AllowedMethods: ['GET', 'HEAD'] }),
    }),
  });
});

test('takes a bucket that exists', () => {
  const template = Template.fromStack(
    adopted((stack) => ({ bucket: new Bucket(stack, 'Mine') as IBucket })).stack,
  );

  template.resourceCountIs('AWS::S3::Bucket', 1);
});

test('stops the synth where the documentation has not been built', () => {
  expect(() => adopted(() => ({ folder: __dirname }))).toThrow(
    'has no documentation; build it first: npm run docs -- build',
  );
});

test.each([
  ['on a site', onSite],
  ['alone', adopted],
])('AwsSolutions finds nothing that is not acknowledged with a reason: %s', (_, make) => {
  const { app } = make();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

  expect(() => app.synth()).not.toThrow();
});
