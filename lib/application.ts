/** The whole system of one environment: every capability, in dependency order. */
import { join } from 'node:path';

import { CfnOutput, Duration, Stack, Stage, Tags } from 'aws-cdk-lib';
import type { IRestApi } from 'aws-cdk-lib/aws-apigateway';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

import type { Lifecycle } from './_kit/lifecycle';
import {
  Api,
  omitOperations,
  operationsOf,
  partitionDocument,
  type Loss,
  type OpenApiDocument,
  type Operation,
} from './api';
import type { Settings } from './config';
import { CookieAuth, SessionKeyRing, SessionsTable } from './cookie-auth';
import { composeDataPipeline, REVIEW_OPERATIONS } from './data-pipeline';
import { FrontDoor, scopesOf, type CognitoAccessTokens } from './front-door';
import { Identity } from './identity';
import { composePartnerApi } from './partner-api';
import { DocsSite } from './publishing';
import { Site, type SiteDomain } from './site';
import { StepUp, StepUpTables } from './step-up';
import { Widgets, WidgetsTable } from './widgets';

export interface SallyportProps {
  readonly settings: Settings;
  /** The document that says who may call what. */
  readonly document: OpenApiDocument;
  /** Folder of the web app: its build in `dist`, its header rules in `_headers`. Needed where there is a site. */
  readonly web: string;
  /** Folder with the documentation, as `npm run docs -- build` writes it. Needed where there is a site. */
  readonly docs: string;
}

/** Name of the security scheme in the document that access tokens of the pool satisfy. */
const ACCESS_TOKEN_SCHEME = 'cognito';
/** Name of the security scheme that a browser's session satisfies. */
const SESSION_SCHEME = 'session';

/** What was composed and is of use to whoever composed it. */
export interface Composition {
  /** What of the document API Gateway does not keep. */
  readonly losses: readonly Loss[];
  /** Where the API of the site answers, once it is deployed. */
  readonly address: Address;
  /** Operations of the document that do not answer there, by `operationId`. */
  readonly leftOut: readonly string[];
}

export interface Address {
  /** An https:// URL. */
  readonly output: CfnOutput;
  /** Path of the API below it. */
  readonly path: string;
  /** Path of the documentation below it; `null` where there is none. */
  readonly docs: string | null;
}

/**
 * Composes the system onto a stage: the app itself, where `cdk deploy --all` finds the stacks, or a stage of a pipeline.
 * Stack names and logical ids are the same either way. What holds state (pool, tables) is in stacks apart from what can
 * be deployed anew at any time.
 */
