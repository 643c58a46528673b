/** Sign-in for browsers: login, callback, logout and session over HttpOnly cookies, with any OpenID Connect provider. */
import { join } from 'node:path';

import { Duration } from 'aws-cdk-lib';
import { AuthorizationType, LambdaIntegration, type IAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpMethod,
  HttpNoneAuthorizer,
  HttpRoute,
  HttpRouteKey,
  type IHttpRouteAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IUserPool, IUserPoolClient } from 'aws-cdk-lib/aws-cognito';
import { AttributeType, ProjectionType, type ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

import {
  cookieAuthEnv,
  EXPIRY_ATTRIBUTE,
  PROVIDER_SESSION_INDEX,
  SESSION_COOKIE,
  SUBJECT_INDEX,
} from '../../lambdas/cookie-auth/contract';
import { acknowledge } from '../_kit/acknowledge';
import type { ExistingHttpApi, ExistingRestApi } from '../_kit/existing';
import { HouseFunction } from '../_kit/function';
import { KEEP, removalPolicyOf, type Lifecycle } from '../_kit/lifecycle';
import { HouseTable } from '../_kit/table';
import { checkAddresses } from './addresses';

export { SESSION_COOKIE } from '../../lambdas/cookie-auth/contract';
export { CookieAuthError } from './addresses';

/** A Cognito user pool: scopes and groups come from its access tokens, as with a bearer token. */
export interface CognitoProvider {
  readonly userPool: IUserPool;
  /** Confidential client with the code grant and the callback `<siteUrl><basePath>/auth/callback`. */
  readonly client: IUserPoolClient;
  /** Secret whose whole value is the client secret. */
  readonly clientSecret: ISecret;
}

/** Any other OpenID Connect provider; its endpoints come from its discovery document. */
export interface StandardProvider {
  /** As tokens name it, e.g. `https://login.example.com`. */
  readonly issuer: string;
  readonly clientId: string;
  /** Secret whose whole value is the client secret. */
  readonly clientSecret: ISecret;
  /** Claim of the id token that lists groups, or `null` where nobody is in any. */
  readonly groupsClaim: string | null;
  /**
   * Whether it sends logout tokens to `<siteUrl><basePath>/auth/backchannel-logout` (OpenID Connect Back-Channel Logout
   * 1.0); the document must then have the operation.
   */
  readonly backChannelLogout: boolean;
}

export interface CookieAuthProps {
  readonly provider: CognitoProvider | StandardProvider;
  /** Scopes to ask for beside `openid`, e.g. those that `scopesOf` finds in the document. */
  readonly scopes: readonly string[];
  /** Origin of the site, without a path; cookies belong to it. */
  readonly siteUrl: string;
  /** Path in front of the document's paths. @default /api */
  readonly basePath?: string;
  /**
   * Table with the string partition key `id` and expiry in `expiresAt`; for back-channel logout with the indexes of
   * `SessionsTable`. @default one of its own
   */
  readonly table?: ITable;
  /** Key ring; see docs/cookie-auth.md for its form. @default one of its own */
  readonly keyRing?: ISecret;
  /** After this a session ends, whatever happens; not longer than refresh tokens live. @default 12 hours */
  readonly sessionLifetime?: Duration;
  /** After this without a request a session ends. @default 1 hour */
  readonly idleTime?: Duration;
  /** @default logs a year, data kept */
  readonly lifecycle?: Lifecycle;
}

const INDEXES = [SUBJECT_INDEX, PROVIDER_SESSION_INDEX] as const;

/** Table of the sessions, for a stack of its own. */
export class SessionsTable extends HouseTable {
  constructor(scope: Construct, id: string, props: { readonly lifecycle?: Lifecycle } = {}) {
    super(scope, id, { partitionKey: 'id', timeToLiveAttribute: EXPIRY_ATTRIBUTE, ...props });
    // empty where the provider ends no sessions; of a table that exists, an update may add only one index at a time
    for (const { name, key } of INDEXES) {
      this.addGlobalSecondaryIndex({
        indexName: name,
        partitionKey: { name: key, type: AttributeType.STRING },
        projectionType: ProjectionType.KEYS_ONLY,
      });
    }
  }
}

/** Keys that seal the cookies, for a stack of its own; the first one is generated. */
export class SessionKeyRing extends Secret {
  constructor(scope: Construct, id: string, props: { readonly lifecycle?: Lifecycle } = {}) {
    super(scope, id, {
      description: 'Keys that seal session cookies: the current one by name, every other that still opens',
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ current: 'k1' }),
        generateStringKey: 'k1',
        passwordLength: 64,
        excludePunctuation: true,
      },
      removalPolicy: removalPolicyOf(props.lifecycle ?? KEEP),
    });
    acknowledge(this, {
      SMG4: 'a new key is added beside the old ones when the operator decides to, so that nobody is signed out',
    });
  }
}

