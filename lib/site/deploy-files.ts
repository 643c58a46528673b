/**
 * Copies the built web app into its bucket: files with a hash in their name first, then the pages that name them. Old
 * hashed files stay, so that a page which is open during a deployment still finds its own.
 */
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CacheControl } from 'aws-cdk-lib/aws-s3-deployment';
import type { Construct } from 'constructs';

import type { Lifecycle } from '../_kit/lifecycle';
import { uploads } from '../_kit/uploads';
import { ASSETS, CACHE_CONTROL } from './edge-files';

/** Pages that CloudFront may have kept, though not for long. */
const INVALIDATED = ['/index.html', '/config.json'];

export function deployFiles(
  site: Construct,
  {
    folder,
    config,
    bucket,
    distribution,
    lifecycle,
  }: {
    readonly folder: string;
    /** Folder with `config.json`. */
    readonly config: string;
    readonly bucket: IBucket;
    readonly distribution: Distribution;
    readonly lifecycle: Lifecycle;
  },
): void {
  const files = new Asset(site, 'WebFiles', { path: folder });
  const assets = [files, new Asset(site, 'Config', { path: config })];
  const upload = uploads(site, {
    assets,
    bucket,
    memoryLimit: 256,
    mayDelete: true,
    distribution,
    lifecycle,
  });
  const hashed = upload('Assets', {
    assets: [files],
    exclude: ['*'],
    include: [`${ASSETS}*`],
    prune: false,
    cacheControl: [CacheControl.fromString(CACHE_CONTROL.assets)],
  });
  const pages = upload('Pages', {
    exclude: [`${ASSETS}*`],
    prune: true,
    cacheControl: [CacheControl.fromString(CACHE_CONTROL.pages)],
    distribution,
    distributionPaths: INVALIDATED,
  });
  pages.node.addDependency(hashed);
}