export function composeSallyport(
  stage: Stage,
  { settings, document: whole, web, docs }: SallyportProps,
): Composition {
  const { site: everything, partner } = partitionDocument(whole);
  const document = settings.dataScan === null ? omitOperations(everything, REVIEW_OPERATIONS) : everything;
  const stackOf = (name: string, holds: string): Stack => {
    const stack = new Stack(stage, name, {
      stackName: `sallyport-${settings.environment}-${name}`,
      description: `Sallyport ${settings.environment}: ${holds}`,
      env: { region: settings.region, ...(settings.account === null ? {} : { account: settings.account }) },
      terminationProtection: settings.data === 'retain',
    });
    Tags.of(stack).add('sallyport:environment', settings.environment);
    return stack;
  };
  // the settings allow only days that CloudWatch Logs has
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the enum is nothing but these numbers
  const lifecycle: Lifecycle = { logs: settings.logRetentionDays, data: settings.data };

  const identityStack = stackOf('identity', 'user pool, client and login pages');
  const identity = new Identity(identityStack, 'Identity', {
    callbackUrls: [`${settings.siteUrl}/api/auth/callback`],
    logoutUrls: [`${settings.siteUrl}/`],
    scopes: scopesOf(document, ACCESS_TOKEN_SCHEME),
    selfSignUp: settings.selfSignUp,
    loginPages: settings.loginPages,
    ...(settings.loginDomainPrefix === null ? {} : { loginDomainPrefix: settings.loginDomainPrefix }),
    lifecycle,
  });
  outputs(identityStack, {
    UserPoolId: identity.userPool.userPoolId,
    UserPoolClientId: identity.client.userPoolClientId,
    ClientSecretArn: identity.clientSecret.secretArn,
    LoginUrl: identity.loginUrl,
    Issuer: identity.issuer,
    SelfSignUp: String(settings.selfSignUp),
  });

  const dataStack = stackOf('data', 'tables and keys');
  const sessionsTable = new SessionsTable(dataStack, 'Sessions', { lifecycle });
  const keyRing = new SessionKeyRing(dataStack, 'SessionKeys', { lifecycle });
  const table = new WidgetsTable(dataStack, 'Widgets', { lifecycle });
  const stepUpTables = new StepUpTables(dataStack, 'StepUp', { lifecycle });
  outputs(dataStack, {
    WidgetsTableName: table.tableName,
    SessionsTableName: sessionsTable.tableName,
    SessionKeyRingArn: keyRing.secretArn,
    StepUpSettingTableName: stepUpTables.settings.tableName,
    StepUpSessionTableName: stepUpTables.sessions.tableName,
    StepUpFactorTableName: stepUpTables.factors.tableName,
  });

  const apiStack = stackOf('api', 'REST API, front door and back end');
  const { dataScan, siteUrl } = settings;
  const dataPipeline =
    dataScan === null
      ? null
      : composeDataPipeline({
          dataStack,
          apiStack,
          stack: stackOf('scan', 'data scan: state machine and its tasks'),
          settings: dataScan,
          siteUrl,
          lifecycle,
        });
  const widgets = new Widgets(apiStack, 'Widgets', { table: table as ITable, lifecycle });
  const cookieAuth = new CookieAuth(apiStack, 'CookieAuth', {
    provider: {
      userPool: identity.userPool,
      client: identity.client,
      clientSecret: identity.clientSecret as ISecret,
    },
    scopes: scopesOf(document, SESSION_SCHEME),
    siteUrl: settings.siteUrl,
    table: sessionsTable as ITable,
    keyRing: keyRing as ISecret,
    sessionLifetime: Duration.minutes(settings.session.lifetimeMinutes),
    idleTime: Duration.minutes(settings.session.idleMinutes),
    lifecycle,
  });
  const accessTokens: CognitoAccessTokens = {
    scheme: ACCESS_TOKEN_SCHEME,
    userPool: identity.userPool,
    clients: [identity.client],
  };
  const { itemTtlMinutes, emailFrom, sms, passkeys } = settings.stepUp;
  const stepUp = new StepUp(apiStack, 'StepUp', {
    document,
    tables: stepUpTables,
    userPool: identity.userPool,
    itemTtl: Duration.minutes(itemTtlMinutes),
    ...(emailFrom === null ? {} : { emailFrom }),
    sms,
    ...(passkeys ? { passkeyOrigin: settings.siteUrl } : {}),
    lifecycle,
  });
  const { reservedConcurrency, provisionedConcurrency, resultCacheSeconds } = settings.frontDoor;
  const frontDoor = new FrontDoor(apiStack, 'FrontDoor', {
    document,
    accessTokens,
    sessions: { scheme: SESSION_SCHEME, cookieAuth },
    stepUp,
    resultCacheSeconds,
    ...(reservedConcurrency === null ? {} : { reservedConcurrency }),
    ...(provisionedConcurrency === null ? {} : { provisionedConcurrency }),
    lifecycle,
  });
  const api = new Api(apiStack, 'Api', {
    document,
    handlers: {
      ...widgets.handlers,
      ...cookieAuth.handlers,
      ...stepUp.handlers,
      ...dataPipeline?.handlers,
    },
    authorizer: frontDoor,
    responseValidation: settings.responseValidation,
    throttling: settings.throttling,
    manageLogRole: settings.apiGatewayLogRole === 'managed',
    lifecycle,
  });
  const { ApiUrl } = outputs(apiStack, {
    ApiUrl: api.restApi.url,
    ApiId: api.restApi.restApiId,
    ApiStage: api.restApi.deploymentStage.stageName,
    AuthorizerLogGroup: frontDoor.logs.logGroupName,
  });

  let address: Address = { output: ApiUrl, path: '', docs: null };
  if (settings.site !== null) {
    const { certificateArn, webAclArn, countries } = settings.site;
    const siteStack = stackOf('site', 'web app and API under one origin');
    const domain: SiteDomain | null =
      certificateArn === null ? null : { name: new URL(settings.siteUrl).hostname, certificateArn };
    const headers = join(web, '_headers');
    const site = new Site(siteStack, 'Site', {
      web: { folder: join(web, 'dist'), headers },
      api: { restApi: api.restApi as IRestApi, stage: api.restApi.deploymentStage.stageName },
      document,
      config: { selfSignUp: settings.selfSignUp },
      domain,
      ...(webAclArn === null ? {} : { webAclArn }),
      ...(countries === null ? {} : { countries }),
      lifecycle,
    });
    new DocsSite(siteStack, 'Docs', { folder: docs, headers, distribution: site.distribution, lifecycle });
    const { SiteUrl } = outputs(siteStack, {
      SiteUrl: site.url,
      SiteDomain: site.distribution.distributionDomainName,
      DocsUrl: `${site.url}/docs/`,
    });
    address = { output: SiteUrl, path: 'api', docs: 'docs' };
  }

  const losses = [...api.losses];
  const leftOut = operationsOf(document)
    .map(({ id }) => id)
    .filter((id) => cookieAuth.handlers[id] === null);
  if (dataPipeline === null) {
    const left = operationsOf(everything).filter(({ id }) => REVIEW_OPERATIONS.includes(id));
    leftOut.push(...left.map(({ id }) => id));
    losses.push(...left.map((operation) => notDeployed(operation, 'dataScan')));
  } else {
    outputs(dataStack, dataPipeline.dataOutputs);
  }
  if (settings.mtls === null) {
    leftOut.push(...operationsOf(partner).map(({ id }) => id));
    losses.push(...operationsOf(partner).map((operation) => notDeployed(operation, 'mtls')));
  } else {
    const stack = stackOf('partner', 'API behind mutual TLS, its front door and revocation lists');
    // what API Gateway logs with is set there
    stack.addStackDependency(apiStack);
    const partnerApi = composePartnerApi({
      dataStack,
      stack,
      settings: settings.mtls,
      responseValidation: settings.responseValidation,
      throttling: settings.throttling,
      document: partner,
      accessTokens,
      lifecycle,
    });
    losses.push(...partnerApi.losses);
    outputs(dataStack, partnerApi.dataOutputs);
    outputs(stack, partnerApi.outputs);
  }
  return { losses, address, leftOut };
}

function notDeployed({ method, path }: Operation, setting: 'mtls' | 'dataScan'): Loss {
  return {
    place: `${method} ${path}`,
    what: 'not deployed',
    madeUpBy: `nobody: ${setting} is null in the settings`,
  };
}

/** The system of one environment as a stage, for a pipeline that deploys several. */
export class Sallyport extends Stage implements Composition {
  readonly losses: readonly Loss[];
  readonly address: Address;
  readonly leftOut: readonly string[];

  constructor(scope: Construct, props: SallyportProps) {
    super(scope, props.settings.environment);
    ({ losses: this.losses, address: this.address, leftOut: this.leftOut } = composeSallyport(this, props));
  }
}

function outputs<Name extends string>(
  stack: Stack,
  values: Readonly<Record<Name, string>>,
): Record<Name, CfnOutput> {
  const made = Object.entries<string>(values).map(([name, value]) => [
    name,
    new CfnOutput(stack, name, { value }),
  ]);
  return Object.fromEntries(made) as Record<Name, CfnOutput>;
}
