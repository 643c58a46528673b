/** `gates-waivers.yaml`: findings of licences and audit that somebody has accepted until a date. A secret has no waiver. */
import type { Finding } from '../spec/outcome';
import { applyWaivers, readWaivers } from '../spec/waivers';

/** Not `audit-unavailable`: what nobody could ask about, nobody can accept. */
const RULES = ['licence', 'vulnerability'];

/**
 * @param file of the waivers; it need not exist
 * @param today `2026-01-31`, UTC
 * @param audited whether vulnerabilities were looked for; waivers of them would have nothing to waive otherwise
 * @returns what is left, with a finding for each waiver that is expired or has nothing to waive
 * @throws UsageError for a file that cannot be read as waivers
 */
export function withoutWaived(
  found: readonly Finding[],
  file: string,
  today: string,
  { audited }: { readonly audited: boolean },
): ReturnType<typeof applyWaivers> {
  const waivers = readWaivers(file, RULES, 'package').filter(
    ({ rule }) => audited || rule !== 'vulnerability',
  );
  return applyWaivers(found, waivers, today, []);
}
