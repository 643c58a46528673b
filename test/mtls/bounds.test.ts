/** The reader in a process with a small heap: what it may hold, and that nothing makes it crash or hang. */
import { join } from 'node:path';

import { runChild } from './child';

const LONG = process.env['SALLYPORT_LONG'] !== undefined;
const SECONDS = LONG ? 600 : 4;
/** Megabytes by which a list that is refused may have made the process larger; each case brings up to 2,048. */
const GROWTH = 160;
/** Megabytes of the whole process that fuzzes, TypeScript and the corpus included. */
const CEILING = 400;

interface Refused {
  readonly name: string;
  readonly rule: string;
  readonly grownMiB: number;
}

test('CRL-07 lists that claim or bring gigabytes are refused with a rule, and none of it is held', async () => {
  const refused: Refused[] = [];
  const ending = await runChild(join(__dirname, 'hostile.ts'), [], {
    heapMiB: 96,
    silence: 60_000,
    onMessage: (message) => refused.push(message as Refused),
  });

  expect(ending).toMatchObject({ code: 0, ended: undefined });
  expect(Object.fromEntries(refused.map(({ name, rule }) => [name, rule]))).toEqual({
    'a length of 10 GB': 'der_length_too_large',
    'a length of 4 GB': 'list_too_large',
    'a length of 4 GB inside': 'der_length_beyond_parent',
    'an entry of 800 MB': 'list_too_large',
    'a name of 800 MB': 'list_too_large',
    'an extension of 800 MB': 'list_too_large',
    'an algorithm of 800 MB': 'list_too_large',
    'text before PEM without end': 'pem_malformed',
    'PEM without end of nothing': 'pem_malformed',
    'PEM without end of zeros': 'der_tag_unexpected',
    'nothing but zeros': 'pem_malformed',
    'bytes after the list without end': 'der_trailing_bytes',
    'two thousand levels': 'der_tag_unexpected',
    'one byte at a time': 'extension_malformed',
  });
  expect(refused.filter(({ grownMiB }) => grownMiB > GROWTH)).toEqual([]);
}, 300_000);

test(
  `CRL-07 lists of every kind changed for ${SECONDS} seconds: no crash, no hang, no memory over the limit, and none accepted that nobody signed`,
  async () => {
    const seed = Number(process.env['SALLYPORT_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
    process.stderr.write(`fuzzing lists for ${SECONDS} s; SALLYPORT_SEED=${seed} repeats it\n`);
    const ending = await runChild(join(__dirname, 'fuzz.ts'), [String(SECONDS), String(seed)], {
      heapMiB: 128,
      silence: 30_000,
      onMessage: (message) => {
        if (LONG) process.stderr.write(`${JSON.stringify(message)}\n`);
      },
    });
    const { runs, accepted, rssMiB } = ending.last as { runs: number; accepted: number; rssMiB: number };

    expect(ending.stderr).toBe('');
    expect(ending).toMatchObject({ code: 0, ended: undefined });
    expect(runs).toBeGreaterThan(50);
    expect(accepted).toBeGreaterThan(0);
    expect(rssMiB).toBeLessThan(CEILING);
  },
  SECONDS * 1000 + 120_000,
);
