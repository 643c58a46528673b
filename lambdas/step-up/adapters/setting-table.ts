/** The setting table: what operators have set for operations at run time. */
import {
  GetItemCommand,
  paginateScan,
  UpdateItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';

import { KEYS, SETTING_STATES, type SettingSeed, type SettingState } from '../contract';
import type { ReadSetting } from '../core/settings';
import { dynamoDb, type Item, text, textOf, wasMet } from './dynamodb';

/** A row as it stands in the table. */
export interface Setting {
  readonly id: string;
  readonly state: SettingState;
  readonly group: string;
  readonly lastUpdateTimestamp: string;
}

/** Reads one operation's state; rejects for a row whose state nobody knows. */
export function settingReader(TableName: string, client: DynamoDBClient = dynamoDb()): ReadSetting {
  return async (id) => {
    // consistent, so that what was set is seen by every door as soon as its cache is over
    const { Item } = await client.send(
      new GetItemCommand({ TableName, Key: { [KEYS.setting]: text(id) }, ConsistentRead: true }),
    );
    if (Item === undefined) return undefined;
    const state = stateOf(Item);
    if (state === undefined) throw new TypeError('setting table: a row has a state that is none');
    return state;
  };
}

interface SettingTable {
  list(): Promise<Setting[]>;
  /** Sets the state of an operation, whether it has a row or not. */
  set(id: string, group: string, state: SettingState, now: string): Promise<void>;
  /** Adds the row of an operation that has none; what is there stays as it is. */
  seed(seed: SettingSeed, now: string): Promise<void>;
}

export function settingTable(TableName: string, client: DynamoDBClient = dynamoDb()): SettingTable {
  const write = async (
    { id, group, state }: SettingSeed,
    now: string,
    condition: { ConditionExpression?: string } = {},
  ): Promise<void> => {
    await client.send(
      new UpdateItemCommand({
        TableName,
        Key: { [KEYS.setting]: text(id) },
        UpdateExpression:
          'SET stepUpState = :state, #group = :group, lastUpdateTimestamp = :now, createTimestamp = if_not_exists(createTimestamp, :now)',
        ExpressionAttributeNames: { '#group': 'group' },
        ExpressionAttributeValues: { ':state': text(state), ':group': text(group), ':now': text(now) },
        ...condition,
      }),
    );
  };
  return {
    list: async () => {
      const settings: Setting[] = [];
      for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true })) {
        settings.push(...Items.flatMap(settingOf));
      }
      return settings.sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    set: async (id, group, state, now) => write({ id, group, state }, now),
    seed: async (seed, now) => {
      await wasMet(async () =>
        write(seed, now, { ConditionExpression: `attribute_not_exists(${KEYS.setting})` }),
      );
    },
  };
}

function stateOf(item: Item): SettingState | undefined {
  return SETTING_STATES.find((state) => state === textOf(item, 'stepUpState'));
}

function settingOf(item: Item): Setting[] {
  const [id, state] = [textOf(item, KEYS.setting), stateOf(item)];
  if (id === undefined || state === undefined) return [];
  const group = textOf(item, 'group') ?? '';
  return [{ id, state, group, lastUpdateTimestamp: textOf(item, 'lastUpdateTimestamp') ?? '' }];
}
