/** The authorizer that runs the policy of the called operation. */
import { join } from 'node:path';

import { Duration } from 'aws-cdk-lib';
import type { IAuthorizer, RequestAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IUserPool, IUserPoolClient } from 'aws-cdk-lib/aws-cognito';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

import {
  frontDoorEnv,
  operationKey,
  POLICY_FILE,
  type ApiKind,
  type CheckKind,
  type Policy,
} from '../../lambdas/front-door/contract';
import type { ExistingHttpApi, ExistingRestApi } from '../_kit/existing';
import { HouseFunction } from '../_kit/function';
import type { Lifecycle } from '../_kit/lifecycle';
import {
  addAuthorizerResponses,
  DocumentError,
  operationsOf,
  type ApiAuthorizer,
  type OpenApiDocument,
  type Operation,
} from '../api';
import { SESSION_CHECK_LATE, type CookieAuth } from '../cookie-auth';
import { REVOCATION_CHECK_LATE, type RevocationCheck } from '../mtls';
import { STEP_UP_CHECK_LATE, STEP_UP_EXTENSION, type StepUp } from '../step-up';
import { FrontDoorAlarms } from './alarms';
import { HttpFrontDoorAuthorizer, restAuthorizer } from './authorizers';
import { differences, type Openness } from './guard';
import { compilePolicy } from './policy';
import { warm, type WarmAt } from './warm';

export type { ApiKind } from '../../lambdas/front-door/contract';
export { FrontDoorAlarms } from './alarms';
export { scopesOf } from './policy';
export type { WarmAt } from './warm';

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

/** Client certificates that lists of their CAs do not revoke. */
export interface Certificates {
  /** Name of the document's `mutualTLS` scheme. */
  readonly scheme: string;
  readonly check: RevocationCheck;
}

export interface FrontDoorProps {
  /** The document whose security is enforced; the same that the API is made from. */
  readonly document: OpenApiDocument;
  /** The kind of API it stands before; requests from the other kind are denied. @default rest */
  readonly api?: ApiKind;
  /** @default no token opens anything */
  readonly accessTokens?: CognitoAccessTokens;
  /** @default no cookie opens anything */
  readonly sessions?: Sessions;
  /** @default no client certificate opens anything */
  readonly certificates?: Certificates;
  /** Enforces `x-step-up` and the setting table of a REST API. @default an operation with `x-step-up` stops the synth */
  readonly stepUp?: StepUp;
  /**
   * Concurrent executions kept for the front door; also its ceiling, beyond which requests are refused with 403.
   * @default the account's shared pool
   */
  readonly reservedConcurrency?: number;
  /** Instances kept warm, billed by the hour. @default none */
  readonly provisionedConcurrency?: number;
  /** Times at which another number is kept warm, e.g. of office hours. @default the same at all times */
  readonly warmSchedule?: readonly WarmAt[];
  /**
   * Seconds for which API Gateway may reuse a verdict. Read the dangers in docs/front-door.md before raising it.
   * @default 0, every request is decided
   */
  readonly resultCacheSeconds?: number;
  /** @default logs a year, data kept */
  readonly lifecycle?: Lifecycle;
}

