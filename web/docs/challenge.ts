/** Answers of the API that ask for a step-up (RFC 9470). */

export interface Challenge {
  readonly acrValues: string | undefined;
  readonly maxAge: string | undefined;
}

/**
 * @param header value of `WWW-Authenticate`, or what an answer says in its place
 * @returns `undefined` when it asks for something else
 */
export function challengeOf(header: string): Challenge | undefined {
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, token] of header.matchAll(/([\w-]+)\s*=\s*(?:"([^"\\]*)"|([^\s,"]+))/g))
    parameters.set(name.toLowerCase(), quoted ?? token ?? '');
  if (parameters.get('error') !== 'insufficient_user_authentication') return undefined;
  return { acrValues: parameters.get('acr_values'), maxAge: parameters.get('max_age') };
}
