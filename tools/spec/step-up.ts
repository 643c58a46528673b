/** Whether an operation asks for less of a step-up than before. */
import { isDeepStrictEqual } from 'node:util';

import { isObject, type JsonObject, type JsonValue } from '../../lib/api/document';

/** Members of `x-step-up` that are compared; docs/step-up.md has them. */
const KNOWN = ['acr', 'maxAge', 'factors', 'singleUse'];

interface Relaxed {
  readonly rule: 'step-up-removed' | 'step-up-relaxed';
  readonly reason: string;
}

/**
 * What became easier.
 *
 * A member that appears or goes is relaxed too, but for `singleUse`, which is false unless it is said: the setting of
 * an environment that stands in for a missing one cannot be read from the document.
 *
 * @param levels names of authentication levels (`acr`), weakest first; another level than before that is not in it, or
 *   stands before the old one, counts as lower
 */
export function relaxed(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  levels: readonly string[],
): Relaxed[] {
  if (before === undefined || isDeepStrictEqual(before, after)) return [];
  if (after === undefined)
    return [{ rule: 'step-up-removed', reason: `needed ${JSON.stringify(before)}, now none` }];
  const member = (name: string, reason: string): Relaxed => ({
    rule: 'step-up-relaxed',
    reason: `${name} ${reason}`,
  });
  if (!isObject(before) || !isObject(after)) return [member('x-step-up', 'is not comparable')];
  const findings: Relaxed[] = [];
  const changed = (name: string, easier: boolean): void => {
    if (easier) findings.push(member(name, `was ${textOf(before[name])}, is ${textOf(after[name])}`));
  };
  changed('acr', isLower(before['acr'], after['acr'], levels));
  changed('maxAge', isGreater(before['maxAge'], after['maxAge']));
  changed('factors', isWider(before['factors'], after['factors']));
  changed('singleUse', before['singleUse'] === true && after['singleUse'] !== true);
  for (const name of unknownMembers(before, after)) changed(name, true);
  return findings;
}

function isLower(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  levels: readonly string[],
): boolean {
  if (before === after) return false;
  const [old, now] = [levelOf(before, levels), levelOf(after, levels)];
  return old === -1 || now < old;
}

function levelOf(acr: JsonValue | undefined, levels: readonly string[]): number {
  return typeof acr === 'string' ? levels.indexOf(acr) : -1;
}

function isGreater(before: JsonValue | undefined, after: JsonValue | undefined): boolean {
  if (before === after) return false;
  return typeof before !== 'number' || typeof after !== 'number' || after > before;
}

function isWider(before: JsonValue | undefined, after: JsonValue | undefined): boolean {
  if (isDeepStrictEqual(before, after)) return false;
  return !Array.isArray(before) || !Array.isArray(after) || !after.every((factor) => before.includes(factor));
}

function unknownMembers(before: JsonObject, after: JsonObject): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !KNOWN.includes(name) && !isDeepStrictEqual(before[name], after[name]));
}

function textOf(value: JsonValue | undefined): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}