/** What the authorizer imports when a check needs it; all of them, since a bundle without one would have to resolve it. */
export const AUTHORIZER_LATE: Readonly<Record<string, string>> = {
  ...SESSION_CHECK_LATE,
  ...REVOCATION_CHECK_LATE,
  ...STEP_UP_CHECK_LATE,
};

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
  readonly enforcedExtensions: readonly string[];
  private readonly stepUp: StepUp | undefined;
  private readonly policy: Policy;
  private readonly openness: Openness;
  private rest: RequestAuthorizer | undefined;
  private http: HttpFrontDoorAuthorizer | undefined;
  private guarded: ExistingRestApi | ExistingHttpApi | undefined;

  constructor(scope: Construct, id: string, props: FrontDoorProps) {
    super(scope, id);
    const { accessTokens, sessions, certificates, stepUp } = props;
    this.stepUp = stepUp;
    this.enforcedExtensions = stepUp === undefined ? [] : [STEP_UP_EXTENSION];
    const rules = compilePolicy(
      props.document,
      {
        ...(accessTokens === undefined ? {} : { [accessTokens.scheme]: 'cognito-access-token' }),
        ...(sessions === undefined ? {} : { [sessions.scheme]: 'cookie-session' }),
        ...(certificates === undefined ? {} : { [certificates.scheme]: 'client-certificate' }),
      },
      this.enforcedExtensions,
    );
    this.policy = { api: props.api ?? 'rest', ...rules, ...(stepUp === undefined ? {} : { stepUp: true }) };
    if (stepUp !== undefined) this.mustServe('rest', 'stepUp');
    this.openness = opennessOf(props.document, this.policy);
    this.resultCacheSeconds = props.resultCacheSeconds ?? 0;
    if (this.resultCacheSeconds > 0) refuseCached(this.policy);
    this.node.addValidation({ validate: () => this.unguarded() });
    const authorizer = new HouseFunction(this, 'Authorizer', {
      entry: join(__dirname, '../../lambdas/front-door/authorize.handler.ts'),
      description: 'Front door: runs the policy of the called operation',
      environment: frontDoorEnv.provide(
        accessTokens === undefined
          ? {}
          : {
              USER_POOL_ID: accessTokens.userPool.userPoolId,
              USER_POOL_CLIENT_IDS: accessTokens.clients.map((client) => client.userPoolClientId).join(' '),
            },
      ),
      files: { [POLICY_FILE]: JSON.stringify(this.policy), ...stepUp?.policyFile },
      late: AUTHORIZER_LATE,
      // below API Gateway's own limit, so that a hanging check is our 403 and counted as such
      timeout: Duration.seconds(8),
      ...(props.reservedConcurrency === undefined ? {} : { reservedConcurrency: props.reservedConcurrency }),
      ...(props.lifecycle === undefined ? {} : { lifecycle: props.lifecycle }),
    });
    sessions?.cookieAuth.grantCheck(authorizer);
    certificates?.check.grantCheck(authorizer);
    stepUp?.grantCheck(authorizer);
    this.logs = authorizer.logs;
    this.alarms = new FrontDoorAlarms(this, 'Alarms', authorizer);
    this.handler = warm(authorizer, props);
  }

  enforces(operation: Operation): boolean {
    this.mustServe('rest', 'Api');
    return Object.hasOwn(this.policy.operations, operationKey(operation.method, operation.path));
  }

  checkHandler(operation: Operation, handler: IFunction): void {
    this.stepUp?.checkHandler(operation, handler);
  }

  /**
   * The front door for methods of an existing REST API, as `authorizer` of a method or of `defaultMethodOptions`; call
   * `guard` as well.
   */
  requestAuthorizer(): IAuthorizer {
    this.mustServe('rest', 'requestAuthorizer');
    return (this.rest ??= restAuthorizer(this, this.handler, this.resultCacheSeconds));
  }

  /**
   * The front door for routes of an existing HTTP API, as `authorizer` of a route or `defaultAuthorizer`; call `guard`
   * as well.
   */
  httpAuthorizer(): IHttpRouteAuthorizer {
    this.mustServe('http', 'httpAuthorizer');
    return (this.http ??= new HttpFrontDoorAuthorizer(this.handler));
  }

  /**
   * Holds an existing API to the document: the synth fails for a method that the document does not have, or whose
   * protection is not what the document says. A REST API also gets the answers that a 401 and a 403 need.
   */
  guard(api: ExistingRestApi | ExistingHttpApi): void {
    const isRest = 'restApiId' in api;
    this.mustServe(isRest ? 'rest' : 'http', 'guard');
    if (this.guarded !== undefined)
      throw new DocumentError(
        `front door ${this.node.path} guards an API already; make one front door for each API`,
      );
    this.stepUp?.refuseUnprovenHandlers();
    this.guarded = api;
    if (isRest) addAuthorizerResponses(this, api);
  }

  private unguarded(): string[] {
    if (this.guarded !== undefined)
      return differences(this.guarded, this.openness, this.rest?.authorizerId ?? this.http?.authorizerId);
    const isUsed = this.rest !== undefined || this.http !== undefined;
    return isUsed ? ['an authorizer of this front door is used, but no API is guarded; call guard(api)'] : [];
  }

  private mustServe(api: ApiKind, what: string): void {
    if (this.policy.api !== api)
      throw new DocumentError(
        `${what} is for a front door with api '${api}'; ${this.node.path} has '${this.policy.api}'`,
      );
  }
}

/** Every operation of the document; the policy has those that are not public. */
function opennessOf(document: OpenApiDocument, { operations }: Policy): Openness {
  const keys = operationsOf(document).map(({ method, path }) => operationKey(method, path));
  return new Map(keys.map((key) => [key, Object.hasOwn(operations, key) ? 'secured' : 'public']));
}

/** Why verdicts of a kind cannot be reused, and what API Gateway would do. */
const UNCACHED: Readonly<Partial<Record<CheckKind, string>>> = {
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html: a
  // request that lacks any of the identity sources is refused, so with both nobody would be let in
  'cookie-session':
    'is a cookie, and verdicts are to be cached: API Gateway would refuse every request that has not both a cookie and a token',
  // no identity source names the certificate of the connection
  'client-certificate':
    'is a client certificate, and verdicts are to be cached: API Gateway would give the verdict about one certificate to another, and go on after a revocation',
};

/** @throws DocumentError where a reused verdict would be another's: see `UNCACHED`, and every verdict of an HTTP API */
function refuseCached({ api, schemes, stepUp }: Policy): void {
  if (api === 'http') {
    // a simple response is reused for every route
    throw new DocumentError(
      'verdicts of an HTTP API are to be cached: what opened one route would open another; set resultCacheSeconds to 0',
    );
  }
  for (const [scheme, kind] of Object.entries(schemes)) {
    const reason = UNCACHED[kind];
    if (reason === undefined) continue;
    throw new DocumentError(
      `security scheme ${scheme} ${reason}; set frontDoor.resultCacheSeconds to 0, or remove the scheme`,
    );
  }
  if (stepUp === true) {
    throw new DocumentError(
      'step-up is enforced, and verdicts are to be cached: a cached one would outlive a step-up, a single use and an operator’s DENY; set frontDoor.resultCacheSeconds to 0, or leave step-up out',
    );
  }
}
