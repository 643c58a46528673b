/** Reads the event of a REQUEST authorizer, of the one kind of API that the deployment serves. */
import type { ApiKind } from '../contract';
import { isRecord } from './event-parts';
import { readHttpEvent } from './http-event';
import { readRestEvent } from './rest-event';
import type { CheckedRequest } from './verdict';

export interface AuthorizerRequest extends CheckedRequest {
  /** The template that was matched, never the path that the client typed; empty where no template was. */
  readonly resource: string;
  /** ARN of the method or the route that was asked for. */
  readonly methodArn: string;
  readonly requestId: string;
}

const READERS = { rest: readRestEvent, http: readHttpEvent } as const;

/**
 * The request behind an authorizer event, or undefined for every event this deployment does not serve: those of the
 * other kind of API, TOKEN authorizers, anything malformed.
 */
export function readAuthorizerEvent(event: unknown, api: ApiKind): AuthorizerRequest | undefined {
  if (!isRecord(event) || event['type'] !== 'REQUEST' || !Object.hasOwn(READERS, api)) return undefined;
  return READERS[api](event);
}
