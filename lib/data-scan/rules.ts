/** Rules of the data scan, checked at synth. */
import { RULE_ACTIONS, SEVERITIES, type Rule } from '../../lambdas/data-scan/contract';
import { DataScanError } from './error';

/**
 * @param rules as a user wrote them
 * @throws DataScanError naming the first rule that is wrong, and what to write
 */
export function checkRules(rules: readonly Rule[]): void {
  for (const [i, rule] of rules.entries()) {
    const wrong = (key: string, what: string): DataScanError =>
      new DataScanError(`rules[${i}]${key} ${what}`);
    if (typeof rule !== 'object' || (rule as Rule | null) === null)
      throw wrong('', `is ${JSON.stringify(rule)}; write an object with an action`);
    for (const key of Object.keys(rule))
      if (!['severities', 'types', 'action'].includes(key))
        throw wrong(`.${key}`, 'is no member of a rule; write severities, types or action');
    if (!RULE_ACTIONS.includes(rule.action))
      throw wrong('.action', `is ${JSON.stringify(rule.action)}; choose one of ${RULE_ACTIONS.join(', ')}`);
    checkList(
      rule.severities,
      (one) => (SEVERITIES as readonly string[]).includes(one),
      (value) => wrong('.severities', `is ${value}; write some of ${SEVERITIES.join(', ')}`),
    );
    checkList(
      rule.types,
      (one) => typeof one === 'string' && one !== '',
      (value) => wrong('.types', `is ${value}; write types or categories, e.g. CREDIT_CARD_NUMBER`),
    );
  }
}

function checkList(
  list: readonly string[] | undefined,
  isGood: (one: string) => boolean,
  wrong: (value: string) => DataScanError,
): void {
  if (list === undefined) return;
  if (!Array.isArray(list) || list.length === 0 || !list.every(isGood)) throw wrong(JSON.stringify(list));
}
