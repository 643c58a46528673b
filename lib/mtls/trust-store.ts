/** The certificates of the CAs that client certificates may come from. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Annotations, CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';

import { TRUST_STORE_KEY } from '../../lambdas/mtls/contract';
import { HouseBucket } from '../_kit/bucket';
import { HouseFunction } from '../_kit/function';
import { KEEP, type Lifecycle } from '../_kit/lifecycle';
import type { TrustedAuthorities } from '../api';

export interface TrustStoreProps {
  /** Path of the PEM file with the certificates of all CAs of every chain. */
  readonly file: string;
  /** @default logs a year, data kept */
  readonly lifecycle?: Lifecycle;
}

/** What cannot be a trust store; the message names the file, the certificate and what to do. */
export class TrustStoreError extends Error {
  override readonly name = 'TrustStoreError';
}

/** Quotas of API Gateway for one trust store. */
const MAX_CERTIFICATES = 1000;
const MAX_BYTES = 1_048_576;
/** The function takes seconds; CloudFormation would wait an hour for one that is lost. */
const PLACING = Duration.minutes(2);

/**
 * A bucket of its own, of which nothing but this deployment may write the bundle: whoever writes it decides who is
 * trusted. A changed file is a new version of the object, and the domain is told which one to use.
 *
 * API Gateway reads the bundle in the name of who deploys the domain, so no grant is needed here.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html
 */
export class TrustStore extends Construct implements TrustedAuthorities {
  readonly bucket: IBucket;
  readonly key: string = TRUST_STORE_KEY;
  readonly version: string;

  constructor(scope: Construct, id: string, props: TrustStoreProps) {
    super(scope, id);
    for (const warning of checkTrustStore(props.file))
      Annotations.of(this).addWarningV2(`sallyport:trust-store:${warning.id}`, warning.text);
    const lifecycle = props.lifecycle ?? KEEP;
    const bucket = new HouseBucket(this, 'Bucket', {
      noAccessLog: 'only a deployment writes it, and CloudTrail has who read or wrote which version',
      lifecycle,
    });
    const bundle = new Asset(this, 'Bundle', { path: props.file });
    const placing = new HouseFunction(this, 'Place', {
      entry: join(__dirname, '../../lambdas/mtls/place-trust-store.handler.ts'),
      description: 'Trust store: puts the deployed bundle in its place',
      lifecycle,
    });
    // a copy takes the tags along, if there are any
    for (const [actions, object] of [
      [['s3:GetObject', 's3:GetObjectTagging'], bundle.bucket.arnForObjects(bundle.s3ObjectKey)],
      [['s3:PutObject', 's3:PutObjectTagging'], bucket.arnForObjects(this.key)],
    ] as const)
      placing.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [object] }));
    const placed = new CustomResource(this, 'Placed', {
      serviceToken: placing.functionArn,
      resourceType: 'Custom::TrustStore',
      serviceTimeout: PLACING,
      properties: {
        SourceBucket: bundle.s3BucketName,
        SourceKey: bundle.s3ObjectKey,
        Bucket: bucket.bucketName,
        Key: this.key,
      },
    });
    placed.node.addDependency(placing);
    this.bucket = bucket as IBucket;
    this.version = placed.getAttString('VersionId');
  }
}

/**
 * Checks a bundle before API Gateway would, which only warns.
 *
 * @returns warnings: certificates that are out of date, and names that two keys share
 * @throws TrustStoreError for a file that cannot be read, holds no certificate, something else, a certificate that is not
 *   a CA's, or more than API Gateway takes
 */
export function checkTrustStore(file: string, now = Date.now()): { id: string; text: string }[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TrustStoreError(`cannot read ${file}: ${(cause as Error).message}; set mtls.trustStore`);
  }
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new TrustStoreError(`${file} is larger than ${MAX_BYTES} bytes, the most API Gateway takes`);
  if (/-----BEGIN (?!CERTIFICATE-----)/.test(text))
    throw new TrustStoreError(`${file} holds more than certificates; a private key must never be in it`);
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || blocks.length !== text.split('-----BEGIN CERTIFICATE-----').length - 1)
    throw new TrustStoreError(`${file} holds no whole PEM certificate; give those of the CAs`);
  if (blocks.length > MAX_CERTIFICATES) {
    throw new TrustStoreError(
      `${file} holds ${blocks.length} certificates, API Gateway takes ${MAX_CERTIFICATES}`,
    );
  }
  const certificates = blocks.map((block, i) => authorityOf(block, `${file}, certificate ${i + 1}`));
  return warningsOf(certificates, now);
}

function authorityOf(pem: string, place: string): X509Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    throw new TrustStoreError(`${place}: cannot be read; export it from the CA again`);
  }
  if (!certificate.ca)
    throw new TrustStoreError(
      `${place} (${nameOf(certificate)}) is not a CA's; whoever holds its key could sign in as anybody it names`,
    );
  return certificate;
}

function warningsOf(certificates: readonly X509Certificate[], now: number): { id: string; text: string }[] {
  return certificates.flatMap((certificate, i) => {
    const name = nameOf(certificate);
    const late = now > Date.parse(certificate.validTo) || now < Date.parse(certificate.validFrom);
    const twin = certificates.findIndex(
      (other) => other.subject === certificate.subject && !other.publicKey.equals(certificate.publicKey),
    );
    return [
      ...(late
        ? [{ id: `out-of-date-${i + 1}`, text: `trust store: ${name} is out of date; remove or renew it` }]
        : []),
      ...(twin > i
        ? [
            {
              id: `shared-name-${i + 1}`,
              text: `trust store: two keys share the name ${name}; each needs lists of its own, and certificates that name their key (authority key identifier)`,
            },
          ]
        : []),
    ];
  });
}

function nameOf({ subject }: X509Certificate): string {
  return subject.replaceAll('\n', ', ');
}
