/** One origin for browsers: a CloudFront distribution with the web app at its root and the API under `/api`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Annotations, Aws, Duration, FileSystem, Fn, Stack } from 'aws-cdk-lib';
import type { IRestApi } from 'aws-cdk-lib/aws-apigateway';
import type { IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  GeoRestriction,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
  type FunctionAssociation,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

import { acknowledge } from '../_kit/acknowledge';
import { KEEP, type Lifecycle } from '../_kit/lifecycle';
import { filesBucket, filesOrigin } from '../_kit/uploads';
import { operationsOf, securitySchemes, type OpenApiDocument } from '../api';
import { deployFiles } from './deploy-files';
import { edgeFiles, type EdgeFile } from './edge-files';
import { headersPolicyProps } from './headers-policy';
import { headersOnErrors, parseHeaderRules } from './header-rules';
import { navigationsOf } from './navigations';
import { SiteError } from './site-error';

export { docsEdge } from './docs-edge';
export type { EdgeFile } from './edge-files';
export { SiteError } from './site-error';

/** An API that exists; what it answers does not change by standing behind the site. */
export type SiteApi = { readonly restApi: IRestApi; readonly stage: string } | { readonly httpApi: IHttpApi };

export interface SiteDomain {
  /** Host name, e.g. `app.example.com`; point it at the distribution by CNAME or alias. */
  readonly name: string;
  /** Certificate for it, in us-east-1. */
  readonly certificateArn: string;
}

export interface SiteProps {
  readonly web: {
    /** Folder with the built web app: `index.html`, and files with a hash in their name in `assets/`. */
    readonly folder: string;
    /** File with the header rules; docs/site.md has the format. */
    readonly headers: string;
  };
  readonly api: SiteApi;
  /**
   * Document of the API: a browser that navigates to an operation which a session opens is led to the login.
   * @default it gets 401 like every other caller
   */
  readonly document?: OpenApiDocument;
  /** What the web app reads from `/config.json`. @default {} */
  readonly config?: Readonly<Record<string, unknown>>;
  /** `null` serves the site under the distribution's own domain, whose TLS policy CloudFront fixes. */
  readonly domain: SiteDomain | null;
  /** AWS WAF web ACL of scope CLOUDFRONT. @default none */
  readonly webAclArn?: string;
  /** Countries that are served, by ISO 3166-1 alpha-2 code. @default all */
  readonly countries?: readonly string[];
  /** @default logs a year */
  readonly lifecycle?: Lifecycle;
}

const TWO_YEARS = Duration.days(730);

