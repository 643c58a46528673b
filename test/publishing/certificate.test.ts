/** The client's certificate over real TLS, to a server that demands one. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';

import { createApiClient } from '../../clients/typescript/client';
import { certificateFetch } from '../../clients/typescript/node';
import { temporary } from './commands';

interface Paths {
  '/who': {
    post: {
      requestBody: { content: { 'text/plain': string } };
      responses: { 200: { content: { 'text/plain': string } } };
    };
  };
}

/** A self-signed certificate, which is its own authority. */
async function identity(name: string): Promise<{ cert: string; key: string }> {
  const folder = temporary();
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  await promisify(execFile)('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert]);
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}

it('a request carries the certificate and its body; without it, or to another server, there is no connection', async () => {
  const [server, client, other] = [
    await identity('server'),
    await identity('client'),
    await identity('other'),
  ];
  const listener = createServer({ ...server, ca: client.cert, requestCert: true }, (request, response) => {
    const { socket } = request;
    const subject = socket instanceof TLSSocket ? socket.getPeerCertificate().subject : { CN: '' };
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => response.end(`${subject.CN} ${body}`));
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const baseUrl = `https://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const who = (fetch: ReturnType<typeof certificateFetch>) =>
    createApiClient<Paths>({ baseUrl, fetch }).POST('/who', {
      body: 'hello',
      parseAs: 'text',
      bodySerializer: (text) => text,
    });
  try {
    await expect(who(certificateFetch({ ...client, ca: server.cert }))).resolves.toMatchObject({
      data: 'client hello',
    });
    await expect(who(certificateFetch({ ...other, ca: server.cert }))).rejects.toThrow();
    await expect(who(certificateFetch({ ...client, ca: other.cert }))).rejects.toThrow(
      /self-signed|certificate/,
    );
  } finally {
    listener.closeAllConnections();
    await new Promise((resolve) => listener.close(resolve));
  }
});
