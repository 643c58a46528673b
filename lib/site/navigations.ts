/** Which operations a browser may navigate to and, without a session, is led from to the login. */
import type { Operation } from '../api';

export interface Navigations {
  /** Names of the session cookies; any of them may open an operation. */
  readonly cookies: readonly string[];
  /**
   * Templates of all GET operations with `*` for parameters, the one the gateway prefers first, each with whether a
   * session opens it. Empty where nothing is opened by a session or there is no login.
   */
  readonly templates: readonly (readonly [template: string, openedBySession: 0 | 1])[];
}

/** Operation that starts a sign-in; what is below `/auth/` is never led to it. */
export const LOGIN_PATH = '/auth/login';
const AUTH = '/auth/';

/** @param schemes security schemes of the document by name */
export function navigationsOf(
  operations: readonly Operation[],
  schemes: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Navigations {
  const sessions = Object.entries(schemes).filter(
    ([, { type, in: place }]) => type === 'apiKey' && place === 'cookie',
  );
  const names = sessions.map(([name]) => name);
  const readable = operations.filter(({ method }) => method === 'GET');
  const templates = readable
    .filter(({ path }) => !path.startsWith(AUTH))
    .map(({ path, security }) => {
      const opened = security?.some((alternative) => names.some((name) => Object.hasOwn(alternative, name)));
      return [path.replace(/\{[^/]*\}/g, '*'), opened === true ? 1 : 0] as const;
    })
    .sort(([one], [other]) => preference(one, other));
  const useful =
    readable.some(({ path }) => path === LOGIN_PATH) && templates.some(([, opened]) => opened === 1);
  return {
    cookies: sessions.map(([, { name }]) => String(name)),
    templates: useful ? templates : [],
  };
}

/** API Gateway prefers a fixed part to a parameter, from left to right. */
function preference(one: string, other: string): number {
  const [left, right] = [one, other].map((template) => template.replaceAll('*', '\uffff'));
  return (left ?? '') < (right ?? '') ? -1 : 1;
}
