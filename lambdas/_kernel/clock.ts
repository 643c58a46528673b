/** The clock as an argument, so that every rule about time can be tested at any time. */

/** Answers the present time in milliseconds since 1970-01-01T00:00:00Z. */
export type Clock = () => number;

/** The clock of the machine. */
export const systemClock: Clock = () => Date.now();

/** The present time as text (RFC 3339 section 5.6, UTC, milliseconds). */
export function timestamp(clock: Clock): string {
  return new Date(clock()).toISOString();
}
