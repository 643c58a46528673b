/** The front door's check of `mutualTLS`: a client certificate that its CA has not revoked. */
import type { Caller } from '../_kernel/caller';
import { systemClock, type Clock } from '../_kernel/clock';
import { atFirstUse } from '../_kernel/env';
import { createLogger } from '../_kernel/log';
import { ocspEnv, revocationCheckEnv } from './contract';
import type { Certificate } from './core/certificate';
import { readClientCertificate, type CertificateFault } from './core/client-certificate';
import { isLate } from './core/freshness';
import type { ListStatus } from './core/lists';
import type { OnlineFault, OnlineStatuses } from './core/online-status';
import { serialText } from './core/serial';
import type { UnknownReason } from './core/status';

interface Request {
  /** `clientCert` of the event's context; whatever a header says of a certificate is not looked at. */
  readonly clientCertificate?: unknown;
}

/** `issuer_revoked`: a CA above it was. */
type Revoked = 'certificate_revoked' | 'issuer_revoked';

/** Why a certificate does not open; stable, in logs and metrics. */
type Reason =
  CertificateFault | Revoked | 'list_missing' | 'list_expired' | 'lists_unavailable' | OnlineFault;

type Result =
  | { readonly ok: true; readonly caller: Caller }
  /** The certificate is not enough: TLS has no challenge for a 401 (RFC 9110 section 15.5.2). */
  | {
      readonly ok: false;
      readonly failure: 'forbidden';
      readonly reason: CertificateFault | Revoked;
    }
  /** Whether it was revoked could not be found out. */
  | {
      readonly ok: false;
      readonly failure: 'unavailable';
      readonly reason: Exclude<Reason, CertificateFault | Revoked>;
    };

/** `issuer`: the CA of a certificate that is good. */
type OnlineAnswer =
  | { readonly status: 'fault'; readonly reason: OnlineFault }
  | { readonly status: 'revoked' }
  | { readonly status: 'good'; readonly issuer: Certificate };

export interface CertificateCheckPorts {
  readonly clock: Clock;
  readonly statusOf: (certificate: Certificate) => Promise<ListStatus>;
  /** What a responder says of a certificate that no list speaks of; `undefined` where none is to be asked. */
  readonly onlineStatusOf: (certificate: Certificate) => Promise<OnlineAnswer | undefined>;
  /** Told of certificates that are let in although their list is not in time. */
  readonly onLate: (freshness: string) => void;
  /** Told why no list speaks of a certificate that is refused for it. */
  readonly onUnknown: (why: UnknownReason) => void;
}

/**
 * Makes the check of a scheme. The chain was verified by API Gateway in the handshake; here the certificate is read,
 * its dates are looked at again, and issuer and serial are looked up in every list that speaks of it. Where there is none
 * a responder may be asked.
 *
 * @param scheme name of the scheme in the document; reaches the handler
 * @param ports default those of the deployed environment
 */
export function clientCertificateCheck(
  scheme: string,
  ports: CertificateCheckPorts = deployedPorts(),
): (request: Request) => Promise<Result> {
  return async ({ clientCertificate }) => {
    const read = readClientCertificate(clientCertificate, Math.floor(ports.clock() / 1000));
    if (!read.ok) return { ok: false, failure: 'forbidden', reason: read.fault };
    const status = await ports.statusOf(read.certificate);
    switch (status.status) {
      case 'revoked':
        return { ok: false, failure: 'forbidden', reason: 'certificate_revoked' };
      case 'issuer_revoked':
        return { ok: false, failure: 'forbidden', reason: 'issuer_revoked' };
      case 'unknown':
        return withoutList(scheme, read.certificate, status.reason, ports);
      case 'unavailable':
        return { ok: false, failure: 'unavailable', reason: 'lists_unavailable' };
      case 'good':
        if (status.freshness !== 'fresh') ports.onLate(status.freshness);
        return allowed(scheme, read.certificate, status.freshness);
    }
  };
}

