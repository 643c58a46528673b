/** Child of bounds.test.ts: lists of every kind, changed where DER is built, for as long as it is told. */
import { compileList } from '../../lambdas/mtls/core/compile';
import { Refusal } from '../../lambdas/mtls/core/refusal';
import { Authority, RULES } from './authority';
import { certificateIssuer, deltaOf, issuingPoint, NOW, pem, signed, type Kind } from './make-crl';
import { chance, mutated, parsed, pick, Random, encoded } from './mutations';

const KINDS: readonly Kind[] = [
  'ecdsa-p256',
  'rsa-sha256',
  'rsa-pss-sha256',
  'ecdsa-p384',
  'ecdsa-p521',
  'ed25519',
];
const [seconds = 3, seed = 1] = process.argv.slice(2).map(Number);
const random = new Random(seed);
const entries = (count: number): { serial: bigint; reason?: number }[] =>
  Array.from({ length: count }, (_, i) => ({
    serial: BigInt(i) ** 5n,
    ...(i % 3 === 0 ? { reason: 1 } : {}),
  }));

const corpus = KINDS.flatMap((kind) => {
  const ca = new Authority('CA', kind);
  return [
    ca.list(),
    ca.list(entries(40)),
    ca.list(entries(5), { extensions: [issuingPoint('http://lists.test/1.crl', 1)] }),
    ca.list(entries(5), { extensions: [deltaOf(1n)], number: 2n }),
    ca.list([{ serial: 9n, extensions: [certificateIssuer('Other')] }, ...entries(3)], {
      extensions: [issuingPoint('http://lists.test/all.crl', 4)],
    }),
  ].map((list) => ({ ca, list }));
});
corpus.push({ ca: corpus[0]!.ca, list: corpus[0]!.ca.list(entries(3000)) });

/** The list with its signed part changed and signed anew, so that what is behind the signature is reached too. */
function resigned({ ca, list }: (typeof corpus)[number]): Buffer {
  const [part] = parsed(list)?.children ?? [];
  if (part === undefined) throw new Error('a list of the corpus cannot be read');
  return signed(encoded(mutated(part, random, others)), ca.keys);
}

const others = corpus.map(({ list }) => parsed(list)).filter((node) => node !== undefined);

function* inPieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length;) {
    const size = chance(random, 0.5) ? bytes.length : 1 + random.below(64);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function main(): Promise<void> {
  const counts = { runs: 0, accepted: 0 };
  const until = Date.now() + seconds * 1000;
  let said = 0;
  while (Date.now() < until) {
    const subject = pick(random, corpus);
    const anew = chance(random, 0.5);
    const der = anew ? resigned(subject) : encoded(mutated(parsed(subject.list)!, random, others));
    const bytes = chance(random, 0.1) ? Buffer.from(pem('X509 CRL', der)) : der;
    const cut = chance(random, 0.05) ? bytes.subarray(0, random.below(bytes.length)) : bytes;
    const issuers = [subject.ca.certificate];
    try {
      const compiled = await compileList(inPieces(cut), { issuers, now: NOW, rules: RULES });
      if (compiled.accepted) {
        counts.accepted += 1;
        if (!anew && !der.equals(subject.list)) throw new Error('a list that nobody signed was accepted');
      } else if (!(compiled.refusal instanceof Refusal)) throw new Error('refused without a rule');
    } catch (error) {
      console.error(`run ${counts.runs}, seed ${seed}, list ${cut.toString('base64')}`);
      throw error;
    }
    counts.runs += 1;
    if (Date.now() - said > 2000) {
      said = Date.now();
      process.send?.({ ...counts, rssMiB: Math.round(process.resourceUsage().maxRSS / 1024) });
    }
  }
  process.send?.({ ...counts, rssMiB: Math.round(process.resourceUsage().maxRSS / 1024) });
  process.disconnect();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
