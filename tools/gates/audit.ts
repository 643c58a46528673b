/** Known vulnerabilities of the packages of the lock file, as the registry's advisories have them. */
import type { Finding } from '../spec/outcome';
import { ended, type Ended } from './program';

const STOPS = ['high', 'critical'];

/** What `npm audit --json` prints: a report, or why there is none. */
interface Report {
  readonly message?: string;
  readonly error?: { readonly summary?: string };
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly severity: string; readonly range: string; readonly fixAvailable: unknown }>
  >;
}

/** Asks the registry that npm is configured for. */
export function audit(folder: string): Finding[] {
  return findingsOf(ended('npm', ['audit', '--json'], folder));
}

/** A registry without advisories has said nothing about the packages, so that is a finding as well. */
export function findingsOf({ out, err }: Ended): Finding[] {
  const report = parsed(out);
  if (report?.vulnerabilities === undefined) {
    // the summary is empty where the registry gave none
    const said =
      [report?.error?.summary, report?.message, err.trim()].find((text) => (text ?? '') !== '') ?? '';
    return [
      {
        rule: 'audit-unavailable',
        place: 'package-lock.json',
        reason: `the registry gave no advisories (${said.split('\n')[0] ?? ''}): use one that has them, or --offline to leave this out`,
      },
    ];
  }
  return Object.entries(report.vulnerabilities)
    .filter(([, { severity }]) => STOPS.includes(severity))
    .map(([name, { severity, range, fixAvailable }]) => ({
      rule: 'vulnerability',
      place: name,
      reason: `${severity} in ${range}: ${fixAvailable === false ? 'no fixed version yet, replace the package' : 'raise it (npm audit says to what)'}`,
    }));
}

function parsed(text: string): Report | undefined {
  try {
    return JSON.parse(text) as Report;
  } catch {
    return undefined;
  }
}
