/** `npm run -s crl -- <command>`: inspects, compiles, asks and compares certificate revocation lists. */
import { parseArgs } from 'node:util';

import { secondsOfText } from '../lambdas/mtls/core/time';
import {
  certificateIn,
  check,
  compile,
  diff,
  EXIT,
  inspect,
  subjectOf,
  UsageError,
  type ListOptions,
  type Outcome,
} from './crl/commands';

const USAGE = `usage: npm run -s crl -- <command>

  inspect <file> --issuer <cert.pem> [--against <folder>]   says whether a list would be accepted
  compile <file> --issuer <cert.pem> --out <folder>         verifies a list and writes its index and manifest
  check <folder> --issuer <cert.pem> --serial <hex>         prints revoked with date and reason, good, or unknown
  check <folder> --certificate <client.pem>                 the same for a certificate, which names its partition
  diff <old> <new>                                          prints what changed between two lists (unverified)

  --issuer may be given several times        --at <2026-01-31T12:00:00Z>   instead of now
  --grace-hours <n>  accept that late        --soft                        accept however late
  --max-age-days <n> refuse older lists, and accept those without nextUpdate for so long
  --insecure-sha1    accept signatures with SHA-1

exit: 0 accepted, good or equal; 1 refused or failed; 2 wrong usage; 3 revoked or different; 4 unknown`;

async function main(): Promise<Outcome> {
  const { values, positionals } = parse();
  const [command, ...paths] = positionals;
  const [first, second] = paths;
  const expects = (count: number): void => {
    if (paths.length !== count)
      throw new UsageError(
        `${command ?? ''} takes ${count} path${count === 1 ? '' : 's'}, got ${paths.length}\n\n${USAGE}`,
      );
  };
  switch (command) {
    case 'inspect':
      expects(1);
      return inspect(first ?? '', optionsOf(values), values.against);
    case 'compile':
      expects(1);
      return compile(first ?? '', optionsOf(values), needed(values.out, '--out <folder>'));
    case 'check': {
      expects(1);
      const subject =
        values.certificate === undefined
          ? subjectOf(
              needed(values.issuer?.[0], '--issuer <cert.pem>'),
              needed(values.serial, '--serial <hex>'),
            )
          : certificateIn(values.certificate);
      return check(first ?? '', subject, timesOf(values));
    }
    case 'diff':
      expects(2);
      return diff(first ?? '', second ?? '');
    case undefined:
      throw new UsageError(USAGE);
    default:
      throw new UsageError(`unknown command ${JSON.stringify(command)}\n\n${USAGE}`);
  }
}

type Values = ReturnType<typeof parse>['values'];

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        issuer: { type: 'string', multiple: true },
        certificate: { type: 'string' },
        out: { type: 'string' },
        against: { type: 'string' },
        serial: { type: 'string' },
        at: { type: 'string' },
        'grace-hours': { type: 'string' },
        'max-age-days': { type: 'string' },
        soft: { type: 'boolean' },
        'insecure-sha1': { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function optionsOf(values: Values): ListOptions {
  const issuers = values.issuer ?? [];
  needed(issuers[0], '--issuer <cert.pem>');
  return { issuers, insecureSha1: values['insecure-sha1'] ?? false, ...timesOf(values) };
}

function timesOf(values: Values): Pick<ListOptions, 'now' | 'rules'> {
  const at = values.at === undefined ? Math.floor(Date.now() / 1000) : secondsOfText(values.at);
  if (Number.isNaN(at))
    throw new UsageError(`--at ${JSON.stringify(values.at)} is no time like 2026-01-31T12:00:00Z`);
  const grace = positive(values['grace-hours'], '--grace-hours');
  const days = positive(values['max-age-days'], '--max-age-days');
  const soft = values.soft === true;
  return {
    now: at,
    rules: {
      freshness: soft
        ? { kind: 'soft' }
        : grace === undefined
          ? { kind: 'hard' }
          : { kind: 'grace', hours: grace },
      maximumAge: days === undefined ? null : days * 86_400,
      withoutNextUpdate: days === undefined ? 'refuse' : 'acceptUntilMaximumAge',
    },
  };
}

function positive(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value === 0)
    throw new UsageError(`${option} ${JSON.stringify(text)} is no whole number above 0`);
  return value;
}

function needed(value: string | undefined, option: string): string {
  if (value === undefined) throw new UsageError(`${option} is missing\n\n${USAGE}`);
  return value;
}

main().then(
  ({ exit, out, error }) => {
    for (const line of out) console.log(line);
    if (error !== undefined) console.error(`crl: ${error}`);
    process.exitCode = exit;
  },
  (error: unknown) => {
    console.error(`crl: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.refused;
  },
);
