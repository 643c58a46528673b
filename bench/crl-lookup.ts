/** How long a lookup in memory takes, and how long the memory alone. */
import { randomBytes, randomInt } from 'node:crypto';

import type { IndexView } from '../lambdas/mtls/core/lookup';
import { median, quantile, type Row } from './row';

const LOOKUPS = 48_000;
/** Lookups between two looks at the clock, whose own 40 ns and steps of 10 ns are then no part of a figure. */
const BATCH = 16;
const ROUNDS = 5;

/** Each serial is looked up once a round, in no order, so that its page is in no cache. */
export function lookupRow(kind: 'good' | 'revoked', view: IndexView, issuer: string): Row {
  const serials = kind === 'good' ? goodSerials() : revokedSerials(view);
  const timing = timesOf(
    (i) => view.find(issuer, serials[i] as Uint8Array),
    // a serial comes out of a certificate that was just read
    (i) => serials[i]?.reduce((sum, octet) => sum + octet, 0),
  );
  return {
    what: `lookup of a ${kind} serial, p99`,
    ours: textOf(timing),
    goal: '≤ 1 µs',
    met: quantile(timing.times, 0.99) <= 1000,
  };
}

/**
 * Reads of which each says where the next one is, as the steps of a search do: what no lookup is faster than, for each
 * page of memory that it needs.
 *
 * @param size octets that the reads are spread over
 */
export function memoryRow(size: number): Row {
  const places = Uint32Array.from({ length: Math.floor(size / 4) }, (_, i) => i);
  // Sattolo: one cycle through all of them
  for (let i = places.length - 1; i > 0; i -= 1) {
    const other = randomInt(i);
    [places[i], places[other]] = [places[other] as number, places[i] as number];
  }
  let at = 0;
  const timing = timesOf(
    () => {
      at = places[at] as number;
    },
    () => undefined,
  );
  return { what: 'one read of as much memory at a random place, p99', ours: textOf(timing) };
}

function textOf({ times, interrupted }: Timing): string {
  const [p99, p50] = [quantile(times, 0.99), median(times)].map((time) => time.toFixed(0));
  return `${p99} ns (p50 ${p50} ns; ${(interrupted * 100).toFixed(1)} % left out)`;
}

interface Timing {
  /** Nanoseconds of each, the mean of a batch, in the last of several rounds. */
  readonly times: readonly number[];
  /** Share of the batches in which the kernel gave the processor to another process; they are left out. */
  readonly interrupted: number;
}

function timesOf(work: (i: number) => unknown, before: (i: number) => unknown): Timing {
  const switches = (): number => process.resourceUsage().involuntaryContextSwitches;
  let times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    times = [];
    for (let start = 0; start < LOOKUPS; start += BATCH) {
      for (let i = start; i < start + BATCH; i += 1) before(i);
      const seen = switches();
      const began = performance.now();
      for (let i = start; i < start + BATCH; i += 1) work(i);
      const took = performance.now() - began;
      if (switches() === seen) times.push((took * 1e6) / BATCH);
    }
  }
  return { times, interrupted: 1 - (times.length * BATCH) / LOOKUPS };
}

/** As those of the list are made, so that they end on its pages. */
function goodSerials(): Uint8Array[] {
  return Array.from({ length: LOOKUPS }, (_, i) => {
    const serial = randomBytes(16 + (i % 5));
    serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f);
    return serial;
  });
}

function revokedSerials(view: IndexView): Uint8Array[] {
  const step = Math.floor(view.entries / LOOKUPS);
  const serials: Uint8Array[] = [];
  let seen = 0;
  view.forEach((bytes, at, length) => {
    if (seen++ % step === 0) serials.push(Uint8Array.from(bytes.subarray(at, at + length)));
  });
  for (let i = serials.length - 1; i > 0; i -= 1) {
    const other = randomInt(i + 1);
    [serials[i], serials[other]] = [serials[other] as Uint8Array, serials[i] as Uint8Array];
  }
  return serials;
}
