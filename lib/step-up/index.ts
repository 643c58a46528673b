/** Step-up authentication: operations that want a fresh second proof get one, and nothing less. */
import { join, resolve } from 'node:path';

import { CustomResource, Duration, Stack, Token } from 'aws-cdk-lib';
import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

import {
  AUDIT_SOURCE,
  type OwnFactor,
  seedEnv,
  STEP_UP_FILE,
  stepUpCheckEnv,
  stepUpEnv,
  type StepUpPolicy,
} from '../../lambdas/step-up/contract';
import { acknowledge } from '../_kit/acknowledge';
import { sourcesOf } from '../_kit/bundle';
import { HouseFunction } from '../_kit/function';
import type { Lifecycle } from '../_kit/lifecycle';
import { grantEvents, grantMail } from '../_kit/telling';
import { ACR_LEVELS, DocumentError, type OpenApiDocument, type Operation } from '../api';
import { StepUpAlarms } from './alarms';
import { compileStepUp, seedsOf, STEP_UP_EXTENSION } from './policy';
import { type StepUpStores, StepUpTables } from './tables';

export { STEP_UP_EXTENSION } from './policy';
export { StepUpTables, type StepUpStores } from './tables';

export interface StepUpProps {
  /** The document whose `x-step-up` is enforced; the same that the front door and the API are made from. */
  readonly document: OpenApiDocument;
  /** Pool that knows verified addresses and numbers, or `null` where there is none: then only apps prove anything. */
  readonly userPool: IUserPool | null;
  /** @default tables and a key of its own */
  readonly tables?: StepUpStores;
  /** Levels from the lowest to the highest. @default Cognito's `urn:cognito:loa:1` to `4` */
  readonly levels?: readonly string[];
  /** Level a proof by each factor reaches. @default level 3 for a passkey or an app, level 2 for codes that are sent */
  readonly grants?: Readonly<Record<OwnFactor, string>>;
  /** Sender of codes by mail, an identity that Amazon SES has verified in this account. @default no mail */
  readonly emailFrom?: string;
  /** Whether codes are sent as text messages. @default false */
  readonly sms?: boolean;
  /**
   * Origin of the site whose pages use passkeys, e.g. `https://www.example.com`; they are bound to its host for good.
   * @default no passkeys
   */
  readonly passkeyOrigin?: string;
  /** What apps and messages call the service. @default the document's title */
  readonly issuer?: string;
  /** Most time a completed step-up is kept. @default 15 minutes */
  readonly itemTtl?: Duration;
  /** Where every step-up and refusal is told. @default the account's default bus */
  readonly eventBus?: IEventBus;
  /** @default logs a year, data kept */
  readonly lifecycle?: Lifecycle;
}

const LAMBDAS = join(__dirname, '../../lambdas/step-up');
const WRAPPER = resolve(__dirname, '../../lambdas/_kernel/operation.ts');
const GENERATED = resolve(__dirname, '../../generated/operations');

/** What a function with the check imports with the first request that is let in. */
export const STEP_UP_CHECK_LATE: Readonly<Record<string, string>> = {
  './adapters/open-check': join(LAMBDAS, 'adapters/open-check.ts'),
};

/** What the functions that check answers of passkeys import with the first of them. */
const PASSKEY_VERIFIER_LATE: Readonly<Record<string, string>> = {
  './passkey-verifier': join(LAMBDAS, 'adapters/passkey-verifier.ts'),
};

/** What a function may do. */
interface Needs {
  readonly sessions?: readonly Action[];
  readonly factors: readonly Action[];
  readonly key?: 'encrypt' | 'decrypt';
  /** Whether it looks verified addresses up. */
  readonly contacts?: true;
  readonly sends?: true;
  readonly tells?: true;
  /** Whether it checks answers of passkeys. */
  readonly verifies?: true;
}

type Action = 'GetItem' | 'PutItem' | 'UpdateItem';

const OPERATIONS: Readonly<Record<string, Needs>> = {
  initiateAuth: {
    sessions: ['PutItem'],
    factors: ['GetItem', 'UpdateItem'],
    contacts: true,
    sends: true,
    tells: true,
  },
  respondToChallenge: {
    sessions: ['GetItem', 'PutItem', 'UpdateItem'],
    factors: ['GetItem', 'UpdateItem'],
    key: 'decrypt',
    tells: true,
    verifies: true,
  },
  listFactors: { factors: ['GetItem'], contacts: true },
  enrolTotp: { sessions: ['GetItem'], factors: ['GetItem', 'UpdateItem'], key: 'encrypt', contacts: true },
  confirmTotp: { factors: ['GetItem', 'UpdateItem'], key: 'decrypt', tells: true },
  enrolPasskey: { sessions: ['GetItem'], factors: ['GetItem', 'UpdateItem'], contacts: true },
  confirmPasskey: { factors: ['GetItem', 'UpdateItem'], tells: true, verifies: true },
  removePasskey: { sessions: ['GetItem'], factors: ['GetItem', 'UpdateItem'], contacts: true, tells: true },
  preferFactor: { sessions: ['GetItem'], factors: ['GetItem', 'UpdateItem'], contacts: true, tells: true },
  removeTotp: { sessions: ['GetItem'], factors: ['GetItem', 'UpdateItem'], contacts: true, tells: true },
};

