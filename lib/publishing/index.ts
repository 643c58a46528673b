/** The documentation under `/docs` of a site, or under a distribution of its own. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Annotations, Stack } from 'aws-cdk-lib';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
  type BehaviorOptions,
  type FunctionAssociation,
} from 'aws-cdk-lib/aws-cloudfront';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CacheControl } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';

import { acknowledge } from '../_kit/acknowledge';
import { KEEP, type Lifecycle } from '../_kit/lifecycle';
import { filesBucket, filesOrigin, uploads } from '../_kit/uploads';
import { docsEdge, SiteError, type EdgeFile } from '../site';

export interface DocsSiteProps {
  /** Folder that `npm run docs -- build` has written. */
  readonly folder: string;
  /** File with the header rules of the site; docs/site.md has the format. */
  readonly headers: string;
  /**
   * Distribution that serves the API under `/api`, in the same stack: operations can be tried by the session of a
   * browser there.
   * @default one of its own, where the documentation is read and not tried
   */
  readonly distribution?: Distribution;
  /** Bucket for the pages, below `docs/`. @default one of its own */
  readonly bucket?: IBucket;
  /** @default logs a year */
  readonly lifecycle?: Lifecycle;
}

/** The bucket has the path of a page as its key. */
const PREFIX = 'docs';
/** Deployments of other sizes have other roles; no other construct here has this one. */
const MEMORY_MIB = 384;

export class DocsSite extends Construct {
  readonly distribution: Distribution;
  /** Pages of every version that was ever deployed. */
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, props: DocsSiteProps) {
    super(scope, id);
    const { folder, headers, lifecycle = KEEP } = props;
    if (!existsSync(join(folder, 'versions.js'))) {
      throw new SiteError(`${folder} has no documentation; build it first: npm run docs -- build`);
    }
    const { files, headersPolicy, cacheControl } = docsEdge(readFileSync(headers, 'utf8'), headers);
    const { stackName, region } = Stack.of(this);
    const named = (what: string): string => `${stackName}-${region}-docs-${what}`;
    const run = (eventType: FunctionEventType, file: EdgeFile, does: string): FunctionAssociation => ({
      eventType,
      function: new EdgeFunction(this, does.replaceAll(' ', ''), {
        functionName: named(file.replace('.js', '')),
        code: FunctionCode.fromInline(files[file]),
        runtime: FunctionRuntime.JS_2_0,
        comment: `Sallyport documentation: ${does}`,
      }),
    });
    this.bucket = props.bucket ?? (filesBucket(this) as IBucket);
    const behavior: BehaviorOptions = {
      origin: filesOrigin(this, this.bucket, { originId: 'docs', name: named('files') }),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy: new ResponseHeadersPolicy(this, 'Headers', {
        responseHeadersPolicyName: named('headers'),
        ...headersPolicy,
      }),
      functionAssociations: [
        run(FunctionEventType.VIEWER_REQUEST, 'docs-request.js', 'Folders'),
        run(FunctionEventType.VIEWER_RESPONSE, 'site-response.js', 'Header Rules'),
      ],
    };
    this.distribution = props.distribution ?? this.ownDistribution(behavior);
    if (props.distribution !== undefined) {
      // without its slash too, which the function adds
      for (const path of ['/docs', '/docs/*'])
        props.distribution.addBehavior(path, behavior.origin, behavior);
    }
    const assets = [new Asset(this, 'Pages', { path: folder })];
    uploads(this, { assets, bucket: this.bucket, memoryLimit: MEMORY_MIB, mayDelete: false, lifecycle })(
      'Upload',
      {
        destinationKeyPrefix: PREFIX,
        // older versions stay, whatever the folder has
        prune: false,
        cacheControl: [CacheControl.fromString(cacheControl)],
      },
    );
  }

  private ownDistribution(behavior: BehaviorOptions): Distribution {
    const distribution = new Distribution(this, 'Distribution', {
      comment: `${Stack.of(this).stackName} documentation`,
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultRootObject: 'docs/index.html',
      defaultBehavior: behavior,
    });
    Annotations.of(distribution).acknowledgeWarning(
      '@aws-cdk/aws-cloudfront-origins:listBucketSecurityRisk',
      'the default root object is set',
    );
    acknowledge(distribution, {
      CFR1: 'documentation of an API is for everybody who may know of it; give a distribution to narrow that',
      CFR2: 'a web ACL is priced by the month; give a distribution that has one',
      CFR3: 'the log would keep addresses of readers, and says nothing of the API',
      CFR4: 'CloudFront fixes the policy of its own domain; give a distribution that has another',
    });
    return distribution;
  }
}
