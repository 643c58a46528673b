/** The distribution: who may read what, what reaches the API, and what the settings change. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App, Stack } from 'aws-cdk-lib';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, type IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Match, Template } from 'aws-cdk-lib/assertions';

import { readDocument, Site, type SiteProps } from '../../lib';
import { edgeFiles } from '../../lib/site/edge-files';

const WEB = { folder: join(__dirname, 'web/dist'), headers: join(__dirname, 'web/_headers') };
const document = readDocument(join(__dirname, '../../openapi.yaml'));
const outdir = mkdtempSync(join(tmpdir(), 'sallyport-site-synth-'));

afterAll(() => {
  rmSync(outdir, { recursive: true });
});

let count = 0;
function synth(props: Partial<SiteProps> = {}): Template {
  const stack = new Stack(new App({ outdir: join(outdir, String(count++)) }), 'Adopted', {
    env: { region: 'eu-central-1', account: '111122223333' },
  });
  const restApi = RestApi.fromRestApiId(stack, 'Api', 'abcde12345');
  new Site(stack, 'Site', { web: WEB, api: { restApi, stage: 'live' }, document, domain: null, ...props });
  return Template.fromStack(stack);
}

const DOMAIN = {
  name: 'app.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/0',
};

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
}

describe('the distribution', () => {
  const template = synth();

  test('alone may read the bucket, by origin access control', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    template.hasResourceProperties('AWS::CloudFront::OriginAccessControl', {
      OriginAccessControlConfig: Match.objectLike({ SigningBehavior: 'always', SigningProtocol: 'sigv4' }),
    });
    const [policy] = Object.values(template.findResources('AWS::S3::BucketPolicy')) as {
      Properties: {
        PolicyDocument: { Statement: (Statement & { Condition?: unknown; Principal: unknown })[] };
      };
    }[];
    const allowed = policy!.Properties.PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Allow');

    expect(allowed.flatMap(({ Action }) => Action)).toEqual(['s3:GetObject', 's3:ListBucket']);
    for (const { Principal, Condition } of allowed) {
      expect(Principal).toEqual({ Service: 'cloudfront.amazonaws.com' });
      expect(JSON.stringify(Condition)).toMatch(/AWS:SourceArn.*distribution/);
    }
  });

  test('passes everything but Host on to the API, over TLS 1.2, and keeps nothing of it', () => {
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        HttpVersion: 'http2and3',
        DefaultRootObject: 'index.html',
        CustomErrorResponses: Match.absent(),
        CacheBehaviors: [
          Match.objectLike({
            PathPattern: '/api/*',
            ViewerProtocolPolicy: 'https-only',
            AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
            // the managed policies CachingDisabled and AllViewerExceptHostHeader
            CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
            OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
            FunctionAssociations: [Match.objectLike({ EventType: 'viewer-request' })],
          }),
        ],
        DefaultCacheBehavior: Match.objectLike({
          ViewerProtocolPolicy: 'redirect-to-https',
          AllowedMethods: ['GET', 'HEAD'],
        }),
        Origins: Match.arrayWith([
          Match.objectLike({
            OriginPath: '/live',
            DomainName: Match.objectLike({
              'Fn::Join': ['', Match.arrayWith(['abcde12345.execute-api.eu-central-1.'])],
            }),
            CustomOriginConfig: Match.objectLike({
              OriginProtocolPolicy: 'https-only',
              OriginSSLProtocols: ['TLSv1.2'],
            }),
          }),
        ]),
      },
    });
  });

  test('runs the very functions of the local edge', () => {
    const codes = Object.values(template.findResources('AWS::CloudFront::Function')).map(
      ({ Properties }: { Properties?: { FunctionCode?: string; FunctionConfig?: { Runtime?: string } } }) => {
        expect(Properties?.FunctionConfig?.Runtime).toBe('cloudfront-js-2.0');
        return Properties?.FunctionCode;
      },
    );

    expect(codes).toHaveLength(3);
    expect(codes).toContain(edgeFiles([], { cookies: [], templates: [] })['site-request.js']);
    expect(codes.some((code) => code?.includes('"/widgets/*",1') === true)).toBe(true);
  });

  test('has the headers of every path on error answers too', () => {
    template.hasResourceProperties('AWS::CloudFront::ResponseHeadersPolicy', {
      ResponseHeadersPolicyConfig: Match.objectLike({
        SecurityHeadersConfig: Match.objectLike({
          ContentSecurityPolicy: {
            ContentSecurityPolicy: Match.stringLikeRegexp("^default-src 'none'; script-src 'self';"),
            Override: true,
          },
          StrictTransportSecurity: Match.objectLike({ AccessControlMaxAgeSec: 63072000 }),
        }),
      }),
    });
  });

  test('gets hashed files first, for good, then pages, which are asked for anew; old hashed files stay', () => {
    const deployments = template.findResources('Custom::CDKBucketDeployment') as Record<
      string,
      { Properties: Record<string, unknown>; DependsOn?: string[] }
    >;
    const entries = Object.entries(deployments);
    const [assets] = entries.find(([name]) => name.includes('Assets'))!;
    const [, pages] = entries.find(([name]) => name.includes('Pages'))!;

    expect(deployments[assets]!.Properties).toMatchObject({
      Prune: false,
      Exclude: ['*'],
      Include: ['assets/*'],
      SystemMetadata: { 'cache-control': 'public, max-age=31536000, immutable' },
    });
    expect(pages.Properties).toMatchObject({
      Prune: true,
      Exclude: ['assets/*'],
      SystemMetadata: { 'cache-control': 'no-cache' },
      DistributionPaths: ['/index.html', '/config.json'],
    });
    expect(pages.DependsOn).toContain(assets);
  });

  test('is invalidated and its bucket written by a role that may do nothing else', () => {
    const roles = template.findResources('AWS::IAM::Role') as Record<
      string,
      {
        Properties: {
          ManagedPolicyArns?: unknown;
          Policies: { PolicyDocument: { Statement: Statement[] } }[];
        };
      }
    >;
    const [role, ...others] = Object.values(roles);
    const statements = role!.Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);

    expect(others).toEqual([]);
    expect(role!.Properties.ManagedPolicyArns).toBeUndefined();
    template.resourceCountIs('AWS::IAM::Policy', 0);
    expect(statements.map(({ Action }) => Action)).toEqual([
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      's3:GetObject',
      ['s3:ListBucket', 's3:GetBucketTagging'],
      ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      ['cloudfront:CreateInvalidation', 'cloudfront:GetInvalidation'],
    ]);
    for (const { Resource } of statements) expect(Resource).not.toBe('*');
  });
});

describe('a site', () => {
  test('with a domain of its own takes TLS 1.2 of 2021 and newer', () => {
    synth({ domain: DOMAIN }).hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: Match.objectLike({
        Aliases: ['app.example.com'],
        ViewerCertificate: Match.objectLike({
          MinimumProtocolVersion: 'TLSv1.2_2021',
          SslSupportMethod: 'sni-only',
        }),
      }),
    });
  });

  test('stands before an HTTP API', () => {
    const stack = new Stack(new App({ outdir: join(outdir, 'http') }), 'Http');
    const httpApi = new HttpApi(stack, 'HttpApi') as IHttpApi;
    new Site(stack, 'Site', { web: WEB, api: { httpApi }, domain: null });
    const template = Template.fromStack(stack);

    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: Match.objectLike({
        Origins: Match.arrayWith([
          Match.objectLike({
            DomainName: {
              'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': [Match.anyValue(), 'ApiEndpoint'] }] }],
            },
            OriginPath: Match.absent(),
          }),
        ]),
      }),
    });
  });

  test('has the firewall and the countries it is given', () => {
    const webAclArn = 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/b';
    synth({ webAclArn, countries: ['CH', 'DE'] }).hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: Match.objectLike({
        WebACLId: webAclArn,
        Restrictions: { GeoRestriction: { Locations: ['CH', 'DE'], RestrictionType: 'whitelist' } },
      }),
    });
  });

  test('without a document leads nobody to a login', () => {
    const stack = new Stack(new App({ outdir: join(outdir, 'plain') }), 'Plain');
    const restApi = RestApi.fromRestApiId(stack, 'Api', 'abcde12345');
    new Site(stack, 'Site', { web: WEB, api: { restApi, stage: 'live' }, domain: null });

    Template.fromStack(stack).hasResourceProperties('AWS::CloudFront::Function', {
      FunctionCode: Match.stringLikeRegexp('const TEMPLATES = \\[\\];'),
    });
  });

  test('fails when the web app has not been built', () => {
    expect(() => synth({ web: { ...WEB, folder: join(__dirname, 'web') } })).toThrow(
      'has no index.html; build the web app first: npm run build:web',
    );
  });
});
