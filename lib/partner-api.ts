/** Composes the API of callers with client certificates: what they may call, who they are, and who is revoked. */
import { Duration, type Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { HostedZone, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';

import type { Lifecycle } from './_kit/lifecycle';
import { Api, operationsOf, type Loss, type OpenApiDocument } from './api';
import { ConfigError, type Settings } from './config';
import { FrontDoor, type CognitoAccessTokens } from './front-door';
import {
  RevocationCheck,
  RevocationLists,
  RevocationListsBucket,
  TrustStore,
  type Canary,
  type OcspFallback,
} from './mtls';
import { PartnerOrders, PartnerOrdersTable } from './partner-orders';

/** Name of the security scheme in the document that a client certificate satisfies. */
const CERTIFICATE_SCHEME = 'clientCertificate';

export interface PartnerApiProps {
  /** Stack for what holds state: lists, trust store, orders. */
  readonly dataStack: Stack;
  /** Stack for everything else. */
  readonly stack: Stack;
  readonly settings: NonNullable<Settings['mtls']>;
  readonly responseValidation: Settings['responseValidation'];
  readonly throttling: Settings['throttling'];
  /** The `partner` part of the document. */
  readonly document: OpenApiDocument;
  /** For operations that ask for a certificate and a token together. */
  readonly accessTokens: CognitoAccessTokens;
  readonly lifecycle: Lifecycle;
}

interface PartnerApi {
  readonly losses: readonly Loss[];
  /** Values of outputs, by name. */
  readonly dataOutputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * An authorizer of its own decides here: it reads lists and can write nothing, where the site's refreshes sessions, and
 * neither can use up the other's executions.
 */
export function composePartnerApi(props: PartnerApiProps): PartnerApi {
  const { dataStack, stack, settings, document, lifecycle } = props;
  const {
    freshness,
    loadBalancerTrustStoreArn: loadBalancerTrustStore,
    keyValueStoreArn: keyValueStore,
  } = settings;
  const maximumAge =
    settings.maximumAgeHours === null ? {} : { maximumAge: Duration.hours(settings.maximumAgeHours) };

  const trustStore = new TrustStore(dataStack, 'TrustStore', { file: settings.trustStore, lifecycle });
  const bucket = new RevocationListsBucket(dataStack, 'RevocationLists', {
    privateAuthorities: settings.privateAuthorities,
    lifecycle,
  }) as IBucket;
  const orders = new PartnerOrdersTable(dataStack, 'PartnerOrders', { lifecycle });

  const lists = new RevocationLists(stack, 'Lists', {
    bucket,
    trustStore,
    freshness,
    ...maximumAge,
    warnBefore: Duration.hours(settings.warnBeforeHours),
    fetch: settings.fetch.map(({ name, url, everyMinutes, allowPrivateAddresses = false }) => ({
      name,
      url,
      every: Duration.minutes(everyMinutes),
      allowPrivateAddresses,
    })),
    ...canaryOf(stack, settings, document),
    ...(loadBalancerTrustStore === null ? {} : { loadBalancerTrustStore }),
    ...(keyValueStore === null ? {} : { keyValueStore }),
    lifecycle,
  });
  const check = new RevocationCheck({
    lists: lists.bucket,
    freshness,
    ...maximumAge,
    revalidate: Duration.seconds(settings.revalidateSeconds),
    maximumStale: Duration.minutes(settings.maximumStaleMinutes),
    indexMemoryMiB: settings.indexMemoryMiB,
    ...ocspOf(settings.ocsp, trustStore),
  });
  const { reservedConcurrency, provisionedConcurrency, warmSchedule } = settings;
  const frontDoor = new FrontDoor(stack, 'FrontDoor', {
    document,
    certificates: { scheme: CERTIFICATE_SCHEME, check },
    ...(asksFor(document, props.accessTokens.scheme) ? { accessTokens: props.accessTokens } : {}),
    ...(reservedConcurrency === null ? {} : { reservedConcurrency }),
    ...(provisionedConcurrency === null ? {} : { provisionedConcurrency }),
    warmSchedule,
    lifecycle,
  });
  const api = new Api(stack, 'PartnerApi', {
    document,
    handlers: new PartnerOrders(stack, 'PartnerOrders', { table: orders as ITable, lifecycle }).handlers,
    authorizer: frontDoor,
    mutualTls: {
      name: settings.domain,
      certificateArn: settings.certificateArn,
      authorities: trustStore,
      ...hostedZoneOf(stack, settings.hostedZone),
    },
    responseValidation: props.responseValidation,
    throttling: props.throttling,
    // one setting per account and region, which the stack of the site sets or leaves
    manageLogRole: false,
    lifecycle,
  });
  return {
    losses: api.losses,
    dataOutputs: {
      TrustStoreBucketName: trustStore.bucket.bucketName,
      RevocationListsBucketName: bucket.bucketName,
    },
    outputs: {
      PartnerDomain: settings.domain,
      PartnerApiId: api.restApi.restApiId,
      PartnerAuthorizerLogGroup: frontDoor.logs.logGroupName,
    },
  };
}

/**
 * The revoked certificate is tried at the first operation that is read without parameters in its path and that a
 * certificate alone opens: where a token is asked for as well, its absence would be refused, whatever the certificate.
 */
function canaryOf(
  stack: Stack,
  { canary, domain }: NonNullable<Settings['mtls']>,
  document: OpenApiDocument,
): { canary?: Canary } {
  if (canary === null) return {};
  const tried = operationsOf(document).find(
    ({ method, path, security }) =>
      method === 'GET' &&
      !path.includes('{') &&
      (security ?? []).some((alternative) => Object.keys(alternative).join() === CERTIFICATE_SCHEME),
  );
  if (tried === undefined)
    throw new ConfigError(
      'mtls.canary cannot be tried: openapi.yaml has no GET operation without path parameters that a certificate alone opens; add one, or set mtls.canary to null',
    );
  const secret = Secret.fromSecretCompleteArn(stack, 'CanarySecret', canary.secretArn);
  const every = Duration.minutes(canary.everyMinutes);
  return { canary: { secret, url: `https://${domain}${tried.path}`, every } };
}

function ocspOf(
  settings: NonNullable<Settings['mtls']>['ocsp'],
  trustStore: TrustStore,
): { ocsp?: OcspFallback } {
  const [first, ...others] = settings?.responders ?? [];
  if (settings === null || first === undefined) return {};
  const maximumAge = Duration.minutes(settings.maximumAgeMinutes);
  return { ocsp: { responders: [first, ...others], trustStore, maximumAge } };
}

function asksFor(document: OpenApiDocument, scheme: string): boolean {
  return operationsOf(document).some(({ security }) =>
    (security ?? []).some((alternative) => Object.hasOwn(alternative, scheme)),
  );
}

function hostedZoneOf(
  stack: Stack,
  zone: NonNullable<Settings['mtls']>['hostedZone'],
): { hostedZone?: IHostedZone } {
  if (zone === null) return {};
  const attributes = { hostedZoneId: zone.id, zoneName: zone.name };
  return { hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'Zone', attributes) };
}