const LAMBDAS = join(__dirname, '../../lambdas/cookie-auth');

/** What a function with the session check imports when a cookie comes: SDK clients, which no bearer request should load. */
export const SESSION_CHECK_LATE: Readonly<Record<string, string>> = {
  './adapters/open-sessions': join(LAMBDAS, 'adapters/open-sessions.ts'),
};

type Action = 'GetItem' | 'PutItem' | 'UpdateItem' | 'DeleteItem';

/** What a function may do with the table, and whether it speaks to the provider in the client's name. */
interface Needs {
  readonly actions: readonly Action[];
  readonly clientSecret: boolean;
  /** Whether it finds sessions by whose they are. */
  readonly searches?: boolean;
}

/** Finding a session may refresh its tokens, and end it when that fails for good. */
const RESOLVES: Needs = { actions: ['GetItem', 'UpdateItem', 'DeleteItem'], clientSecret: true };

/** An operation as an existing API gets it; its path is below the base path. */
interface Route {
  /** Name of the handler's file, without its ending. */
  readonly file: string;
  readonly method: HttpMethod;
  readonly path: string;
  /** Whether the front door stands before it. */
  readonly secured: boolean;
}

const OPERATIONS: Readonly<Record<string, Needs & Route>> = {
  // of a step-up it reads whose session the browser has
  login: { file: 'login', method: HttpMethod.GET, path: '/auth/login', secured: false, ...RESOLVES },
  callback: {
    file: 'callback',
    method: HttpMethod.GET,
    path: '/auth/callback',
    secured: false,
    actions: ['PutItem'],
    clientSecret: true,
  },
  logout: {
    file: 'logout',
    method: HttpMethod.POST,
    path: '/auth/logout',
    secured: true,
    actions: ['GetItem', 'DeleteItem'],
    clientSecret: true,
  },
  backchannelLogout: {
    file: 'backchannel-logout',
    method: HttpMethod.POST,
    path: '/auth/backchannel-logout',
    secured: false,
    actions: ['PutItem', 'DeleteItem'],
    clientSecret: false,
    searches: true,
  },
  session: { file: 'session', method: HttpMethod.GET, path: '/auth/session', secured: true, ...RESOLVES },
};

/** The operation that only some providers call. */
const LOGOUT_TOKENS = 'backchannelLogout';

export class CookieAuth extends Construct {
  /**
   * Function behind each operation, by `operationId`: login, callback, logout, session and backchannelLogout, which is
   * `null` where the provider sends no logout tokens.
   */
  readonly handlers: Readonly<Record<string, IFunction | null>>;
  /** Name of the session's cookie, as the document's scheme must have it. */
  readonly cookieName: string = SESSION_COOKIE;
  private readonly routes: readonly (Route & { readonly operationId: string; readonly handler: IFunction })[];
  private readonly environment: Readonly<Record<string, string>>;
  private readonly table: ITable;
  private readonly keyRing: ISecret;
  private readonly clientSecret: ISecret;

