/** The manifest of a compiled list: what is true of the list beside its entries, as JSON. */
import { createHash } from 'node:crypto';

import type { Behind, Link } from './behind';
import type { DistributionPoint, Scope } from './extensions';
import type { Resident } from './index-format';
import { Refusal } from './refusal';
import type { Subject } from './subject';
import { secondsOfText, timeText } from './time';

export const MANIFEST_VERSION = 2;

/** All of one list; times are seconds since 1970. */
export interface Manifest {
  readonly version: number;
  /** What lists replace each other: issuer, its key, and scope. */
  readonly series: string;
  readonly issuer: {
    readonly name: string;
    readonly hash: string;
    /** Of the key that signed. */
    readonly keyId: string | null;
  } & Behind;
  /** CRL number; `null` for a list without one. */
  readonly number: bigint | null;
  /** Number of the base that the last delta was merged into; `null` for a complete list. */
  readonly baseNumber: bigint | null;
  readonly thisUpdate: number;
  readonly nextUpdate: number | null;
  readonly scope: Scope;
  readonly signatureAlgorithm: string;
  readonly entries: number;
  readonly index: {
    /** That of the index's format, which who opens it judges: a later list replaces one of any. */
    readonly version: number;
    readonly key: string;
    readonly size: number;
    readonly resident: Resident;
  };
}

/**
 * Identifies what a list may replace: a list of the same issuer with the same scope. Another key of the same name may be
 * another CA, and if it is the same one, the certificates of the key before need its list.
 */
export function seriesOf(
  issuerHash: string,
  { keys: [key] }: Pick<Behind, 'keys'>,
  { distributionPoints, only, indirect }: Scope,
): string {
  return createHash('sha256')
    .update(JSON.stringify([issuerHash, key, distributionPoints, only, indirect]))
    .digest('hex');
}