/** A list that speaks of the certificate and is late is not made good by a responder. */
async function withoutList(
  scheme: string,
  certificate: Certificate,
  why: UnknownReason,
  { onlineStatusOf, statusOf, onUnknown }: CertificateCheckPorts,
): Promise<Result> {
  const reason = reasonOf(why);
  const online = reason === 'list_missing' ? await onlineStatusOf(certificate) : undefined;
  if (online === undefined) {
    onUnknown(why);
    return { ok: false, failure: 'unavailable', reason };
  }
  switch (online.status) {
    case 'fault':
      return { ok: false, failure: 'unavailable', reason: online.reason };
    case 'revoked':
      return { ok: false, failure: 'forbidden', reason: 'certificate_revoked' };
    case 'good':
      return faultOfIssuer(await statusOf(online.issuer)) ?? allowed(scheme, certificate, 'online');
  }
}

/** What lists say of the CA of a certificate that a responder called good; a CA of which none speaks is as it was. */
function faultOfIssuer(status: ListStatus): Result | undefined {
  switch (status.status) {
    case 'revoked':
    case 'issuer_revoked':
      return { ok: false, failure: 'forbidden', reason: 'issuer_revoked' };
    case 'unavailable':
      return { ok: false, failure: 'unavailable', reason: 'lists_unavailable' };
    case 'unknown':
      return isLate(status.reason)
        ? { ok: false, failure: 'unavailable', reason: 'list_expired' }
        : undefined;
    case 'good':
      return undefined;
  }
}

function allowed(scheme: string, certificate: Certificate, status: string): Result {
  return { ok: true, caller: callerOf(scheme, certificate, status) };
}

/** Lists that speak of the certificate and no longer count, apart from there being none. */
function reasonOf(reason: UnknownReason): 'list_missing' | 'list_expired' {
  return isLate(reason) ? 'list_expired' : 'list_missing';
}

function callerOf(scheme: string, certificate: Certificate, status: string): Caller {
  const { subject, issuer, serial, fingerprint } = certificate;
  return {
    // a certificate may be named by its alternative names alone
    subject: subject.rfc4514 === '' ? fingerprint : subject.rfc4514,
    clientId: fingerprint,
    scheme,
    scopes: [],
    groups: [],
    certificate: {
      subject: subject.rfc4514,
      issuer: issuer.rfc4514,
      serial: serialText(serial),
      fingerprint,
      status,
    },
  };
}

async function onlineAnswer(online: OnlineStatuses, certificate: Certificate): Promise<OnlineAnswer> {
  const answer = await online.statusOf(certificate);
  if (answer.status === 'fault') return answer;
  if (answer.status === 'revoked') return { status: 'revoked' };
  // the trust store was read a moment ago; where it cannot be now, nothing is known of the CA
  const issuer = await online.issuerOf(certificate).catch(() => undefined);
  return issuer === undefined
    ? { status: 'fault', reason: 'ocsp_issuer_unknown' }
    : { status: 'good', issuer };
}

function deployedPorts(): CertificateCheckPorts {
  const logger = createLogger();
  const lists = atFirstUse(async () => {
    const { openLists } = await import('./adapters/open-lists');
    return openLists(revocationCheckEnv.read(process.env));
  });
  const responders = atFirstUse(async () => {
    if (revocationCheckEnv.read(process.env).OCSP === undefined) return undefined;
    const { openOcsp } = await import('./adapters/open-ocsp');
    return openOcsp(ocspEnv.read(process.env));
  });
  return {
    clock: systemClock,
    statusOf: async (certificate) => (await lists()).statusOf(certificate),
    onlineStatusOf: async (certificate) => {
      const online = await responders();
      return online === undefined ? undefined : onlineAnswer(online, certificate);
    },
    onLate: (freshness) => {
      logger.warn('list_late', { freshness });
    },
    onUnknown: (why) => {
      logger.warn('certificate_unknown', { why });
    },
  };
}
