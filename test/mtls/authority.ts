/** A CA of the tests, what it signs, and the core run over it. */
import { readCertificate, type Certificate } from '../../lambdas/mtls/core/certificate';
import { compileList, type Compiled, type CompileOptions } from '../../lambdas/mtls/core/compile';
import { IndexView } from '../../lambdas/mtls/core/lookup';
import { listsFor, statusOf, type Status } from '../../lambdas/mtls/core/status';
import {
  CA_CONSTRAINTS,
  CA_USAGE,
  makeCertificate,
  makeKeys,
  makeList,
  NOW,
  type Entry,
  type Kind,
  type ListParts,
} from './make-crl';

export const RULES: CompileOptions['rules'] = {
  freshness: { kind: 'hard' },
  maximumAge: null,
  withoutNextUpdate: 'refuse',
};

export class Authority {
  readonly keys;
  readonly certificate: Certificate;
  readonly der: Buffer;

  readonly commonName: string;

  constructor(
    commonName: string,
    kind: Kind = 'ecdsa-p256',
    extensions: readonly Buffer[] = [CA_USAGE, CA_CONSTRAINTS],
  ) {
    this.commonName = commonName;
    this.keys = makeKeys(kind);
    this.der = makeCertificate({ subject: commonName, keys: this.keys, extensions });
    this.certificate = readCertificate(this.der);
  }

  list(entries: readonly Entry[] = [], parts: Partial<ListParts> = {}): Buffer {
    return makeList({ issuer: this.commonName, keys: this.keys, entries, ...parts });
  }

  client(serial: bigint, ...extensions: readonly Buffer[]): Certificate {
    const parts = { subject: 'client', issuer: this.commonName, serial, keys: this.keys, extensions };
    return readCertificate(makeCertificate(parts));
  }

  async compile(list: Uint8Array, options: Partial<CompileOptions> = {}): Promise<Compiled> {
    return compileList([list], { issuers: [this.certificate], now: NOW, rules: RULES, ...options });
  }
}

export type Accepted = Extract<Compiled, { accepted: true }>;

export function accepted(compiled: Compiled): Accepted {
  if (!compiled.accepted) throw compiled.refusal;
  return compiled;
}

/** Rule by which a list was refused, or `accepted`. */
export function ruleOf(compiled: Compiled): string {
  return compiled.accepted ? 'accepted' : compiled.refusal.code;
}

export function bytesOf({ index }: Accepted): Buffer {
  return Buffer.concat(index.pieces);
}

/** Status of a certificate by lists that are in force. */
export function ask(lists: readonly Accepted[], certificate: Certificate, now = NOW, rules = RULES): Status {
  const { usable, reason } = listsFor(
    lists.map(({ manifest }) => manifest),
    certificate,
    now,
    rules,
  );
  const answers = lists
    .filter(({ manifest }) => usable.includes(manifest))
    .map((list) => {
      const found = new IndexView(bytesOf(list)).find(certificate.issuer.hash, certificate.serial);
      if (!('status' in found)) throw new Error('an index in memory asked for a range');
      return { manifest: list.manifest, found };
    });
  return statusOf(answers, reason, now, rules);
}
