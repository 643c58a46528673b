/** The audit record of a run: shows it, and says whether it is whole. */
import { auditFaults, hashOf, recordOf } from '../../lambdas/data-scan/core/audit';
import { EXIT, type Exit, type Say } from './outcome';

export interface Recorded {
  /** Texts of the records of a run, in their order. */
  readonly chain: (run: string) => Promise<readonly string[]>;
  readonly say: Say;
}

/**
 * Nothing in a chain says what came after its last record. Its digest, kept elsewhere, does: whoever has it can tell that
 * nothing was taken off the end.
 *
 * @throws Error for a run without records
 */
export async function showAudit(run: string, { chain, say }: Recorded): Promise<Exit> {
  const texts = await chain(run);
  if (texts.length === 0) throw new Error(`run ${JSON.stringify(run)} has no audit record`);
  for (const text of texts) say(lineOf(text));
  const faults = auditFaults(run, texts);
  if (faults.length > 0) throw new Error(['the audit record was changed:', ...faults].join('\n  '));
  say(
    `${texts.length} records, none changed, left out or exchanged; the last one is ${hashOf(texts.at(-1) ?? '')}`,
  );
  return EXIT.done;
}

function lineOf(text: string): string {
  const { sequence, at, event, facts } = recordOf(text) ?? {};
  return shown(`${String(sequence)} ${String(at)} ${String(event)} ${JSON.stringify(facts)}`);
}

/** In characters that no terminal takes for anything else: reasons are free text, and a record may have been changed. */
function shown(line: string): string {
  return line.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
