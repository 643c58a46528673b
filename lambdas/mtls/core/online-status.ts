/**
 * What OCSP responders say of certificates that no list speaks of, as one process of the authorizer knows it.
 *
 * Answers are kept for as long as they count, in a bounded number; requests for one certificate wait for one question.
 */
import type { Clock } from '../../_kernel/clock';
import type { Certificate } from './certificate';
import { readOcspResponse, type OcspAnswer, type OcspFault } from './ocsp';
import { ocspRequest, questionKey, respondersOf, type OcspQuestion } from './ocsp-request';
import { Refusal } from './refusal';

/** Why nothing is known; stable, in logs and metrics. */
export type OnlineFault =
  | OcspFault
  /** The certificate names responders, and none of them is in the settings. */
  | 'ocsp_responder_not_allowed'
  /** No certificate of the trust store is the one CA of the certificate. */
  | 'ocsp_issuer_unknown'
  /** No answer in time, one that is no 200, or the trust store could not be read. */
  | 'ocsp_unreachable'
  | 'ocsp_too_large';

export type OnlineStatus =
  { readonly status: 'good' | 'revoked' } | { readonly status: 'fault'; readonly reason: OnlineFault };

/** What a responder sent, within bounds of time and size. */
export type Sent =
  | { readonly outcome: 'answered'; readonly bytes: Uint8Array }
  | { readonly outcome: 'unreachable' | 'too_large' };

export interface OnlineStatusOptions {
  /** Addresses that may be asked, and no others; the first is for certificates that name none. */
  readonly responders: readonly string[];
  /** Seconds for which an answer is kept at most, and counts when it has no nextUpdate. */
  readonly maximumAge: number;
  readonly clock: Clock;
  /** Random octets of a nonce. */
  readonly nonce: () => Uint8Array;
  /** Never follows a redirect. What it throws counts as unreachable. */
  readonly ask: (responder: string, request: Uint8Array) => Promise<Sent>;
  /** Certificates of the trust store. What it throws counts as unreachable. */
  readonly authorities: () => Promise<readonly Certificate[]>;
  /** Told of every question that had no answer that counts. */
  readonly onFault: (reason: OnlineFault, cause?: unknown) => void;
}

/** Answers kept at once. */
const MAX_ANSWERS = 10_000;
/** Seconds in which a question that had no answer that counts is not asked again. */
const PAUSE = 1;

interface Kept {
  readonly status: OnlineStatus;
  readonly until: number;
}

export class OnlineStatuses {
  private readonly kept = new Map<string, Kept>();
  private readonly inFlight = new Map<string, Promise<OnlineStatus>>();
  private readonly options: OnlineStatusOptions;

  constructor(options: OnlineStatusOptions) {
    this.options = options;
  }

  /** Whether a certificate is revoked. Never throws. */
  async statusOf(certificate: Certificate): Promise<OnlineStatus> {
    const responder = this.responderFor(certificate);
    if (responder === undefined) return this.faulted('ocsp_responder_not_allowed');
    let issuer: Certificate | undefined;
    try {
      issuer = issuerOf(certificate, await this.options.authorities());
    } catch (cause) {
      return this.faulted('ocsp_unreachable', cause);
    }
    if (issuer === undefined) return this.faulted('ocsp_issuer_unknown');
    const key = questionKey(issuer, certificate);
    const known = this.kept.get(key);
    if (known !== undefined && this.seconds() < known.until) return known.status;
    const running = this.inFlight.get(key);
    if (running !== undefined) return running;
    const asking = this.ask(key, responder, certificate, issuer).finally(() => this.inFlight.delete(key));
    this.inFlight.set(key, asking);
    return asking;
  }

  /** The CA of a certificate, whose own certificate lists may speak of; throws when the trust store cannot be read. */
  async issuerOf(certificate: Certificate): Promise<Certificate | undefined> {
    return issuerOf(certificate, await this.options.authorities());
  }

  private async ask(
    key: string,
    responder: string,
    certificate: Certificate,
    issuer: Certificate,
  ): Promise<OnlineStatus> {
    const { nonce, maximumAge } = this.options;
    const question = { certificate, issuer, nonce: nonce(), now: Math.floor(this.seconds()), maximumAge };
    const answer = await this.answerTo(question, responder);
    const status: OnlineStatus =
      answer.status === 'fault' ? this.faulted(answer.reason, answer.cause) : { status: answer.status };
    this.keep(key, { status, until: answer.status === 'fault' ? this.seconds() + PAUSE : answer.until });
    return status;
  }

  private async answerTo(
    question: OcspQuestion,
    responder: string,
  ): Promise<
    | Exclude<OcspAnswer, { status: 'fault' }>
    | { readonly status: 'fault'; readonly reason: OnlineFault; readonly cause?: unknown }
  > {
    try {
      const sent = await this.options.ask(responder, ocspRequest(question));
      return sent.outcome === 'answered'
        ? readOcspResponse(sent.bytes, question)
        : { status: 'fault', reason: `ocsp_${sent.outcome}` };
    } catch (cause) {
      return { status: 'fault', reason: 'ocsp_unreachable', cause };
    }
  }

  /** One that the certificate names and the settings have; the first of those for a certificate that names none. */
  private responderFor(certificate: Certificate): string | undefined {
    const { responders } = this.options;
    const named = namedBy(certificate);
    return named.length === 0 ? responders[0] : responders.find((responder) => named.includes(responder));
  }

  private keep(key: string, answer: Kept): void {
    // the oldest goes first: a Map has its keys in the order they were put in
    this.kept.delete(key);
    const [oldest] = this.kept.keys();
    if (this.kept.size >= MAX_ANSWERS && oldest !== undefined) this.kept.delete(oldest);
    this.kept.set(key, answer);
  }

  private faulted(reason: OnlineFault, cause?: unknown): OnlineStatus {
    this.options.onFault(reason, cause);
    return { status: 'fault', reason };
  }

  private seconds(): number {
    return this.options.clock() / 1000;
  }
}

/** What cannot be read names nobody that may be asked. */
function namedBy(certificate: Certificate): readonly string[] {
  try {
    return respondersOf(certificate);
  } catch (error) {
    if (error instanceof Refusal) return [''];
    throw error;
  }
}

/** The CA of a certificate; `undefined` when none or more than one key of that name may be it. */
function issuerOf(
  { issuer, authorityKeyId }: Certificate,
  authorities: readonly Certificate[],
): Certificate | undefined {
  const named = authorities.filter(
    ({ subject, subjectKeyId, authority }) =>
      subject.hash === issuer.hash &&
      authority === true &&
      (authorityKeyId === undefined || subjectKeyId === undefined || authorityKeyId === subjectKeyId),
  );
  const [first, ...others] = named;
  const oneKey =
    first !== undefined &&
    others.every(({ publicKeyInfo }) => Buffer.compare(publicKeyInfo, first.publicKeyInfo) === 0);
  return oneKey ? first : undefined;
}
