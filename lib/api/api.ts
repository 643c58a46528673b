/** A REST API made from an OpenAPI document, with every operation behind the front door unless it says it is public. */
import { Duration, Stack } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  ApiDefinition,
  EndpointType,
  type IRestApi,
  LogGroupLogDestination,
  MethodLoggingLevel,
  SpecRestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

import { acknowledge } from '../_kit/acknowledge';
import { HouseAlarm } from '../_kit/alarm';
import { KEEP, removalPolicyOf, type Lifecycle } from '../_kit/lifecycle';
import { ResponseValidation, type ResponseValidationProps } from '../_kit/responses';
import { DocumentError, type OpenApiDocument, type Operation } from './document';
import { lowerDocument, type Loss } from './lower';
import { MutualTls, type MutualTlsDomain } from './mutual-tls';

/** What decides about requests; FrontDoor is one. */
export interface ApiAuthorizer {
  /** Function that API Gateway asks: a function or an alias. */
  readonly handler: IFunction;
  /** Seconds for which API Gateway may reuse a verdict. */
  readonly resultCacheSeconds: number;
  /** Whether the authorizer has a policy for an operation. */
  enforces(operation: Operation): boolean;
  /** Extensions of operations that it enforces; every other one stops the synth. @default none */
  readonly enforcedExtensions?: readonly string[];
  /** Stops the synth where the function behind an operation does not do its part. @default none has a part */
  checkHandler?(operation: Operation, handler: IFunction): void;
}

export interface ApiProps {
  /** The document; see `readDocument`. */
  readonly document: OpenApiDocument;
  /**
   * Function behind each operation, by `operationId`. Several operations may share one; an operation with `null` is not
   * deployed, and is among the losses.
   */
  readonly handlers: Readonly<Record<string, IFunction | null>>;
  readonly authorizer: ApiAuthorizer;
  /**
   * Domain through which alone the API is reached; operations with a `mutualTLS` scheme are refused without one.
   * @default the endpoint that API Gateway gives every API
   */
  readonly mutualTls?: MutualTlsDomain;
  /**
   * What the functions do about answers that the document does not allow; all of them have to be made with the handler
   * wrapper. @default they compare every answer and send none that does not fit, and there is no alarm
   */
  readonly responseValidation?: ResponseValidationProps;
  /** Limits over the whole API; beyond them callers get 429. @default 100 per second, burst 200 */
  readonly throttling?: { readonly requestsPerSecond: number; readonly burst: number };
  /**
   * Whether this stack sets the role with which API Gateway writes logs, a setting of the whole account and region.
   * @default true
   */
  readonly manageLogRole?: boolean;
  /** @default logs a year, data kept */
  readonly lifecycle?: Lifecycle;
}

/** Bytes of the definition that leave room for the rest of a template, of which CloudFormation takes 1 MB. */
const MAX_DEFINITION = 900_000;
const STAGE = 'live';
const LOG_ROLE_FINDING =
  'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]';

export class Api extends Construct {
  readonly restApi: SpecRestApi;
  /** What of the document the gateway does not keep, and who makes up for it; nothing of it weakens security. */
  readonly losses: readonly Loss[];
  /** The authorizer timed out, crashed, was throttled or answered nonsense, so callers got 403. */
  readonly authorizerFailing: HouseAlarm;
  /** What is told about answers that do not fit the document; where `responseValidation` is given. */
  readonly responses?: ResponseValidation;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    const lifecycle = props.lifecycle ?? KEEP;
    const handlers = servedBy(props.handlers);
    const { definition, losses, operations } = lowerDocument(props.document, {
      integrationUri: (operation) => this.invocationUri(handlerOf(handlers, operation)),
      omits: ({ id: operationId }) =>
        Object.hasOwn(props.handlers, operationId) && !Object.hasOwn(handlers, operationId),
      authorizerUri: this.invocationUri(props.authorizer.handler),
      resultCacheSeconds: props.authorizer.resultCacheSeconds,
      enforces: (operation) => props.authorizer.enforces(operation),
      behindMutualTls: props.mutualTls !== undefined,
      enforcedExtensions: props.authorizer.enforcedExtensions ?? [],
    });
    refuseUnused(handlers, operations);
    for (const operation of operations)
      props.authorizer.checkHandler?.(operation, handlerOf(handlers, operation));
    refuseTooLarge(JSON.stringify(definition).length, operations.length);
    this.losses = losses;
    if (props.responseValidation !== undefined)
      this.responses = new ResponseValidation(this, 'Responses', props.responseValidation, handlers);

