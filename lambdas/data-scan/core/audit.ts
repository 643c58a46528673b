/** The audit record of a run: a chain in which each record holds the hash of the one before. */
import { createHash } from 'node:crypto';

/** What is recorded; facts and digests, no content of an object. */
export interface AuditEvent {
  /** Unique in the run, so that a repeated step records nothing twice. */
  readonly id: string;
  readonly event: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

interface AuditRecord extends AuditEvent {
  readonly run: string;
  /** From 0. */
  readonly sequence: number;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** {@link hashOf} of the record before, 64 zeros for the first. */
  readonly previous: string;
}

const FIRST = '0'.repeat(64);

/** @returns SHA-256 in hexadecimal of a text, or of a record as it is written */
export function hashOf(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The text that is stored: members in this order, so that the same record has the same hash everywhere. */
export function auditText({ run, sequence, at, id, event, facts, previous }: AuditRecord): string {
  return `${JSON.stringify({ run, sequence, at, id, event, facts, previous })}\n`;
}

/** The record that follows the texts of a chain. */
export function nextRecord(
  run: string,
  chain: readonly string[],
  event: AuditEvent,
  at: string,
): AuditRecord {
  const last = chain.at(-1);
  return {
    run,
    sequence: chain.length,
    at,
    ...event,
    previous: last === undefined ? FIRST : hashOf(last),
  };
}

/** @returns what is wrong with a chain, in the order of its sequence; empty when nothing is */
export function auditFaults(run: string, chain: readonly string[]): string[] {
  return chain.flatMap((text, i) => {
    const record = recordOf(text);
    if (record === undefined) return [`record ${i} cannot be read`];
    const before = chain[i - 1];
    const expected = before === undefined ? FIRST : hashOf(before);
    return [
      ...(record.run === run ? [] : [`record ${i} is of another run`]),
      ...(record.sequence === i ? [] : [`record ${i} has the number ${String(record.sequence)}`]),
      ...(record.previous === expected ? [] : [`record ${i} does not follow the one before`]),
    ];
  });
}

export function recordOf(text: string): AuditRecord | undefined {
  try {
    const record: unknown = JSON.parse(text);
    return typeof record === 'object' && record !== null ? (record as AuditRecord) : undefined;
  } catch {
    return undefined;
  }
}
