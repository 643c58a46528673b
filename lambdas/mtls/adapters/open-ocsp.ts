/** Puts questions to OCSP responders together for one deployed environment. */
import { randomBytes } from 'node:crypto';

import { systemClock } from '../../_kernel/clock';
import { createLogger } from '../../_kernel/log';
import { OCSP_METRIC, type OcspSettings } from '../contract';
import { readCertificates, type Certificate } from '../core/certificate';
import { OnlineStatuses } from '../core/online-status';
import { readBundle } from './bundle';
import { callResponder } from './ocsp-call';

/** With the reads before it below the function's own 8 s. */
const MILLISECONDS = 1_500;
/** Octets of an answer; one with its signer's certificate has about 2,000. */
const MAX_ANSWER = 65_536;
/** Octets of a nonce (RFC 9654 section 2.1). */
const NONCE = 32;
/** Milliseconds after which the trust store is read again. */
const AUTHORITIES_FOR = 300_000;

export function openOcsp(settings: OcspSettings): OnlineStatuses {
  const logger = createLogger();
  return new OnlineStatuses({
    responders: settings.OCSP_RESPONDERS.split(' '),
    maximumAge: settings.OCSP_MAXIMUM_AGE_SECONDS,
    clock: systemClock,
    nonce: () => randomBytes(NONCE),
    ask: (responder, request) =>
      callResponder(responder, request, { milliseconds: MILLISECONDS, maximumBytes: MAX_ANSWER }),
    authorities: keptFor(AUTHORITIES_FOR, async () =>
      readCertificates(await readBundle(settings.TRUST_STORE_BUCKET, settings.TRUST_STORE_KEY)),
    ),
    onFault: (reason, cause) => {
      logger.error('ocsp_failed', { reason }, cause);
      logger.metric(OCSP_METRIC, { Reason: reason });
    },
  });
}

/** Reads once for all who ask within a time; what could not be read is read again by the next. */
function keptFor(
  milliseconds: number,
  read: () => Promise<readonly Certificate[]>,
): () => Promise<readonly Certificate[]> {
  let kept: { readonly until: number; readonly value: Promise<readonly Certificate[]> } | undefined;
  return async () => {
    if (kept === undefined || systemClock() >= kept.until) {
      const value = read();
      kept = { until: systemClock() + milliseconds, value };
      value.catch(() => {
        kept = undefined;
      });
    }
    return kept.value;
  };
}