export class Site extends Construct {
  readonly distribution: Distribution;
  /** Holds a copy of the web app and nothing else. */
  readonly bucket: IBucket;
  /** Origin under which browsers see it. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: SiteProps) {
    super(scope, id);
    const { folder, headers } = props.web;
    if (!existsSync(join(folder, 'index.html'))) {
      throw new SiteError(`${folder} has no index.html; build the web app first: npm run build:web`);
    }
    const rules = parseHeaderRules(readFileSync(headers, 'utf8'), headers);
    const files = edgeFiles(rules, navigationsIn(props.document));
    // names of the library's own making hold the place in the tree, which a stage of a pipeline changes
    const { stackName, region } = Stack.of(this);
    const named = (what: string): string => `${stackName}-${region}-${what}`;
    const run = (eventType: FunctionEventType, file: EdgeFile, does: string): FunctionAssociation => ({
      eventType,
      function: new EdgeFunction(this, does.replaceAll(' ', ''), {
        functionName: named(file.replace('.js', '')),
        code: FunctionCode.fromInline(files[file]),
        runtime: FunctionRuntime.JS_2_0,
        comment: `Sallyport: ${does}`,
      }),
    });
    this.bucket = filesBucket(this) as IBucket;
    this.distribution = new Distribution(this, 'Distribution', {
      comment: Stack.of(this).stackName,
      httpVersion: HttpVersion.HTTP2_AND_3,
      // the viewer-request function names it too; without either, the root would list the bucket
      defaultRootObject: 'index.html',
      ...(props.domain === null
        ? {}
        : {
            minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
            domainNames: [props.domain.name],
            certificate: Certificate.fromCertificateArn(this, 'Certificate', props.domain.certificateArn),
          }),
      ...(props.webAclArn === undefined ? {} : { webAclId: props.webAclArn }),
      ...(props.countries === undefined
        ? {}
        : { geoRestriction: GeoRestriction.allowlist(...props.countries) }),
      defaultBehavior: {
        origin: filesOrigin(this, this.bucket, { originId: 'web-app', name: named('web-app') }),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy: new ResponseHeadersPolicy(this, 'Headers', {
          responseHeadersPolicyName: named('web-app'),
          ...headersPolicyProps(headersOnErrors(rules)),
        }),
        functionAssociations: [
          run(FunctionEventType.VIEWER_REQUEST, 'site-request.js', 'Pages Of App'),
          run(FunctionEventType.VIEWER_RESPONSE, 'site-response.js', 'Header Rules'),
        ],
      },
      additionalBehaviors: {
        '/api/*': {
          origin: originOf(props.api),
          // a redirect would come after the cookie or token has been sent in the clear
          viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
          allowedMethods: AllowedMethods.ALLOW_ALL,
          cachePolicy: CachePolicy.CACHING_DISABLED,
          // API Gateway finds its API by the Host header
          originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
          // the API sets its own; these are for what CloudFront answers itself
          responseHeadersPolicy: new ResponseHeadersPolicy(this, 'ApiHeaders', {
            responseHeadersPolicyName: named('api'),
            securityHeadersBehavior: {
              contentTypeOptions: { override: false },
              strictTransportSecurity: {
                accessControlMaxAge: TWO_YEARS,
                includeSubdomains: true,
                override: false,
              },
            },
          }),
          functionAssociations: [run(FunctionEventType.VIEWER_REQUEST, 'api-request.js', 'Way To Api')],
        },
      },
    });
    Annotations.of(this.distribution).acknowledgeWarning(
      '@aws-cdk/aws-cloudfront-origins:listBucketSecurityRisk',
      'the default root object is set',
    );
    acknowledge(this.distribution, {
      CFR1: 'whom a site serves is for its owner to say: the setting site.countries',
      CFR2: 'a web ACL is priced by the month: the setting site.webAclArn',
      CFR3: 'the log would keep addresses and query strings, authorization codes among them; API Gateway logs what was called',
      ...(props.domain === null
        ? { CFR4: 'CloudFront fixes the policy of its own domain; a domain of yours gets TLS 1.2_2021' }
        : {}),
    });
    this.url = `https://${props.domain?.name ?? this.distribution.distributionDomainName}`;
    deployFiles(this, {
      folder,
      config: stagedConfig(props.config ?? {}),
      bucket: this.bucket,
      distribution: this.distribution,
      lifecycle: props.lifecycle ?? KEEP,
    });
  }
}

function navigationsIn(document: OpenApiDocument | undefined): ReturnType<typeof navigationsOf> {
  if (document === undefined) return { cookies: [], templates: [] };
  return navigationsOf(operationsOf(document), securitySchemes(document));
}

function originOf(api: SiteApi): HttpOrigin {
  const [domain, path] =
    'restApi' in api
      ? [
          `${api.restApi.restApiId}.execute-api.${Stack.of(api.restApi).region}.${Aws.URL_SUFFIX}`,
          `/${api.stage}`,
        ]
      : // https://<id>.execute-api.<region>.<suffix>; an HTTP API answers at its root by the stage $default
        [Fn.select(2, Fn.split('/', api.httpApi.apiEndpoint)), undefined];
  return new HttpOrigin(domain, {
    originId: 'api',
    protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
    originSslProtocols: [OriginSslPolicy.TLS_V1_2],
    ...(path === undefined ? {} : { originPath: path }),
  });
}

function stagedConfig(config: Readonly<Record<string, unknown>>): string {
  const folder = FileSystem.mkdtemp('sallyport-site-');
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return folder;
}
