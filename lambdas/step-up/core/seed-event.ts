/** The request of a custom resource (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-requests.html). */
import { SETTING_STATES, type SettingSeed } from '../contract';

export interface SeedRequest {
  /** Where CloudFormation waits for the answer. */
  readonly responseUrl: string;
  readonly identity: Readonly<
    Record<'StackId' | 'RequestId' | 'LogicalResourceId' | 'PhysicalResourceId', string>
  >;
  /** Empty when the resource is deleted: rows stay as long as their table. */
  readonly seeds: readonly SettingSeed[];
}

/** @throws TypeError for anything that CloudFormation does not send */
export function readSeedEvent(event: unknown): SeedRequest {
  const root = recordOf(event);
  const properties = recordOf(root['ResourceProperties']);
  const logicalId = textOf(root, 'LogicalResourceId');
  return {
    responseUrl: textOf(root, 'ResponseURL'),
    identity: {
      StackId: textOf(root, 'StackId'),
      RequestId: textOf(root, 'RequestId'),
      LogicalResourceId: logicalId,
      PhysicalResourceId: logicalId,
    },
    seeds: root['RequestType'] === 'Delete' ? [] : seedsOf(JSON.parse(textOf(properties, 'Seeds'))),
  };
}

function seedsOf(value: unknown): SettingSeed[] {
  if (!Array.isArray(value)) throw new TypeError('Seeds is no list');
  return value.map((entry) => {
    const row = recordOf(entry);
    const state = SETTING_STATES.find((one) => one === row['state']);
    if (state === undefined) throw new TypeError('a seed has a state that is none');
    return { id: textOf(row, 'id'), group: textOf(row, 'group'), state };
  });
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new TypeError('not the event of a custom resource');
  return value as Readonly<Record<string, unknown>>;
}

function textOf(record: Readonly<Record<string, unknown>>, name: string): string {
  const value = record[name];
  if (typeof value !== 'string') throw new TypeError(`${name} is no text`);
  return value;
}
