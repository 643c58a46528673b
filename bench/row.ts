/** One line of the table of figures, and the statistics behind it. */

export interface Row {
  readonly what: string;
  readonly ours: string;
  /** Figure and name of what is compared with. */
  readonly peer?: string;
  readonly ratio?: number;
  readonly goal?: string;
  /** Whether the goal is met; absent where there is none. */
  readonly met?: boolean;
}

/** Value below which the given share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
