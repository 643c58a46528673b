/** What `npm run crl` does: the very code that the Lambda functions run, over files. */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';

import { keyIdentifierOf } from '../../lambdas/mtls/core/behind';
import { readCertificate, readCertificates, type Certificate } from '../../lambdas/mtls/core/certificate';
import { compileList, type Compiled, type CompileOptions } from '../../lambdas/mtls/core/compile';
import { findByRanges, IndexView, type Found } from '../../lambdas/mtls/core/lookup';
import type { Manifest } from '../../lambdas/mtls/core/manifest';
import { differences } from '../../lambdas/mtls/core/merge';
import { readUnverified } from '../../lambdas/mtls/core/read';
import { describeRefusal, Refusal } from '../../lambdas/mtls/core/refusal';
import { serialOf } from '../../lambdas/mtls/core/serial';
import { faultAbove } from '../../lambdas/mtls/core/path';
import { listsFor, REASONS, statusOf, type Status } from '../../lambdas/mtls/core/status';
import type { Subject } from '../../lambdas/mtls/core/subject';
import { timeText } from '../../lambdas/mtls/core/time';
import { keep, manifestsOf, readIndex, readRange, type Kept } from './folder';

/** Exit codes; docs/mtls.md has them too. */
export const EXIT = { ok: 0, refused: 1, usage: 2, revoked: 3, unknown: 4, different: 3 } as const;

/** Something that the caller can mend; shown without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What a command writes and how it ends. */
export interface Outcome {
  readonly exit: number;
  readonly out: readonly string[];
  readonly error?: string;
}

export interface ListOptions {
  /** Certificate files. */
  readonly issuers: readonly string[];
  /** Seconds since 1970. */
  readonly now: number;
  readonly rules: CompileOptions['rules'];
  readonly insecureSha1: boolean;
}

/** Octets read at once: few enough calls, and the window's size. */
const CHUNK = 256 * 1024;

/** Whether a list would be accepted, and what it says. */
export async function inspect(file: string, options: ListOptions, against?: string): Promise<Outcome> {
  const compiled = await compileFile(file, options, against);
  if (!compiled.accepted) return refused(file, compiled.refusal);
  return { exit: EXIT.ok, out: describe(compiled.manifest) };
}

/** Compiles a list into a folder; whatever is in force there stays when the list is refused. */
export async function compile(file: string, options: ListOptions, folder: string): Promise<Outcome> {
  const compiled = await compileFile(file, options, folder);
  if (!compiled.accepted) return refused(file, compiled.refusal);
  const { manifest, index } = compiled;
  const name = keep(folder, file, manifest, index);
  return {
    exit: EXIT.ok,
    out: [`${name}: ${manifest.entries} entries, index ${index.key} (${index.size} bytes)`],
  };
}

/** What the lists of a folder say of a certificate, or of a serial of an issuer. */
export async function check(
  folder: string,
  subject: Subject,
  { now, rules }: Pick<ListOptions, 'now' | 'rules'>,
): Promise<Outcome> {
  const kept = manifestsOf(folder);
  if (kept.length === 0)
    throw new UsageError(`${folder} has no compiled list; run npm run -s crl -- compile first`);
  const manifests = kept.map(({ manifest }) => manifest);
  const ask = async (asked: Subject): Promise<{ status: Status; by: Manifest[] }> => {
    const { usable, reason } = listsFor(manifests, asked, now, rules);
    const answers = await Promise.all(
      manifests.map(async (manifest) => ({ manifest, found: await find(folder, manifest, asked) })),
    );
    // who asks by serial does not know the partition: revoked in any list of the key is said
    const counting = answers.filter(
      ({ manifest, found }) =>
        usable.includes(manifest) || (found.status === 'revoked' && mayMean(manifest, asked)),
    );
    const by = counting.map(({ manifest }) => manifest);
    return { status: statusOf(counting, reason, now, rules), by };
  };
  const { status: own, by } = await ask(subject);
  const status = (own.status === 'good' ? await faultAbove(subject, by, ask) : undefined) ?? own;
  switch (status.status) {
    case 'issuer_revoked':
      return { exit: EXIT.revoked, out: ['revoked'], error: 'the certificate of a CA above it is revoked' };
    case 'unavailable':
      throw new TypeError('a list of the folder was not read');
    case 'good':
      return {
        exit: EXIT.ok,
        out: ['good'],
        ...(status.freshness === 'fresh' ? {} : { error: `the list is late: ${status.freshness}` }),
      };
    case 'revoked':
      return { exit: EXIT.revoked, out: [`revoked ${timeText(status.date)} ${status.reason}`] };
    case 'unknown':
      return {
        exit: EXIT.unknown,
        out: ['unknown'],
        error: `${status.reason}: ${ADVICE[status.reason] ?? 'no list that holds now speaks of the certificate'}`,
      };
  }
}

