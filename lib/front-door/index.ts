/** The authorizer that runs the policy of the called operation. */
import { join } from 'node:path';

import { Duration } from 'aws-cdk-lib';
import type { IUserPool, IUserPoolClient } from 'aws-cdk-lib/aws-cognito';
import { Alias, type IFunction, type IVersion } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

import { frontDoorEnv, operationKey, POLICY_FILE, type Policy } from '../../lambdas/front-door/contract';
import { HouseFunction } from '../_kit/function';
import type { Lifecycle } from '../_kit/lifecycle';
import { DocumentError, type ApiAuthorizer, type OpenApiDocument, type Operation } from '../api';
import { SESSION_CHECK_LATE, type CookieAuth } from '../cookie-auth';
import { FrontDoorAlarms } from './alarms';
import { compilePolicy } from './policy';

export { FrontDoorAlarms } from './alarms';
export { scopesOf } from './policy';

/** Access tokens of one Cognito user pool. */
export interface CognitoAccessTokens {
  /** Name of the document's `http` `bearer` (or `openIdConnect`) scheme that these tokens satisfy. */
  readonly scheme: string;
  readonly userPool: IUserPool;
  /** App clients whose tokens are accepted; tokens of every other client of the pool are refused. */
  readonly clients: readonly [IUserPoolClient, ...IUserPoolClient[]];
}

/** Sessions of browsers that signed in through cookie-auth. */
export interface Sessions {
  /** Name of the document's `apiKey` scheme in `cookie` that a session satisfies. */
  readonly scheme: string;
  readonly cookieAuth: CookieAuth;
}

export interface FrontDoorProps {
  /** The document whose security is enforced; the same that the API is made from. */
  readonly document: OpenApiDocument;
  readonly accessTokens: CognitoAccessTokens;
  /** @default no cookie opens anything */
  readonly sessions?: Sessions;
  /**
   * Concurrent executions kept for the front door; also its ceiling, beyond which requests are refused with 403.
   * @default the account's shared pool
   */
  readonly reservedConcurrency?: number;
  /** Instances kept warm, billed by the hour. @default none */
  readonly provisionedConcurrency?: number;
  /**
   * Seconds for which API Gateway may reuse a verdict. Read the dangers in docs/front-door.md before raising it.
   * @default 0, every request is decided
   */
  readonly resultCacheSeconds?: number;
  /** @default logs a year, data kept */
  readonly lifecycle?: Lifecycle;
}

/**
 * Decides every request to an operation that is not public: each alternative of the operation's `security` in turn, all
 * schemes of one together, with the reason of every check in the log.
 */
export class FrontDoor extends Construct implements ApiAuthorizer {
  /** What API Gateway invokes. */
  readonly handler: IFunction;
  readonly resultCacheSeconds: number;
  /** Where the decisions are logged. */
  readonly logs: LogGroup;
  readonly alarms: FrontDoorAlarms;
  private readonly policy: Policy;

  constructor(scope: Construct, id: string, props: FrontDoorProps) {
    super(scope, id);
    const { scheme, userPool, clients } = props.accessTokens;
    this.policy = compilePolicy(props.document, {
      [scheme]: 'cognito-access-token',
      ...(props.sessions === undefined ? {} : { [props.sessions.scheme]: 'cookie-session' }),
    });
    this.resultCacheSeconds = props.resultCacheSeconds ?? 0;
    if (this.resultCacheSeconds > 0) refuseCachedSessions(this.policy);
    const authorizer = new HouseFunction(this, 'Authorizer', {
      entry: join(__dirname, '../../lambdas/front-door/authorize.handler.ts'),
      description: 'Front door: runs the policy of the called operation',
      environment: frontDoorEnv.provide({
        USER_POOL_ID: userPool.userPoolId,
        USER_POOL_CLIENT_IDS: clients.map((client) => client.userPoolClientId).join(' '),
      }),
      files: { [POLICY_FILE]: JSON.stringify(this.policy) },
      late: SESSION_CHECK_LATE,
      // below API Gateway's own limit, so that a hanging check is our 403 and counted as such
      timeout: Duration.seconds(8),
      ...(props.reservedConcurrency === undefined ? {} : { reservedConcurrency: props.reservedConcurrency }),
      ...(props.lifecycle === undefined ? {} : { lifecycle: props.lifecycle }),
    });
    props.sessions?.cookieAuth.grantCheck(authorizer);
    this.logs = authorizer.logs;
    this.alarms = new FrontDoorAlarms(this, 'Alarms', authorizer);
    this.handler =
      props.provisionedConcurrency === undefined
        ? authorizer
        : warm(authorizer, props.provisionedConcurrency);
  }

  enforces(operation: Operation): boolean {
    return Object.hasOwn(this.policy.operations, operationKey(operation.method, operation.path));
  }
}

/**
 * A verdict about a cookie cannot be reused. API Gateway refuses a request that lacks any of the identity sources, so
 * with both Authorization and Cookie as sources nobody would be let in; with Authorization alone, no cookie would.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html
 */
function refuseCachedSessions({ schemes }: Policy): void {
  const scheme = Object.entries(schemes).find(([, kind]) => kind === 'cookie-session')?.[0];
  if (scheme === undefined) return;
  throw new DocumentError(
    `security scheme ${scheme} is a cookie, and verdicts are to be cached: API Gateway would refuse every request that has not both a cookie and a token; set frontDoor.resultCacheSeconds to 0, or remove the scheme`,
  );
}

/** The casts are for exactOptionalPropertyTypes, which the construct library is not compiled under. */
function warm(authorizer: HouseFunction, instances: number): IFunction {
  return new Alias(authorizer, 'Warm', {
    aliasName: 'warm',
    version: authorizer.currentVersion as IVersion,
    provisionedConcurrentExecutions: instances,
  }) as IFunction;
}
