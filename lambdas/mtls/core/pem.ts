/** Turns PEM or DER into DER, piece by piece (RFC 7468). */
import { Refusal } from './refusal';

const BEGIN = /-----BEGIN (X509 CRL|CRL)-----/;
/** Longest text before the list; `openssl crl -text` writes the whole list there, which is then too long. */
const MAX_PREAMBLE = 64 * 1024;

/** Decodes one list; one instance per file. */
export class Armor {
  private mode: 'unknown' | 'der' | 'before' | 'body' | 'after' = 'unknown';
  private text = '';
  /** Offset in the file of the text's first byte; in the block, about, as line breaks are taken out. */
  private at = 0;
  private label = '';
  private padded = false;

  /** Whether the file is DER, so that its size is the list's; `undefined` before its first byte. */
  get isDer(): boolean | undefined {
    return this.mode === 'unknown' ? undefined : this.mode === 'der';
  }

  write(chunk: Uint8Array): Uint8Array {
    if (chunk.length === 0) return chunk;
    if (this.mode === 'unknown') this.mode = chunk[0] === 0x30 ? 'der' : 'before';
    if (this.mode === 'der') return chunk;
    this.text += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    return this.decode(false);
  }

  end(): void {
    if (this.mode === 'der' || this.mode === 'unknown') return;
    this.decode(true);
    if (this.mode === 'before')
      throw new Refusal(
        'pem_malformed',
        'neither DER nor a PEM block "X509 CRL"; convert it with openssl crl',
        this.at,
      );
    if (this.mode === 'body')
      throw new Refusal('pem_malformed', 'the PEM block has no END line', this.at + this.text.length);
  }

  private decode(last: boolean): Uint8Array {
    if (this.mode === 'before') {
      const begin = BEGIN.exec(this.text);
      if (begin === null) {
        if (this.text.length > MAX_PREAMBLE)
          throw new Refusal('pem_malformed', `no list within the first ${MAX_PREAMBLE} bytes`, this.at);
        return new Uint8Array(0);
      }
      this.label = begin[1] ?? '';
      this.drop(begin.index + begin[0].length);
      this.mode = 'body';
    }
    if (this.mode === 'body') return this.body();
    // two lists in one file would be one that is read and one that is not
    const more = this.text.search(/\S/);
    if (this.text.includes('-----BEGIN') || this.text.length > MAX_PREAMBLE || (last && more >= 0)) {
      throw new Refusal(
        'pem_malformed',
        'there is more after the list; give one list per file',
        this.at + Math.max(more, 0),
      );
    }
    return new Uint8Array(0);
  }

  private body(): Uint8Array {
    const dash = this.text.indexOf('-');
    const block = dash < 0 ? this.text : this.text.slice(0, dash);
    const lines = block.replace(/[\r\n\t ]+/g, '');
    const whole = lines.length - (lines.length % 4);
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(lines) || (this.padded && lines.length > 0))
      throw new Refusal(
        'pem_malformed',
        'the PEM block is not base64',
        this.at + Math.max(block.search(/[^A-Za-z0-9+/=\s]/), 0),
      );
    const rest = lines.slice(whole);
    if (dash < 0) {
      this.at += this.text.length - rest.length;
      this.text = rest;
    } else {
      this.drop(dash);
      if (rest !== '')
        throw new Refusal('pem_malformed', 'the base64 of the PEM block is cut short', this.at);
      const end = `-----END ${this.label}-----`;
      if (this.text.length >= end.length) {
        if (!this.text.startsWith(end))
          throw new Refusal('pem_malformed', `expected the line ${end}`, this.at);
        this.drop(end.length);
        this.mode = 'after';
      }
    }
    if (whole > 0 && lines[whole - 1] === '=') this.padded = true;
    return Buffer.from(lines.slice(0, whole), 'base64');
  }

  private drop(length: number): void {
    this.text = this.text.slice(length);
    this.at += length;
  }
}