    const throttling = props.throttling ?? { requestsPerSecond: 100, burst: 200 };
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: lifecycle.logs,
      removalPolicy: removalPolicyOf(lifecycle),
    });
    this.authorizerFailing = authorizerAlarm(this, accessLogs);
    this.restApi = new SpecRestApi(this, 'RestApi', {
      // imported as one body: methods of their own would pass CloudFormation's 500 resources at about 200 operations
      apiDefinition: ApiDefinition.fromInline(definition),
      endpointTypes: [EndpointType.REGIONAL],
      disableExecuteApiEndpoint: props.mutualTls !== undefined,
      cloudWatchRole: props.manageLogRole ?? true,
      deployOptions: {
        stageName: STAGE,
        throttlingRateLimit: throttling.requestsPerSecond,
        throttlingBurstLimit: throttling.burst,
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        metricsEnabled: true,
        accessLogDestination: new LogGroupLogDestination(accessLogs),
        accessLogFormat: ACCESS_LOG_FORMAT,
      },
    });
    // API Gateway would make this one itself, and keep it for ever
    const executionLogs = new LogGroup(this, 'ExecutionLogs', {
      logGroupName: `API-Gateway-Execution-Logs_${this.restApi.restApiId}/${STAGE}`,
      retention: lifecycle.logs,
      removalPolicy: removalPolicyOf(lifecycle),
    });
    this.restApi.deploymentStage.node.addDependency(executionLogs);
    if (props.mutualTls !== undefined)
      new MutualTls(this, 'MutualTls', this.restApi as IRestApi, props.mutualTls);
    acknowledge(this.restApi, {
      APIG2:
        'the imported definition turns validation on for every operation; the rule looks for separate resources',
    });
    acknowledge(this.restApi.deploymentStage, {
      APIG3:
        'a web ACL is priced by the month and belongs to the account that deploys; attach it to the stage',
    });
    const logRole = this.restApi.node.tryFindChild('CloudWatchRole');
    if (logRole !== undefined)
      acknowledge(logRole, { [LOG_ROLE_FINDING]: 'the policy AWS documents for this role' });
    this.permit('Authorize', props.authorizer.handler, 'authorizers/*');
    // one permission per function, however many operations it serves
    const served = new Map(Object.entries(handlers).map(([operationId, handler]) => [handler, operationId]));
    for (const [handler, operationId] of served)
      this.permit(`Invoke-${operationId}`, handler, `${STAGE}/*/*`);
  }

  private invocationUri(handler: IFunction): string {
    return `arn:${Stack.of(this).partition}:apigateway:${Stack.of(this).region}:lambda:path/2015-03-31/functions/${handler.functionArn}/invocations`;
  }

  /** The function may be invoked by this API alone. */
  private permit(id: string, handler: IFunction, what: string): void {
    const resource = this.restApi.restApiId;
    handler.addPermission(id, {
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: Stack.of(this).formatArn({ service: 'execute-api', resource, resourceName: what }),
      scope: this,
    });
  }
}

/**
 * The template, never the path or the query: both may hold what must not be in a log. Nor the caller's address.
 */
const ACCESS_LOG_FORMAT = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    time: AccessLogField.contextRequestTimeEpoch(),
    method: AccessLogField.contextHttpMethod(),
    resource: AccessLogField.contextResourcePath(),
    status: AccessLogField.contextStatus(),
    responseType: AccessLogField.contextErrorResponseType(),
    authorizerStatus: AccessLogField.contextAuthorizerStatus(),
    latencyMs: AccessLogField.contextResponseLatency(),
    responseBytes: AccessLogField.contextResponseLength(),
  }),
);

/**
 * API Gateway's own word on the authorizer: its answer is a 403 like many others, and a refusal is an error of the
 * function like a crash, so neither status nor function tells them apart.
 */
function authorizerAlarm(api: Api, accessLogs: LogGroup): HouseAlarm {
  const failures = new MetricFilter(api, 'AuthorizerFailures', {
    logGroup: accessLogs,
    filterPattern: FilterPattern.any(
      FilterPattern.stringValue('$.responseType', '=', 'AUTHORIZER_FAILURE'),
      FilterPattern.stringValue('$.responseType', '=', 'AUTHORIZER_CONFIGURATION_ERROR'),
    ),
    metricNamespace: 'Sallyport',
    metricName: `AuthorizerFailures-${Stack.of(api).stackName}`,
    metricValue: '1',
  });
  return new HouseAlarm(api, 'AuthorizerFailing', {
    description:
      'API: the authorizer ended without a decision, callers got 403; see its log and the access log',
    metric: failures.metric({ statistic: Stats.SUM, period: Duration.minutes(1) }),
  });
}

type Handlers = Readonly<Record<string, IFunction>>;

/** Those of the operations that are to be deployed. */
function servedBy(handlers: ApiProps['handlers']): Handlers {
  return Object.fromEntries(
    Object.entries(handlers).filter((entry): entry is [string, IFunction] => entry[1] !== null),
  );
}

function handlerOf(handlers: Handlers, operation: Operation): IFunction {
  const handler = Object.hasOwn(handlers, operation.id) ? handlers[operation.id] : undefined;
  if (handler === undefined) {
    throw new DocumentError(
      `${operation.method} ${operation.path}: no function is behind operationId ${operation.id}; add it to handlers`,
    );
  }
  return handler;
}

function refuseUnused(handlers: Handlers, operations: readonly Operation[]): void {
  const unused = Object.keys(handlers).find((id) => !operations.some((operation) => operation.id === id));
  if (unused !== undefined) {
    throw new DocumentError(
      `handlers.${unused} is the operationId of no operation; remove it or mend its spelling`,
    );
  }
}

function refuseTooLarge(size: number, operations: number): void {
  if (size <= MAX_DEFINITION) return;
  throw new DocumentError(
    `the definition of ${operations} operations takes ${size} bytes, ${MAX_DEFINITION} fit into a template; split the document over two APIs`,
  );
}