export class StepUp extends Construct {
  /** Function behind each operation, by `operationId`. */
  readonly handlers: Readonly<Record<string, IFunction>>;
  /** The compiled policy, as a file beside a handler. */
  readonly policyFile: Readonly<Record<string, string>>;
  readonly alarms: StepUpAlarms;
  private readonly policy: StepUpPolicy;
  private readonly tables: StepUpStores;

  constructor(scope: Construct, id: string, props: StepUpProps) {
    super(scope, id);
    const owned = props.lifecycle === undefined ? {} : { lifecycle: props.lifecycle };
    this.tables = props.tables ?? new StepUpTables(this, 'Tables', owned);
    this.policy = compileStepUp(props.document, {
      levels: props.levels ?? ACR_LEVELS,
      grants: grantsOf(props),
    });
    this.policyFile = { [STEP_UP_FILE]: JSON.stringify(this.policy) };
    const bus = props.eventBus ?? EventBus.fromEventBusName(this, 'DefaultBus', 'default');
    const environment = stepUpEnv.provide({
      STEP_UP_SESSION_TABLE_NAME: this.tables.sessions.tableName,
      STEP_UP_FACTOR_TABLE_NAME: this.tables.factors.tableName,
      STEP_UP_KEY_ARN: this.tables.key.keyArn,
      STEP_UP_EVENT_BUS_NAME: bus.eventBusName,
      SESSION_TABLE_ITEM_TTL: (props.itemTtl ?? Duration.minutes(15)).toSeconds(),
      STEP_UP_USER_POOL_ID: props.userPool?.userPoolId,
      STEP_UP_EMAIL_FROM: props.emailFrom,
      STEP_UP_ISSUER: props.issuer ?? titleOf(props.document),
      STEP_UP_PASSKEY_ORIGIN: originOf(props.passkeyOrigin),
    });
    const handlers = Object.entries(OPERATIONS).map(([operationId, needs]) => {
      const handler = new HouseFunction(this, operationId, {
        entry: entryOf(operationId),
        description: `Step-up: ${operationId}`,
        environment,
        files: this.policyFile,
        ...(needs.verifies === true ? { late: PASSKEY_VERIFIER_LATE } : {}),
        // scrypt of a code takes half a second at the CPU of 512 MiB
        memoryMiB: 1024,
        ...owned,
      });
      this.equip(handler, needs, props, bus);
      return [operationId, handler] as const;
    });
    const byId = Object.fromEntries(handlers);
    this.handlers = byId;
    const tellers = handlers.filter(([operationId]) => OPERATIONS[operationId]?.tells === true);
    this.alarms = new StepUpAlarms(
      this,
      'Alarms',
      functionOf(byId, 'respondToChallenge'),
      Object.fromEntries(tellers),
    );
    this.seed(props.document, owned);
  }

