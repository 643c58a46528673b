/** What operators have set at run time, read through a short cache that never makes a failed read mean "open". */
import type { Clock } from '../../_kernel/clock';
import type { SettingState } from '../contract';

/** What is known of one operation's row. */
export type Known =
  | { readonly known: 'fresh'; readonly state: SettingState }
  /** The last good read, which can no longer be repeated. */
  | { readonly known: 'stale'; readonly state: SettingState; readonly ageMs: number }
  | { readonly known: 'never' };

/** @returns `undefined` for an operation without a row; rejects when it cannot be read or makes no sense */
export type ReadSetting = (id: string) => Promise<SettingState | undefined>;

/** Milliseconds for which a row is not read again. */
const FRESH_MS = 5_000;
/** Milliseconds after a failed read in which no other is tried. */
const PAUSE_MS = 1_000;

interface Entry {
  state?: SettingState;
  readAt: number;
  failedAt: number;
}

/** Never rejects. An operation without a row is not required by the table. */
export function keptSettings(read: ReadSetting, clock: Clock): (id: string) => Promise<Known> {
  const entries = new Map<string, Entry>();
  return async (id) => {
    const entry = entries.get(id) ?? { readAt: Number.NEGATIVE_INFINITY, failedAt: Number.NEGATIVE_INFINITY };
    entries.set(id, entry);
    const asked = clock();
    if (entry.state !== undefined && asked - entry.readAt < FRESH_MS)
      return { known: 'fresh', state: entry.state };
    if (asked - entry.failedAt >= PAUSE_MS) {
      try {
        const state = (await read(id)) ?? 'STEP_UP_NOT_REQUIRED';
        // as old as its question: what was set while it was on its way may not be in it
        Object.assign(entry, { state, readAt: asked });
        return { known: 'fresh', state };
      } catch {
        entry.failedAt = clock();
      }
    }
    return entry.state === undefined
      ? { known: 'never' }
      : { known: 'stale', state: entry.state, ageMs: clock() - entry.readAt };
  };
}
