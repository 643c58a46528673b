/** What the events of both API kinds have in common. */

export type Json = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Id of a request: a UUID from a REST API, 15 characters and `=` from an HTTP API. Anything else is not an id of API
 * Gateway, and its text would reach the log.
 */
const REQUEST_ID = /^(?:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[\w-]{15}=)$/;

/** @returns an empty text where the context has no id of API Gateway */
export function requestIdOf(context: Json): string {
  const id = context['requestId'];
  return typeof id === 'string' && REQUEST_ID.test(id) ? id : '';
}