  /** Lets a function run the check, as the front door does: what it may read and use up, and where it is. */
  grantCheck(checker: LambdaFunction): void {
    const environment = stepUpCheckEnv.provide({
      STEP_UP_SETTING_TABLE_NAME: this.tables.settings.tableName,
      STEP_UP_SESSION_TABLE_NAME: this.tables.sessions.tableName,
    });
    for (const [name, value] of Object.entries(environment)) checker.addEnvironment(name, value);
    this.tables.settings.grant(checker, 'dynamodb:GetItem');
    this.tables.sessions.grant(checker, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
  }

  /**
   * Stops the synth where a single use would be bound to a body that nobody compares: the function must be made of the
   * handler wrapper and of the very operation, by the sources of its bundle.
   *
   * @throws DocumentError
   */
  checkHandler(operation: Operation, handler: IFunction): void {
    const name = `${operation.method} ${operation.path}`;
    if (this.policy.operations[name]?.singleUse !== true) return;
    const sources = handler instanceof HouseFunction ? sourcesOf(handler.entry) : [];
    if (sources.includes(WRAPPER) && sources.includes(join(GENERATED, `${operation.id}.js`))) return;
    throw new DocumentError(
      `${name}: ${STEP_UP_EXTENSION}.singleUse needs the handler wrapper to compare the body with its digest; make the function with operationHandler(${operation.id}, …), or remove singleUse`,
    );
  }

  /**
   * Stops the synth where the functions behind the operations are not known, as those of an existing API.
   *
   * @throws DocumentError
   */
  refuseUnprovenHandlers(): void {
    const single = Object.entries(this.policy.operations).find(([, demand]) => demand?.singleUse === true);
    if (single === undefined) return;
    throw new DocumentError(
      `${single[0]}: ${STEP_UP_EXTENSION}.singleUse needs the handler wrapper, which cannot be seen behind an existing API; serve it by Api, or remove singleUse`,
    );
  }

  private equip(handler: HouseFunction, needs: Needs, props: StepUpProps, bus: IEventBus): void {
    const actions = (list: readonly Action[]): string[] => list.map((action) => `dynamodb:${action}`);
    if (needs.sessions !== undefined) this.tables.sessions.grant(handler, ...actions(needs.sessions));
    this.tables.factors.grant(handler, ...actions(needs.factors));
    if (needs.key === 'encrypt') this.tables.key.grant(handler, 'kms:Encrypt');
    if (needs.key === 'decrypt') this.tables.key.grant(handler, 'kms:Decrypt');
    if (needs.contacts === true) props.userPool?.grant(handler, 'cognito-idp:AdminGetUser');
    if (needs.tells === true) grantEvents(handler, bus, AUDIT_SOURCE);
    if (needs.sends === true) this.grantSending(handler, props);
  }

  private grantSending(handler: HouseFunction, { emailFrom, sms }: StepUpProps): void {
    if (emailFrom !== undefined) grantMail(handler, emailFrom);
    if (sms !== true) return;
    // a text message has no resource to name, so every one that has is refused
    // (https://docs.aws.amazon.com/sns/latest/dg/sns-using-identity-based-policies.html)
    const everyTopic = Stack.of(this).formatArn({ service: 'sns', region: '*', account: '*', resource: '*' });
    handler.addToRolePolicy(new PolicyStatement({ actions: ['sns:Publish'], resources: ['*'] }));
    handler.addToRolePolicy(
      new PolicyStatement({ effect: Effect.DENY, actions: ['sns:Publish'], resources: [everyTopic] }),
    );
    acknowledge(handler, {
      'IAM5[Resource::*]': 'a text message to a number has no resource; topics are refused',
    });
  }

  private seed(document: OpenApiDocument, owned: { readonly lifecycle?: Lifecycle }): void {
    const seeder = new HouseFunction(this, 'SeedSettings', {
      entry: join(LAMBDAS, 'seed-settings.handler.ts'),
      description: 'Step-up: adds a row to the setting table for every operation that has none',
      environment: seedEnv.provide({ STEP_UP_SETTING_TABLE_NAME: this.tables.settings.tableName }),
      timeout: Duration.minutes(1),
      ...owned,
    });
    this.tables.settings.grant(seeder, 'dynamodb:UpdateItem');
    const resource = new CustomResource(this, 'Seeds', {
      resourceType: 'Custom::StepUpSettings',
      serviceToken: seeder.functionArn,
      properties: { Seeds: JSON.stringify(seedsOf(document, this.policy)) },
      serviceTimeout: Duration.minutes(2),
    });
    // the grant stands in a policy of its own, which must be there before the function runs
    resource.node.addDependency(seeder.role ?? seeder);
  }
}

function grantsOf({
  grants,
  levels,
  emailFrom,
  sms,
  passkeyOrigin,
}: StepUpProps): Partial<Record<OwnFactor, string>> {
  const names = levels ?? ACR_LEVELS;
  if (grants === undefined && levels !== undefined)
    throw new DocumentError('step-up: levels of your own need grants of your own');
  const all = grants ?? {
    PASSKEY: names[2] ?? '',
    SOFTWARE_TOKEN: names[2] ?? '',
    SMS: names[1] ?? '',
    EMAIL: names[1] ?? '',
  };
  return {
    ...(passkeyOrigin === undefined ? {} : { PASSKEY: all.PASSKEY }),
    SOFTWARE_TOKEN: all.SOFTWARE_TOKEN,
    ...(sms === true ? { SMS: all.SMS } : {}),
    ...(emailFrom === undefined ? {} : { EMAIL: all.EMAIL }),
  };
}

/** @throws DocumentError for anything but an origin in which browsers have passkeys (a secure context with a domain) */
function originOf(origin: string | undefined): string | undefined {
  if (origin === undefined || Token.isUnresolved(origin)) return origin;
  if (/^(https:\/\/(?=.*[a-z])[a-z0-9.-]+|http:\/\/localhost)(:\d+)?$/.test(origin)) return origin;
  throw new DocumentError(
    `step-up: passkeyOrigin is ${JSON.stringify(origin)}; give https:// and a domain, without a path (http://localhost:<port> is allowed for development)`,
  );
}

function titleOf(document: OpenApiDocument): string {
  const info = document['info'] as { readonly title?: string } | undefined;
  return info?.title ?? 'Sallyport';
}

function functionOf(handlers: Readonly<Record<string, HouseFunction>>, operationId: string): HouseFunction {
  const handler = handlers[operationId];
  if (handler === undefined) throw new TypeError(`no function is behind ${operationId}`);
  return handler;
}

/** `enrolTotp` is deployed from `enrol-totp.handler.ts`. */
function entryOf(operationId: string): string {
  const name = operationId.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return join(LAMBDAS, `${name}.handler.ts`);
}
