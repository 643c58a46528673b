/**
 * The partner listener: ends mutual TLS as a custom domain of API Gateway does, which no emulator has. It takes
 * connections with a certificate of the deployed trust store alone, and hands the certificate over in the shape of AWS.
 */
import type { X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import { TLSSocket } from 'node:tls';

import type { Issued } from './ca';
import { forward } from './forward';
import { problem } from './http';

interface PartnerListener {
  readonly emulatorUrl: string;
  /** Domain of the deployed API, by which the emulator finds it. */
  readonly domain: string;
  /** Known to the emulator too: without it a certificate in a header is nobody's. */
  readonly secret: string;
  /** Certificate of the listener itself. */
  readonly server: Pick<Issued, 'certPem' | 'keyPem'>;
  /** PEM of the deployed trust store. */
  readonly trustStore: string;
}

/** `clientCert` of an event (https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html). */
interface ClientCert {
  readonly clientCertPem: string;
  readonly subjectDN: string;
  readonly issuerDN: string;
  readonly serialNumber: string;
  readonly validity: { readonly notBefore: string; readonly notAfter: string };
}

export function partnerListener(options: PartnerListener): Server {
  const { emulatorUrl, domain, secret, server, trustStore } = options;
  const target = new URL(emulatorUrl);
  return createServer(
    {
      cert: server.certPem,
      key: server.keyPem,
      ca: trustStore,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
    },
    (incoming, outgoing) => {
      const { socket } = incoming;
      const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
      if (certificate === undefined) {
        // the handshake was refused without one
        problem(outgoing, 403, 'Forbidden', 'there is no client certificate');
        return;
      }
      const handedOver = Buffer.from(JSON.stringify(clientCertOf(certificate))).toString('base64');
      const own = ['Host', domain, 'X-Sallyport-Partner-Secret', secret];
      forward(incoming, outgoing, {
        target,
        path: incoming.url ?? '/',
        own: [...own, 'X-Sallyport-Client-Certificate', handedOver],
      });
    },
  );
}

export function clientCertOf(certificate: X509Certificate): ClientCert {
  return {
    clientCertPem: certificate.toString(),
    subjectDN: certificate.subject.replaceAll('\n', ','),
    issuerDN: certificate.issuer.replaceAll('\n', ','),
    serialNumber: BigInt(`0x${certificate.serialNumber}`).toString(),
    validity: { notBefore: certificate.validFrom, notAfter: certificate.validTo },
  };
}
