/** The definition of the state machine, from its file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(__dirname, '../../stepfunctions/data-scan.asl.json');

/** What stands in the file as `"${Name}"` and is a number in the definition, which has no other way to say so. */
interface DefinitionNumbers {
  readonly PollSeconds: number;
  readonly BusySeconds: number;
  readonly RetryIntervalSeconds: number;
  readonly RetryAttempts: number;
  readonly MaxConcurrency: number;
  readonly ReviewSeconds: number;
}

/** Names of the tasks, which are those of their handlers. */
export function taskNames(): string[] {
  return tasksOf(JSON.parse(readFileSync(FILE, 'utf8')));
}

/** The text of the definition; names of resources are left for CloudFormation to put in. */
export function definitionText(numbers: DefinitionNumbers): string {
  const known = new Map(Object.entries(numbers).map(([name, value]) => [`\${${name}}`, value as number]));
  return JSON.stringify(JSON.parse(readFileSync(FILE, 'utf8')), (_, value: unknown) =>
    typeof value === 'string' ? (known.get(value) ?? value) : value,
  );
}

function tasksOf(definition: unknown): string[] {
  if (typeof definition !== 'object' || definition === null) return [];
  return Object.entries(definition).flatMap(([name, value]) => [
    ...((value as { Type?: unknown } | null)?.Type === 'Task' ? [name] : []),
    ...tasksOf(value),
  ]);
}
