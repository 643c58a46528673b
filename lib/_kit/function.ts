/** The house function: one handler, its own role and log group, nothing granted that it does not need. */
import { Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

import { bundledCode } from './bundle';
import { KEEP, removalPolicyOf, type Lifecycle } from './lifecycle';

export interface HouseFunctionProps {
  /** Absolute path of the handler's TypeScript file. */
  readonly entry: string;
  /** What the function does, as operators read it in the console. */
  readonly description: string;
  /** Environment variables, from the capability's env contract. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** Further files of the asset, by name. @default none */
  readonly files?: Readonly<Record<string, string>>;
  /** Modules that the code imports when it needs them, by the path it imports them by. @default none */
  readonly late?: Readonly<Record<string, string>>;
  /** Memory in MiB; CPU grows with it. @default 512 */
  readonly memoryMiB?: number;
  /** @default 10 seconds */
  readonly timeout?: Duration;
  /** Concurrent executions kept for this function; also its ceiling. @default the account's shared pool */
  readonly reservedConcurrency?: number;
  /** @default logs a year, data kept */
  readonly lifecycle?: Lifecycle;
}

export class HouseFunction extends LambdaFunction {
  /** Log group of the function; its name is generated, so that a replaced function never inherits old logs. */
  readonly logs: LogGroup;
  /** Absolute path of the handler's TypeScript file. */
  readonly entry: string;

  constructor(scope: Construct, id: string, props: HouseFunctionProps) {
    const lifecycle = props.lifecycle ?? KEEP;
    const logs = new LogGroup(scope, `${id}Logs`, {
      retention: lifecycle.logs,
      removalPolicy: removalPolicyOf(lifecycle),
    });
    // not AWSLambdaBasicExecutionRole: that one may write to every log group of the account
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logs.grantWrite(role);
    super(scope, id, {
      code: bundledCode(props.entry, props.files, props.late),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      description: props.description,
      role,
      logGroup: logs,
      loggingFormat: LoggingFormat.TEXT,
      memorySize: props.memoryMiB ?? 512,
      timeout: props.timeout ?? Duration.seconds(10),
      environment: { ...props.environment },
      ...(props.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
    });
    this.logs = logs;
    this.entry = props.entry;
  }
}