/** Whether an entry of a list can be about a certificate, whatever the scope of the list. */
function mayMean({ issuer }: Manifest, { issuer: { hash }, authorityKeyId }: Subject): boolean {
  return hash !== issuer.hash || authorityKeyId === undefined || issuer.keys.includes(authorityKeyId);
}

const ADVICE: Readonly<Record<string, string>> = {
  distribution_point_differs: 'the list is one partition of several; ask with --certificate <pem>',
  indirect_not_named: 'the list is indirect; ask with --certificate <pem>',
  issuer_differs: 'no list of that issuer is compiled here',
  issuer_key_differs: 'the list is of another key of that name; compile the list of the key that issued it',
};

/** What changed from one list to another; neither signature is looked at. */
export async function diff(before: string, after: string): Promise<Outcome> {
  const [old, now] = [await unverified(before), await unverified(after)];
  const out: string[] = [];
  for (const { change, serial, date, reason } of differences(old, now))
    out.push(`${MARKS[change]} ${serial} ${timeText(date)} ${REASONS[reason] ?? 'unspecified'}`);
  return { exit: out.length === 0 ? EXIT.ok : EXIT.different, out };
}

const MARKS = { added: '+', removed: '-', changed: '~' } as const;

/** Subject of a lookup by serial alone: a client's certificate that names no distribution point. */
export function subjectOf(issuerFile: string, serial: string): Subject {
  const octets = serialOf(serial);
  if (octets === undefined)
    throw new UsageError(
      `--serial ${JSON.stringify(serial)} is no hexadecimal number; give it as openssl x509 -serial prints it`,
    );
  const issuer = certificatesIn(issuerFile)[0];
  if (issuer === undefined) throw new UsageError(`${issuerFile} has no certificate`);
  const authorityKeyId = keyIdentifierOf(issuer);
  const identity = { issuer: issuer.subject, authorityKeyId, serial: octets };
  return { ...identity, version: 3, authority: false, distributionPoints: [] };
}

/** Subject of a lookup by certificate. */
export function certificateIn(file: string): Certificate {
  return named(file, () => readCertificate(readFileSync(file)));
}

function certificatesIn(file: string): Certificate[] {
  const found = named(file, () => readCertificates(readFileSync(file)));
  if (found.length === 0) throw new UsageError(`${file} has no certificate; give PEM or DER`);
  return found;
}

async function find(folder: string, manifest: Manifest, { issuer, serial }: Subject): Promise<Found> {
  const read = (offset: number, length: number): Promise<Uint8Array> =>
    readRange(folder, manifest, offset, length);
  const view = new IndexView(await read(0, manifest.index.resident.filter));
  return findByRanges(view, issuer.hash, serial, read);
}

async function compileFile(file: string, options: ListOptions, folder?: string): Promise<Compiled> {
  const { size } = statSync(file);
  const kept: Kept[] = folder === undefined ? [] : manifestsOf(folder);
  return compileList(chunksOf(file), {
    issuers: options.issuers.flatMap(certificatesIn),
    now: options.now,
    rules: options.rules,
    insecureSha1: options.insecureSha1,
    size,
    previous: async (series) => kept.find(({ manifest }) => manifest.series === series)?.manifest,
    ...(folder === undefined ? {} : { readIndex: (manifest: Manifest) => readIndex(folder, manifest) }),
  });
}

async function unverified(file: string): Promise<Uint8Array> {
  try {
    const { index } = await readUnverified(chunksOf(file));
    return Buffer.concat(index.pieces);
  } catch (error) {
    throw located(file, error);
  }
}

/** Pieces of a file, each valid until the next is asked for. */
function* chunksOf(file: string): Generator<Uint8Array> {
  const descriptor = openSync(file, 'r');
  try {
    const chunk = new Uint8Array(CHUNK);
    for (let length = readSync(descriptor, chunk); length > 0; length = readSync(descriptor, chunk))
      yield chunk.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

function named<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw located(file, error);
  }
}

function located(file: string, error: unknown): unknown {
  return error instanceof Refusal ? new UsageError(`${file}: ${describeRefusal(error)}`) : error;
}

function refused(file: string, refusal: Refusal): Outcome {
  return { exit: EXIT.refused, out: [], error: `${file}: refused: ${describeRefusal(refusal)}` };
}

function describe(manifest: Manifest): string[] {
  const { issuer, number, baseNumber, thisUpdate, nextUpdate, scope, signatureAlgorithm, entries } = manifest;
  return [
    `accepted: ${entries} entries`,
    `issuer: ${issuer.name}`,
    `key id: ${issuer.keyId ?? 'none'}`,
    `number: ${number ?? 'none'}${baseNumber === null ? '' : `, delta to ${baseNumber}`}`,
    `this update: ${timeText(thisUpdate)}`,
    `next update: ${nextUpdate === null ? 'none' : timeText(nextUpdate)}`,
    `signature: ${signatureAlgorithm}`,
    `scope: ${scope.only}${scope.indirect ? ', indirect' : ''}${scope.distributionPoints.map((point) => `, ${point}`).join('')}`,
  ];
}