  constructor(scope: Construct, id: string, props: CookieAuthProps) {
    super(scope, id);
    checkAddresses({ ...props, issuer: 'issuer' in props.provider ? props.provider.issuer : null });
    const owned = props.lifecycle === undefined ? {} : { lifecycle: props.lifecycle };
    this.table = props.table ?? (new SessionsTable(this, 'Sessions', owned) as ITable);
    this.keyRing = props.keyRing ?? (new SessionKeyRing(this, 'KeyRing', owned) as ISecret);
    this.clientSecret = props.provider.clientSecret;
    const lifetime = props.sessionLifetime ?? Duration.hours(12);
    const basePath = props.basePath ?? '/api';
    this.environment = cookieAuthEnv.provide({
      SESSION_TABLE_NAME: this.table.tableName,
      SESSION_KEY_RING_ARN: this.keyRing.secretArn,
      ...providerSettings(props.provider),
      OIDC_CLIENT_SECRET_ARN: this.clientSecret.secretArn,
      OIDC_SCOPES: ['openid', ...props.scopes.filter((name) => name !== 'openid')].join(' '),
      SITE_URL: props.siteUrl,
      ...(basePath === '' ? {} : { API_BASE_PATH: basePath }),
      SESSION_SECONDS: lifetime.toSeconds(),
      SESSION_IDLE_SECONDS: Math.min((props.idleTime ?? Duration.hours(1)).toSeconds(), lifetime.toSeconds()),
    });
    const told = 'backChannelLogout' in props.provider && props.provider.backChannelLogout;
    const served = Object.entries(OPERATIONS).filter(
      ([operationId]) => told || operationId !== LOGOUT_TOKENS,
    );
    this.routes = served.map(([operationId, operation]) => {
      const handler = new HouseFunction(this, operationId, {
        entry: join(LAMBDAS, `${operation.file}.handler.ts`),
        description: `Cookie sign-in: ${operationId}`,
        // below the lease of a refresh (10 s), so that no refresh goes on beside the next one
        timeout: Duration.seconds(9),
        ...owned,
      });
      this.equip(handler, operation);
      return { ...operation, operationId, handler };
    });
    this.handlers = {
      [LOGOUT_TOKENS]: null,
      ...Object.fromEntries(this.routes.map(({ operationId, handler }) => [operationId, handler])),
    };
  }

  /** Lets a function check sessions, as the front door does: what it may read, and where it is. */
  grantCheck(checker: LambdaFunction): void {
    this.equip(checker, RESOLVES);
  }

  /**
   * Adds the operations to an existing REST API; its document must have them too.
   *
   * @param authorizer of the front door: `frontDoor.requestAuthorizer()`
   */
  addRestRoutes(api: ExistingRestApi, authorizer: IAuthorizer): void {
    for (const { handler, method, path, secured } of this.routes) {
      api.root
        .resourceForPath(path)
        .addMethod(
          method,
          new LambdaIntegration(handler, { allowTestInvoke: false }),
          secured ? { authorizer } : { authorizationType: AuthorizationType.NONE },
        );
    }
  }

  /**
   * Adds the operations to an existing HTTP API; its document must have them too.
   *
   * @param authorizer of the front door: `frontDoor.httpAuthorizer()`
   */
  addHttpRoutes(api: ExistingHttpApi, authorizer: IHttpRouteAuthorizer): void {
    for (const { operationId, handler, method, path, secured } of this.routes) {
      new HttpRoute(this, `${operationId}-route`, {
        httpApi: api,
        routeKey: HttpRouteKey.with(path, method),
        integration: new HttpLambdaIntegration(operationId, handler),
        authorizer: secured ? authorizer : new HttpNoneAuthorizer(),
      });
    }
  }

  private equip(target: LambdaFunction, { actions, clientSecret, searches = false }: Needs): void {
    for (const [name, value] of Object.entries(this.environment)) target.addEnvironment(name, value);
    // the table's own grant would take in its indexes, all of them
    const grant = (resourceArns: string[], names: readonly string[]): void => {
      Grant.addToPrincipal({
        grantee: target,
        actions: names.map((name) => `dynamodb:${name}`),
        resourceArns,
      });
    };
    grant([this.table.tableArn], actions);
    if (searches)
      grant(
        INDEXES.map(({ name }) => `${this.table.tableArn}/index/${name}`),
        ['Query'],
      );
    this.keyRing.grantRead(target);
    if (clientSecret) this.clientSecret.grantRead(target);
  }
}

type ProviderSettings = Pick<
  Parameters<typeof cookieAuthEnv.provide>[0],
  'OIDC_PROVIDER' | 'OIDC_ISSUER' | 'OIDC_CLIENT_ID' | 'OIDC_GROUPS_CLAIM' | 'BACK_CHANNEL_LOGOUT'
>;

function providerSettings(provider: CognitoProvider | StandardProvider): ProviderSettings {
  if ('userPool' in provider) {
    const { userPool, client } = provider;
    return {
      OIDC_PROVIDER: 'cognito',
      OIDC_ISSUER: `https://cognito-idp.${userPool.env.region}.amazonaws.com/${userPool.userPoolId}`,
      OIDC_CLIENT_ID: client.userPoolClientId,
    };
  }
  return {
    OIDC_PROVIDER: 'standard',
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: provider.clientId,
    ...(provider.groupsClaim === null ? {} : { OIDC_GROUPS_CLAIM: provider.groupsClaim }),
    ...(provider.backChannelLogout ? { BACK_CHANNEL_LOGOUT: 'on' as const } : {}),
  };
}
