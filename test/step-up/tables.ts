/**
 * DynamoDB as far as step-up uses it, over its own wire protocol (JSON 1.0) on loopback or by a client in this process:
 * items by one string key, and the expressions of the adapters, evaluated for what they say. Beside it Secrets Manager, for
 * the front door that reads a key ring from there.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

interface Value {
  S?: string;
  N?: string;
  BOOL?: boolean;
  L?: Value[];
  M?: Item;
}
type Item = Record<string, Value>;

interface Input {
  readonly TableName: string;
  readonly SecretId?: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Item;
}

/** What goes wrong with a call. */
export type Fault = 'error' | 'throttle' | 'delay' | 'garbage' | 'absent' | 'disconnect';

class ConditionFailed extends Error {}

export class Tables {
  readonly items = new Map<string, Item>();
  /** By id, what Secrets Manager keeps. */
  readonly secrets = new Map<string, string>();
  /** Calls so far, by `operation table` or `GetSecretValue id`. */
  readonly calls: string[] = [];
  /** Says of each call what goes wrong with it. */
  fault: (call: string) => Fault | undefined = () => undefined;
  private server: Server | undefined;

  /** Takes the place of a client of the SDK. */
  client(): DynamoDBClient {
    const send = (command: { constructor: { name: string }; input: Input }): Promise<object> => {
      try {
        return Promise.resolve(this.run(command.constructor.name.replace(/Command$/, ''), command.input));
      } catch (cause) {
        if (!(cause instanceof ConditionFailed)) throw cause;
        return Promise.reject(new ConditionalCheckFailedException({ message: 'condition', $metadata: {} }));
      }
    };
    return { send } as unknown as DynamoDBClient;
  }

  /** @returns its URL on loopback */
  async listen(): Promise<string> {
    this.server = createServer((request, response) => void this.answer(request, response));
    await new Promise<void>((resolve) => this.server!.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  put(table: string, key: string, item: Item): void {
    this.items.set(`${table} ${key}`, item);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
    const input = JSON.parse(Buffer.concat(chunks).toString()) as Input;
    const send = (status: number, body: string): void => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
    };
    const failed = (status: number, name: string): void => {
      send(status, JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: name }));
    };
    switch (this.fault(`${operation} ${input.SecretId ?? input.TableName}`)) {
      case 'error':
        failed(500, 'InternalServerError');
        return;
      case 'throttle':
        failed(400, 'ProvisionedThroughputExceededException');
        return;
      case 'absent':
        failed(400, 'ResourceNotFoundException');
        return;
      case 'delay':
        // answered long after everybody has stopped to wait
        setTimeout(() => {
          response.destroy();
        }, 8_000).unref();
        return;
      case 'garbage':
        send(200, '{"Item": {"stepUpState": {"S": "OPEN"}, "stepUpStatus": {"S": 7}, "ttl": {"N": "never"}}');
        return;
      case 'disconnect':
        request.socket.destroy();
        return;
      case undefined:
    }
    try {
      send(200, JSON.stringify(this.run(operation, input)));
    } catch (cause) {
      if (!(cause instanceof ConditionFailed)) throw cause;
      failed(400, 'ConditionalCheckFailedException');
    }
  }

  private run(operation: string, input: Input): object {
    this.calls.push(`${operation} ${input.SecretId ?? input.TableName}`);
    if (operation === 'GetSecretValue') return { SecretString: this.secrets.get(input.SecretId ?? '') };
    const [key] = Object.entries(input.Key ?? input.Item ?? {});
    const id = `${input.TableName} ${key?.[1].S ?? ''}`;
    const item = this.items.get(id);
    if (operation === 'GetItem') return item === undefined ? {} : { Item: item };
    const named = (text: string): string =>
      text.replace(/#\w+/g, (name) => input.ExpressionAttributeNames?.[name] ?? name);
    const condition = input.ConditionExpression;
    if (
      condition !== undefined &&
      !holds(named(condition), item ?? {}, input.ExpressionAttributeValues ?? {})
    )
      throw new ConditionFailed();
    if (operation === 'PutItem') {
      this.items.set(id, { ...input.Item });
      return {};
    }
    if (operation !== 'UpdateItem') throw new Error(`not an operation of step-up: ${operation}`);
    const changed = structuredClone({ ...item, ...input.Key });
    update(named(input.UpdateExpression ?? ''), changed, item ?? {}, input.ExpressionAttributeValues ?? {});
    this.items.set(id, changed);
    return { Attributes: changed };
  }
}

