/** Contestants who take turns, so that a busy machine slows them all. */
import { median, quantile, type Row } from './row';

const ROUNDS = 9;

export type Contestant = () => unknown;

/**
 * Microseconds per call: median over rounds of each round's p50 and p95.
 *
 * @param calls of each contestant in a round
 */
export async function interleaved<Name extends string>(
  contestants: Readonly<Record<Name, Contestant>>,
  calls: number,
): Promise<Record<Name, { p50: number; p95: number }>> {
  const entries = Object.entries<Contestant>(contestants);
  const rounds = new Map<string, { p50: number[]; p95: number[] }>(
    entries.map(([name]) => [name, { p50: [], p95: [] }]),
  );
  for (let round = -1; round < ROUNDS; round += 1) {
    // the order turns round by round; round -1 warms up
    for (const [name, call] of round % 2 === 0 ? entries : entries.toReversed()) {
      const times = await timesOf(call, calls);
      if (round < 0) continue;
      rounds.get(name)?.p50.push(quantile(times, 0.5));
      rounds.get(name)?.p95.push(quantile(times, 0.95));
    }
  }
  return Object.fromEntries(
    [...rounds].map(([name, { p50, p95 }]) => [name, { p50: median(p50), p95: median(p95) }]),
  ) as Record<Name, { p50: number; p95: number }>;
}

async function timesOf(call: Contestant, calls: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < calls; index += 1) {
    const start = process.hrtime.bigint();
    await call();
    times.push(Number(process.hrtime.bigint() - start) / 1_000);
  }
  return times;
}

/** A row of microseconds. */
export function timeRow(
  what: string,
  ours: number,
  peer: number,
  name: string,
  goal?: string,
  met?: boolean,
): Row {
  return {
    what,
    ours: `${ours.toFixed(1)} µs`,
    peer: `${name} ${peer.toFixed(1)} µs`,
    ratio: ours / peer,
    ...(goal === undefined ? {} : { goal }),
    ...(met === undefined ? {} : { met }),
  };
}
