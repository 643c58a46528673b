/** `openssl ocsp`, the responder that everybody has, over the serials of a test. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Authority } from './authority';
import { pem, type Keys } from './make-crl';

/** Responders of one CA, each a process of its own. */
export class OpensslResponders {
  private readonly folder = mkdtempSync(join(tmpdir(), 'sallyport-ocsp-'));
  private readonly processes: ChildProcess[] = [];
  private readonly authority: string;
  private readonly index: string;

  /** @param serials in hexadecimal of certificates that are good and that were revoked; any other is unknown */
  constructor(
    ca: Authority,
    { good, revoked }: { readonly good: readonly string[]; readonly revoked: readonly string[] },
  ) {
    this.authority = this.file('ca.pem', pem('CERTIFICATE', ca.der));
    const line = (status: string, date: string, serial: string): string =>
      `${status}\t491231235959Z\t${date}\t${serial}\tunknown\t/CN=${serial}\n`;
    this.index = this.file(
      'index.txt',
      [
        ...good.map((serial) => line('V', '', serial)),
        ...revoked.map((serial) => line('R', '260101000000Z,keyCompromise', serial)),
      ].join(''),
    );
  }

  /**
   * Starts one on a free port.
   *
   * @param certificate DER of who signs, with its keys
   * @returns its address
   */
  async start(certificate: Uint8Array, { privateKey }: Keys): Promise<string> {
    const count = this.processes.length;
    const signer = this.file(`signer-${count}.pem`, pem('CERTIFICATE', certificate));
    const key = this.file(
      `signer-${count}.key`,
      privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    );
    const child = spawn('openssl', [
      ...['ocsp', '-port', '0', '-index', this.index, '-CA', this.authority],
      ...['-rsigner', signer, '-rkey', key, '-nmin', '5'],
    ]);
    this.processes.push(child);
    let said = '';
    const port = await new Promise<string>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        said += chunk.toString();
        const found = /ACCEPT \S*:(\d+)/.exec(said);
        if (found !== null) resolve(found[1]!);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.on('exit', () => {
        reject(new Error(`openssl ocsp ended: ${said}`));
      });
    });
    return `http://127.0.0.1:${port}/`;
  }

  stop(): void {
    for (const child of this.processes) child.kill();
    rmSync(this.folder, { recursive: true });
  }

  private file(name: string, content: string): string {
    writeFileSync(join(this.folder, name), content);
    return join(this.folder, name);
  }
}
