/** Files of waivers: findings that somebody has accepted until a date. */
import { existsSync, readFileSync } from 'node:fs';

import { parseDocument } from 'yaml';

import { type Finding, UsageError } from './outcome';

export interface Waiver {
  /** Place of the finding: `GET /widgets`, `security scheme session`, `servers` or `document`; or a package. */
  readonly place: string;
  readonly rule: string;
  /** Why it is right, for the next reader. */
  readonly reason: string;
  /** Last day on which it holds, `2026-01-31`, UTC. */
  readonly expires: string;
}

/**
 * Reads waivers; none when there is no such file.
 *
 * @param rules every rule that can be waived
 * @param placeKey what the file calls the place of a finding
 * @throws UsageError for a file that is not a list `waivers` of entries with exactly the four texts, or names a rule
 *   that does not exist
 */
export function readWaivers(
  file: string,
  rules: readonly string[],
  placeKey: 'operation' | 'package' = 'operation',
): Waiver[] {
  if (!existsSync(file)) return [];
  const parsed = parseDocument(readFileSync(file, 'utf8'), { uniqueKeys: true, schema: 'failsafe' });
  const [problem] = parsed.errors;
  if (problem !== undefined) throw new UsageError(`${file}: ${problem.message.split('\n')[0] ?? ''}`);
  const root: unknown = parsed.toJS();
  const entries = isRecord(root) && Object.keys(root).join() === 'waivers' ? root['waivers'] : undefined;
  if (!Array.isArray(entries)) throw new UsageError(`${file}: write a list under the one key waivers`);
  const keys = [placeKey, 'rule', 'reason', 'expires'];
  return entries.map((entry: unknown, index) => waiverOf(entry, `${file}: waiver ${index + 1}`, keys, rules));
}

function waiverOf(entry: unknown, at: string, keys: readonly string[], rules: readonly string[]): Waiver {
  if (!isRecord(entry) || Object.keys(entry).sort().join() !== [...keys].sort().join())
    throw new UsageError(`${at} must have ${keys.join(', ')} and nothing else`);
  const [place, rule, reason, expires] = keys.map((key) => {
    const value = entry[key];
    if (typeof value !== 'string' || value.trim() === '') throw new UsageError(`${at}: ${key} is empty`);
    return value;
  }) as [string, string, string, string];
  if (!rules.includes(rule))
    throw new UsageError(`${at}: ${JSON.stringify(rule)} is no rule; use one of ${rules.join(', ')}`);
  if (!isDate(expires))
    throw new UsageError(`${at}: expires ${JSON.stringify(expires)} is no date like 2026-01-31`);
  return { place, rule, reason, expires };
}

/**
 * Takes the waived findings out, and adds one for each waiver that is expired, speaks of nothing in the documents, or
 * has nothing left to waive.
 */
export function applyWaivers(
  regressions: readonly Finding[],
  waivers: readonly Waiver[],
  today: string,
  operations: readonly string[],
): { findings: Finding[]; waived: (Finding & { expires: string })[] } {
  const holding = waivers.filter(({ expires }) => expires >= today);
  const findings: Finding[] = [];
  const waived: (Finding & { expires: string })[] = [];
  for (const regression of regressions) {
    const waiver = holding.find((candidate) => speaksOf(candidate, regression));
    if (waiver === undefined) findings.push(regression);
    else waived.push({ ...regression, expires: waiver.expires });
  }
  for (const waiver of waivers) {
    const problem = problemOf(waiver, regressions, today, operations);
    if (problem !== undefined) {
      findings.push({
        rule: problem.rule,
        place: waiver.place,
        reason: `${waiver.rule}: ${problem.reason}`,
      });
    }
  }
  return { findings, waived };
}

function problemOf(
  waiver: Waiver,
  regressions: readonly Finding[],
  today: string,
  operations: readonly string[],
): { rule: string; reason: string } | undefined {
  if (waiver.expires < today) return { rule: 'waiver-expired', reason: `expired on ${waiver.expires}` };
  if (regressions.some((regression) => speaksOf(waiver, regression))) return undefined;
  const isOperation = /^[A-Z]+ \//.test(waiver.place);
  if (isOperation && !operations.includes(waiver.place))
    return { rule: 'waiver-unknown', reason: 'no operation of this name is in either document' };
  return { rule: 'waiver-unused', reason: 'there is nothing to waive; remove it' };
}

function speaksOf(waiver: Waiver, finding: Finding): boolean {
  return waiver.place === finding.place && waiver.rule === finding.rule;
}

function isDate(text: string): boolean {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : new Date(Number.NaN);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
