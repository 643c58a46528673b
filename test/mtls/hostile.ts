/** Child of bounds.test.ts: lists that claim or bring more than anybody should hold; says the rule and the growth of each. */
import { compileList } from '../../lambdas/mtls/core/compile';
import { Authority, RULES } from './authority';
import { der, integer, makeEntry, name, NOW, oid, sequence, time } from './make-crl';

const MIB = 1024 * 1024;
const ca = new Authority('CA');
const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
const zeros = Buffer.alloc(MIB);
const entry = makeEntry({ serial: 1n << 150n });
const entries = Buffer.concat(Array.from({ length: 10_000 }, () => entry));

/** A SEQUENCE that claims a length, whatever follows. */
const claim = (length: number, octets = 4): Buffer => {
  const bytes = Buffer.alloc(octets);
  bytes.writeUIntBE(length, Math.max(0, octets - 6), Math.min(6, octets));
  return Buffer.concat([Buffer.from([0x30, 0x80 | octets]), bytes]);
};

const fields = Buffer.concat([integer(1), algorithm, name('CA'), time(NOW - 60), time(NOW + 3600)]);

/** Goes on for as long as it is asked, 2 GiB at most, so that a reader without a bound is found out and ends. */
function* endless(start: Buffer, more: Buffer): Generator<Buffer> {
  yield start;
  for (let sent = 0; sent < 2048 * MIB; sent += more.length) yield more;
}

function* nested(levels: number): Generator<Buffer> {
  let inner: Buffer = Buffer.from([0x05, 0x00]);
  for (let i = 0; i < levels; i += 1) inner = der(0x30, inner);
  yield sequence(fields, der(0xa0, inner));
}

const CASES: Readonly<Record<string, () => Iterable<Buffer>>> = {
  'a length of 10 GB': () => endless(claim(10_000_000_000, 5), zeros),
  'a length of 4 GB': () => endless(claim(4_000_000_000), zeros),
  'a length of 4 GB inside': () =>
    endless(Buffer.concat([claim(900 * MIB), claim(899 * MIB), fields, claim(4_000_000_000)]), entries),
  'an entry of 800 MB': () =>
    endless(
      Buffer.concat([claim(900 * MIB), claim(899 * MIB), fields, claim(850 * MIB), claim(800 * MIB)]),
      zeros,
    ),
  'a name of 800 MB': () =>
    endless(
      Buffer.concat([claim(900 * MIB), claim(899 * MIB), integer(1), algorithm, claim(800 * MIB)]),
      zeros,
    ),
  'an extension of 800 MB': () =>
    endless(
      Buffer.concat([
        claim(900 * MIB),
        claim(899 * MIB),
        fields,
        Buffer.from([0xa0]),
        claim(800 * MIB).subarray(1),
      ]),
      zeros,
    ),
  'an algorithm of 800 MB': () =>
    endless(Buffer.concat([claim(900 * MIB), claim(899 * MIB), integer(1), claim(800 * MIB)]), zeros),
  'text before PEM without end': () =>
    endless(Buffer.from('Certificate Revocation List\n'), Buffer.alloc(MIB, 'x\n')),
  'PEM without end of nothing': () =>
    endless(Buffer.from('-----BEGIN X509 CRL-----\n'), Buffer.alloc(MIB, '\n')),
  'PEM without end of zeros': () =>
    endless(Buffer.from('-----BEGIN X509 CRL-----\n'), Buffer.alloc(MIB, 'A')),
  'nothing but zeros': () => endless(Buffer.alloc(0), zeros),
  'bytes after the list without end': () => endless(ca.list([{ serial: 1n }]), zeros),
  'two thousand levels': () => nested(2000),
  'one byte at a time': () => Array.from(ca.list([], { number: -1n }), (byte) => Buffer.from([byte])),
};

async function main(): Promise<void> {
  // what loading and a first list cost is no growth
  await compileList([ca.list([{ serial: 1n }])], { issuers: [ca.certificate], now: NOW, rules: RULES });
  for (const [name_, chunks] of Object.entries(CASES)) {
    const before = process.memoryUsage().rss;
    const peaks = { rss: before };
    const watched = function* (): Generator<Buffer> {
      for (const chunk of chunks()) {
        peaks.rss = Math.max(peaks.rss, process.memoryUsage.rss());
        yield chunk;
      }
    };
    const compiled = await compileList(watched(), { issuers: [ca.certificate], now: NOW, rules: RULES });
    process.send?.({
      name: name_,
      rule: compiled.accepted ? 'accepted' : compiled.refusal.code,
      grownMiB: Math.round((Math.max(peaks.rss, process.memoryUsage().rss) - before) / MIB),
    });
  }
  process.disconnect();
}

void main();
