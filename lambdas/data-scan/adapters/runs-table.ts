/** Runs, reviews, ballots and suppressions in one DynamoDB table. */
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  paginateQuery,
  PutCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';

import { KEYS } from '../contract';
import type { Run, Runs } from '../core/ports';
import type { Ballot } from '../core/review';
import type { Suppression } from '../core/rules';

type Key = Record<(typeof KEYS)[keyof typeof KEYS], string>;

const ACTIVE = 'active';
const LOCK = key('lock', 'lock');
const SUPPRESSION = 'suppression';
const BALLOT = 'ballot#';

function key(partition: string, sort: string): Key {
  return { [KEYS.partition]: partition, [KEYS.sort]: sort };
}

function runKey(id: string): Key {
  return key(`run#${id}`, 'run');
}

function ballotKey(run: string, of: number | 'all'): Key {
  return key(`run#${run}`, `${BALLOT}${of}`);
}

/** @param client default one of the function's Region: 3 attempts of at most 3 s each */
export function runsTable(TableName: string, client = documentClient()): Runs {
  const get = async (Key: Key): Promise<Record<string, unknown> | undefined> =>
    (await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item;
  const query = async (partition: string, prefix = ''): Promise<Record<string, unknown>[]> => {
    const items: Record<string, unknown>[] = [];
    const pages = paginateQuery(
      { client },
      {
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: prefix === '' ? '#p = :p' : '#p = :p AND begins_with(#s, :s)',
        ExpressionAttributeNames: {
          '#p': KEYS.partition,
          ...(prefix === '' ? {} : { '#s': KEYS.sort }),
        },
        ExpressionAttributeValues: { ':p': partition, ...(prefix === '' ? {} : { ':s': prefix }) },
      },
    );
    for await (const { Items = [] } of pages) items.push(...Items);
    return items;
  };
  const read = async (id: string): Promise<Run | undefined> => runOfItem(await get(runKey(id)));
  return {
    read,
    active: async () => {
      const ids = (await query(ACTIVE)).map((item) => String(item[KEYS.sort]));
      const runs = await Promise.all(ids.map(read));
      return runs.filter((run): run is Run => run !== undefined && run.state !== 'ended');
    },
    create: async (run) => {
      await client.send(
        new TransactWriteCommand({
          TransactItems: [
            {
              Put: {
                TableName,
                Item: { ...runKey(run.id), ...run },
                ConditionExpression: `attribute_not_exists(${KEYS.partition})`,
              },
            },
            { Put: { TableName, Item: key(ACTIVE, run.id) } },
          ],
        }),
      );
    },
    change: async (id, members) => {
      // first, since a name that leads to no review does no harm
      if (members.review !== undefined)
        await client.send(
          new PutCommand({ TableName, Item: { ...key(`review#${members.review.id}`, 'review'), run: id } }),
        );
      await client.send(new UpdateCommand({ TableName, Key: runKey(id), ...changing(members) }));
      if (members.state === 'ended')
        await client.send(new DeleteCommand({ TableName, Key: key(ACTIVE, id) }));
    },
    hold: async (id, execution, held) =>
      wasMet(() =>
        client.send(
          new UpdateCommand({
            TableName,
            Key: runKey(id),
            ConditionExpression: 'execution = :execution AND attribute_not_exists(held) AND #state <> :ended',
            UpdateExpression: 'SET held = :held',
            ExpressionAttributeNames: { '#state': 'state' },
            ExpressionAttributeValues: { ':execution': execution, ':held': held, ':ended': 'ended' },
          }),
        ),
      ),
    takeOver: async (id, execution) =>
      wasMet(() =>
        client.send(
          new UpdateCommand({
            TableName,
            Key: runKey(id),
            ConditionExpression: 'attribute_exists(held) AND #state <> :ended',
            UpdateExpression: 'SET execution = :execution, attempts = attempts + :one REMOVE held',
            ExpressionAttributeNames: { '#state': 'state' },
            ExpressionAttributeValues: { ':execution': execution, ':one': 1, ':ended': 'ended' },
          }),
        ),
      ),
    lock: async (execution, now, until) =>
      wasMet(() =>
        client.send(
          new PutCommand({
            TableName,
            Item: { ...LOCK, execution, until },
            ConditionExpression: `attribute_not_exists(${KEYS.partition}) OR execution = :execution OR #until <= :now`,
            ExpressionAttributeNames: { '#until': 'until' },
            ExpressionAttributeValues: { ':execution': execution, ':now': now },
          }),
        ),
      ),
    unlock: async (execution) => {
      await wasMet(() =>
        client.send(
          new DeleteCommand({
            TableName,
            Key: LOCK,
            ConditionExpression: 'execution = :execution',
            ExpressionAttributeValues: { ':execution': execution },
          }),
        ),
      );
    },
    byReview: async (review) => {
      const run = (await get(key(`review#${review}`, 'review')))?.['run'];
      return typeof run === 'string' ? run : undefined;
    },
    ballots: async (run) => {
      const items = await query(`run#${run}`, BALLOT);
      return new Map(
        items.map((item) => {
          const of = String(item[KEYS.sort]).slice(BALLOT.length);
          return [of === 'all' ? of : Number(of), ballotOf(item)];
        }),
      );
    },
    ballot: async (run, of) => ballotOf(await get(ballotKey(run, of))),
    cast: async (run, votes) =>
      wasMet(() =>
        client.send(
          new TransactWriteCommand({
            TransactItems: [
              {
                ConditionCheck: {
                  TableName,
                  Key: runKey(run),
                  ConditionExpression: '#review.#state = :open',
                  ExpressionAttributeNames: { '#review': 'review', '#state': 'state' },
                  ExpressionAttributeValues: { ':open': 'open' },
                },
              },
              ...votes.map(({ of, before, after }) => ({
                Put: { TableName, Item: { ...ballotKey(run, of), ...after }, ...asBefore(before) },
              })),
              // what was said of all is said of each
              ...(votes.some(({ of }) => of === 'all')
                ? []
                : [
                    {
                      ConditionCheck: {
                        TableName,
                        Key: ballotKey(run, 'all'),
                        ConditionExpression: 'attribute_not_exists(decided)',
                      },
                    },
                  ]),
            ],
          }),
        ),
      ),
    close: async (run) => {
      await client.send(
        new UpdateCommand({
          TableName,
          Key: runKey(run),
          UpdateExpression: 'SET #review.#state = :closed',
          ExpressionAttributeNames: { '#review': 'review', '#state': 'state' },
          ExpressionAttributeValues: { ':closed': 'closed' },
        }),
      );
    },
    suppressions: async () =>
      (await query(SUPPRESSION)).map((item): Suppression => ({
        key: String(item['key']),
        types: item['types'] as string[],
        until: Number(item['until']),
      })),
    suppress: async (suppression) => {
      // a sort key has at most 1,024 bytes, as a key in S3 has
      await client.send(
        new PutCommand({ TableName, Item: { ...key(SUPPRESSION, suppression.key), ...suppression } }),
      );
    },
  };
}

/** A ballot is what was read: nobody has added a vote. */
function asBefore({ first, decided }: Ballot): object {
  if (decided !== undefined) throw new TypeError('a decided ballot is not changed');
  if (first === undefined)
    return {
      ConditionExpression: 'attribute_not_exists(#first) AND attribute_not_exists(decided)',
      ...FIRST,
    };
  return {
    ConditionExpression: '#first.#by = :by AND #first.#at = :at AND attribute_not_exists(decided)',
    ExpressionAttributeNames: { '#first': 'first', '#by': 'by', '#at': 'at' },
    ExpressionAttributeValues: { ':by': first.by, ':at': first.at },
  };
}

const FIRST = { ExpressionAttributeNames: { '#first': 'first' } };

function changing(members: Readonly<Record<string, unknown>>): {
  UpdateExpression: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
} {
  const entries = Object.entries(members);
  const set = entries.filter(([, value]) => value !== undefined);
  const removed = entries.filter(([, value]) => value === undefined);
  const clause = (word: string, items: readonly string[]): string =>
    items.length === 0 ? '' : `${word} ${items.join(', ')} `;
  return {
    UpdateExpression:
      clause(
        'SET',
        set.map(([name]) => `#${name} = :${name}`),
      ) +
      clause(
        'REMOVE',
        removed.map(([name]) => `#${name}`),
      ),
    ExpressionAttributeNames: Object.fromEntries(entries.map(([name]) => [`#${name}`, name])),
    ...(set.length === 0
      ? {}
      : { ExpressionAttributeValues: Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])) }),
  };
}

function runOfItem(item: Record<string, unknown> | undefined): Run | undefined {
  return item === undefined ? undefined : (item as unknown as Run);
}

function ballotOf(item: Record<string, unknown> | undefined): Ballot {
  const { first, decided } = (item ?? {}) as Ballot;
  return { ...(first === undefined ? {} : { first }), ...(decided === undefined ? {} : { decided }) };
}

async function wasMet(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    // a transaction that another one was in the way of is looked at anew as well
    if (error instanceof TransactionCanceledException) return false;
    throw error;
  }
}

function documentClient(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: 3,
    // without throwOnRequestTimeout the SDK only writes a warning when the time is over
    requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
