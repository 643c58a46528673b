/** What was uploaded, as the event of the bucket tells it. */
import { secondsOfText } from './time';

/** A list, and where its issuer's certificate would be. */
export interface Upload {
  /** What the manifest is called. */
  readonly name: string;
  readonly key: string;
  /** Version that the event is about; `undefined` for the present one. */
  readonly version: string | undefined;
}

/** Longest name in octets, so that every key made of it stays below the 1,024 of S3. */
const MAX_NAME = 512;

/**
 * The list that an event asks to publish.
 *
 * The keys of EventBridge events are not URL-encoded, other than those of S3's own notifications
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html), so they are taken as they are.
 *
 * @param event `Object Created` of the bucket
 * @param prefixes of the keys under which lists are uploaded
 * @returns `undefined` for an object that is neither a list nor an issuer's certificate
 */
export function uploadOf(
  event: unknown,
  prefixes: readonly string[],
  { list, issuer }: { readonly list: string; readonly issuer: string },
): Upload | undefined {
  const key = keyOf(event);
  const version = fieldOf(fieldOf(fieldOf(event, 'detail'), 'object'), 'version-id');
  if (key === undefined) return undefined;
  const prefix = prefixes.find((candidate) => key.startsWith(candidate));
  if (prefix === undefined) return undefined;
  const isIssuer = key.endsWith(`${list}${issuer}`);
  const listKey = isIssuer ? key.slice(0, -issuer.length) : key;
  if (!listKey.endsWith(list)) return undefined;
  const name = listKey.slice(prefix.length, -list.length);
  // the version of a certificate says nothing about the list beside it
  return { name, key: listKey, version: !isIssuer && typeof version === 'string' ? version : undefined };
}

/** Key of the object that an event is about. */
export function keyOf(event: unknown): string | undefined {
  const key = fieldOf(fieldOf(fieldOf(event, 'detail'), 'object'), 'key');
  return typeof key === 'string' ? key : undefined;
}

/** When the event happened, in seconds since 1970; `undefined` where it does not say. */
export function uploadedAt(event: unknown): number | undefined {
  const time = fieldOf(event, 'time');
  const seconds = typeof time === 'string' ? secondsOfText(time.replace(/\.\d+Z$/, 'Z')) : NaN;
  return Number.isNaN(seconds) ? undefined : seconds;
}

/** Whether a manifest can be called so. */
export function isName(name: string): boolean {
  return name !== '' && Buffer.byteLength(name) <= MAX_NAME && !/\p{Cc}/u.test(name);
}

function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}