/** Conditions in the grammar of the adapters: AND binds tighter than OR, brackets hold a whole OR. */
function holds(expression: string, item: Item, values: Item): boolean {
  const text = expression.trim();
  const alternatives = splitOutside(text, ' OR ');
  if (alternatives.length > 1) return alternatives.some((part) => holds(part, item, values));
  const parts = splitOutside(text, ' AND ');
  if (parts.length > 1) return parts.every((part) => holds(part, item, values));
  if (text.startsWith('(') && text.endsWith(')')) return holds(text.slice(1, -1), item, values);
  const [, absent, path] = /^attribute_(not_)?exists\(([\w.-]+)\)$/.exec(text) ?? [];
  if (path !== undefined) return (valueAt(item, path) === undefined) === (absent !== undefined);
  const [, name = '', operator = '', value = ''] = /^([\w.-]+) (=|<|<=|>|>=) (:\w+)$/.exec(text) ?? [];
  const [left, right] = [valueAt(item, name), values[value]];
  if (right === undefined) throw new Error(`not a condition of step-up: ${text}`);
  if (left === undefined) return false;
  if (operator === '=') return (left.S ?? left.N) === (right.S ?? right.N);
  const [a, b] = [Number(left.N), Number(right.N)];
  return operator === '<' ? a < b : operator === '<=' ? a <= b : operator === '>' ? a > b : a >= b;
}

/** The value at a path into maps. */
function valueAt(item: Item, path: string): Value | undefined {
  const [first = '', ...rest] = path.split('.');
  const value = item[first];
  return rest.length === 0 ? value : valueAt(value?.M ?? {}, rest.join('.'));
}

/** The map that holds the last part of a path; DynamoDB makes none on the way. */
function holderOf(item: Item, path: string): { holder: Item; name: string } {
  const parts = path.split('.');
  const name = parts.pop() ?? '';
  const holder = parts.length === 0 ? item : valueAt(item, parts.join('.'))?.M;
  if (holder === undefined) throw new Error(`ValidationException: no map at ${parts.join('.')}`);
  return { holder, name };
}

function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0 && text.startsWith(separator, at)) {
      parts.push(text.slice(from, at));
      from = at + separator.length;
    }
  }
  return [...parts, text.slice(from)];
}

function update(expression: string, changed: Item, before: Item, values: Item): void {
  const [, set, remove] = /^(?:SET (.*?))?(?: ?REMOVE (.*))?$/.exec(expression) ?? [];
  for (const assignment of set === undefined ? [] : splitOutside(set, ', ')) {
    const [path = '', value = ''] = assignment.split(' = ');
    const { holder, name } = holderOf(changed, path);
    holder[name] = valueOf(value, before, values);
  }
  for (const path of remove?.split(', ') ?? []) {
    const { holder, name } = holderOf(changed, path);
    Reflect.deleteProperty(holder, name);
  }
}

function valueOf(expression: string, item: Item, values: Item): Value {
  const [first = '', second] = splitOutside(expression, ' + ');
  const present = /^if_not_exists\((\w+), (:\w+)\)$/.exec(first);
  const value =
    present === null
      ? first.startsWith(':')
        ? values[first]
        : item[first]
      : (item[present[1] ?? ''] ?? values[present[2] ?? '']);
  if (value === undefined) throw new Error(`not a value of step-up: ${expression}`);
  return second === undefined ? value : { N: String(Number(value.N) + Number(values[second]?.N)) };
}