export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(
    {
      format: 'sallyport-revocation-list',
      ...manifest,
      issuer: { ...manifest.issuer, path: manifest.issuer.path.map(linkValue) },
      number: manifest.number?.toString() ?? null,
      baseNumber: manifest.baseNumber?.toString() ?? null,
      thisUpdate: timeText(manifest.thisUpdate),
      nextUpdate: manifest.nextUpdate === null ? null : timeText(manifest.nextUpdate),
    },
    null,
    2,
  )}\n`;
}

/** Whether a list of the same series was issued before another one; publication refuses those. */
export function isBehind(one: Manifest, other: Manifest): boolean {
  if (one.series !== other.series) return false;
  const numberBehind = other.number !== null && (one.number === null || one.number < other.number);
  return numberBehind || one.thisUpdate < other.thisUpdate;
}

function linkValue({ below, certificates }: Link): object {
  return { below, certificates: certificates.map(subjectValue) };
}

function subjectValue({ serial, authorityKeyId, authority, ...others }: Subject): object {
  return {
    ...others,
    serial: Buffer.from(serial).toString('hex'),
    authorityKeyId: authorityKeyId ?? null,
    authority: authority ?? null,
  };
}

/** @throws Refusal `manifest_malformed` for whatever `manifestText` would not have written */
export function readManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('it is no JSON');
  }
  const root = object(value, 'it');
  const { format, version } = root;
  if (format !== 'sallyport-revocation-list' || (version !== MANIFEST_VERSION && version !== 1))
    throw malformed(`its format or version is not known, expected version ${MANIFEST_VERSION}`);
  const issuer = object(root['issuer'], 'issuer');
  const scope = object(root['scope'], 'scope');
  const index = object(root['index'], 'index');
  const resident = object(index['resident'], 'index.resident');
  const only = textOf(scope, 'only');
  if (only !== 'all' && only !== 'user' && only !== 'ca' && only !== 'attribute')
    throw malformed('scope.only is unknown');
  const keyId = nullable(issuer, 'keyId', textOf);
  const who = version === 1 ? behindVersion1(keyId) : behindOf(issuer);
  const manifest: Manifest = {
    version: MANIFEST_VERSION,
    series: digest(root, 'series'),
    issuer: { name: textOf(issuer, 'name'), hash: digest(issuer, 'hash'), keyId, ...who },
    number: nullable(root, 'number', number),
    baseNumber: nullable(root, 'baseNumber', number),
    thisUpdate: time(root, 'thisUpdate'),
    nextUpdate: nullable(root, 'nextUpdate', time),
    scope: {
      distributionPoints: texts(scope, 'distributionPoints'),
      only,
      indirect: flag(scope, 'indirect'),
    },
    signatureAlgorithm: textOf(root, 'signatureAlgorithm'),
    entries: count(root, 'entries'),
    index: {
      version: count(index, 'version'),
      key: digest(index, 'key'),
      size: count(index, 'size'),
      resident: {
        directory: count(resident, 'directory'),
        filter: count(resident, 'filter'),
        serials: count(resident, 'serials'),
      },
    },
  };
  const series = seriesOf(manifest.issuer.hash, manifest.issuer, manifest.scope);
  if (version === 1) return { ...manifest, series };
  if (manifest.series !== series) throw malformed('series does not fit issuer and scope');
  return manifest;
}

function linkOf(value: unknown): Link {
  const fields = object(value, 'a link of issuer.path');
  return {
    below: nullable(fields, 'below', textOf),
    certificates: list(fields, 'certificates').map(subjectOf),
  };
}

/** A certificate of a CA, as `subjectValue` writes it. */
function subjectOf(value: unknown): Subject {
  const fields = object(value, 'a certificate of issuer.path');
  const serial = textOf(fields, 'serial');
  if (!/^(?:[\da-f]{2})+$/.test(serial)) throw malformed('serial is no number in hexadecimal');
  return {
    issuer: { hash: digest(object(fields['issuer'], 'issuer'), 'hash') },
    version: count(fields, 'version'),
    authority: nullable(fields, 'authority', flag) ?? undefined,
    distributionPoints: list(fields, 'distributionPoints').map(pointOf),
    serial: Uint8Array.from(Buffer.from(serial, 'hex')),
    authorityKeyId: nullable(fields, 'authorityKeyId', textOf) ?? undefined,
  };
}

function pointOf(value: unknown): DistributionPoint {
  const fields = object(value, 'a distribution point');
  return {
    names: texts(fields, 'names'),
    someReasons: flag(fields, 'someReasons'),
    listIssuers: texts(fields, 'listIssuers'),
  };
}

function behindOf(issuer: Fields): Behind {
  return {
    keys: keysOf(issuer),
    alone: flag(issuer, 'alone'),
    path: list(issuer, 'path').map(linkOf),
  };
}

/** Version 1 told the key that signed and nothing else: it speaks for certificates that name that key. */
function behindVersion1(keyId: string | null): Behind {
  return { keys: [keyId ?? 'none'], alone: false, path: [] };
}

function keysOf(issuer: Fields): Behind['keys'] {
  const [first, ...others] = texts(issuer, 'keys');
  if (first === undefined) throw malformed('issuer.keys is empty');
  return [first, ...others];
}

type Fields = Readonly<Record<string, unknown>>;

function malformed(what: string): Refusal {
  return new Refusal(
    'manifest_malformed',
    `the manifest cannot be used: ${what}; delete it and compile the list again`,
  );
}

function object(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(`${what} is no object`);
  return value as Fields;
}

function list(fields: Fields, key: string): readonly unknown[] {
  const value = fields[key];
  if (!Array.isArray(value)) throw malformed(`${key} is no list`);
  return value;
}

function texts(fields: Fields, key: string): readonly string[] {
  const values = list(fields, key);
  if (!values.every((value) => typeof value === 'string')) throw malformed(`${key} is no list of texts`);
  return values;
}

function flag(fields: Fields, key: string): boolean {
  const value = fields[key];
  if (typeof value !== 'boolean') throw malformed(`${key} is neither true nor false`);
  return value;
}

function textOf(fields: Fields, key: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw malformed(`${key} is no text`);
  return value;
}

function digest(fields: Fields, key: string): string {
  const value = textOf(fields, key);
  if (!/^[\da-f]{64}$/.test(value)) throw malformed(`${key} is no SHA-256`);
  return value;
}

function number(fields: Fields, key: string): bigint {
  const value = textOf(fields, key);
  if (!/^\d{1,50}$/.test(value)) throw malformed(`${key} is no number`);
  return BigInt(value);
}

function time(fields: Fields, key: string): number {
  const seconds = secondsOfText(textOf(fields, key));
  if (Number.isNaN(seconds)) throw malformed(`${key} is no time`);
  return seconds;
}

function count(fields: Fields, key: string): number {
  const value = fields[key];
  if (!Number.isSafeInteger(value) || Number(value) < 0) throw malformed(`${key} is no count`);
  return value as number;
}

function nullable<T>(fields: Fields, key: string, read: (fields: Fields, key: string) => T): T | null {
  return fields[key] === null ? null : read(fields, key);
}
