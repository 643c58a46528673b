/** What the construct and the authorizer agree on: environment, policy file and context. */
import { envContract, optional, text } from '../_kernel/env';

export const frontDoorEnv = envContract({
  /** Cognito user pool whose access tokens are accepted, `<region>_<id>`; none where no token opens anything. */
  USER_POOL_ID: optional(text()),
  /** App clients whose tokens are accepted, separated by spaces. */
  USER_POOL_CLIENT_IDS: optional(text()),
  /**
   * Where AWS service calls go instead of AWS, as for every AWS SDK
   * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html). Only the place the signing keys are
   * read from follows it; the issuer that a token must name does not.
   */
  AWS_ENDPOINT_URL: optional(text()),
});

/** File beside the handler in the deployed asset. */
export const POLICY_FILE = 'policy.json';

/** Kind of API that asks: REST API, or HTTP API with payload format 2.0. */
export type ApiKind = 'rest' | 'http';

/** Kinds of check the front door can run. */
export type CheckKind = 'cognito-access-token' | 'cookie-session' | 'client-certificate';

/** One scheme of an alternative and the scopes the caller needs under it. */
interface SchemeRequirement {
  readonly scheme: string;
  readonly scopes: readonly string[];
}

/** All requirements of one alternative hold together. */
export type Alternative = readonly SchemeRequirement[];

/**
 * Who may call what, compiled from the document.
 *
 * Operations are keyed `METHOD /template`. Public operations are not in it: they never reach the authorizer, and one
 * that does is denied.
 */
export interface Policy {
  /** The one kind of API whose events are served; those of the other are denied. */
  readonly api: ApiKind;
  readonly schemes: Readonly<Record<string, CheckKind>>;
  readonly operations: Readonly<Record<string, readonly Alternative[]>>;
  /** Whether the step-up check decides about whoever an alternative lets in. */
  readonly stepUp?: boolean;
}

/** Metric that counts requests whose credentials could not be checked; an alarm stands on it. */
export const TROUBLE_METRIC = 'FrontDoorTrouble';

/** Key of an operation in the policy. */
export function operationKey(method: string, path: string): string {
  return `${method} ${path}`;
}

/**
 * Context of a denial, which the gateway response ACCESS_DENIED turns into header and body
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html).
 * Values are flat strings without line breaks; the template substitutes them as they are.
 */
export interface DenialContext {
  /** Value of `WWW-Authenticate` (RFC 9110 section 11.6.1). */
  readonly challenge: string;
  /** The same, escaped to stand inside a JSON string. */
  readonly challengeJson: string;
  /** Stable reason code. */
  readonly reason: string;
  /** Value of `Refresh` for a page whose session is over: leads to the login (HTML Standard, section 4.2.5.3). */
  readonly refresh?: string;
}

/**
 * Header by which the edge says that a browser navigates to a page, and where its login is. The edge takes it away from
 * what comes in; without an edge nobody sets it but the caller, who leads only himself.
 */
export const LOGIN_HEADER = 'sallyport-login';
