/** Stands in for DynamoDB where the SDK would send a command: keeps items, obeys the conditions the adapter uses. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  ScanCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';

type Item = Record<string, unknown>;

export class FakeDynamoDb {
  readonly items = new Map<string, Item>();
  readonly commands: { input: object }[] = [];
  /** Thrown by every command while it is set. */
  failure: Error | undefined;

  /** Takes the place of every document client until the mocks are restored. */
  install(): this {
    jest
      .spyOn(DynamoDBDocumentClient.prototype, 'send')
      .mockImplementation(((command: { input: object }) => this.send(command)) as never);
    return this;
  }

  private async send(command: { input: object }): Promise<object> {
    this.commands.push(command);
    if (this.failure !== undefined) throw this.failure;
    if (command instanceof ScanCommand) return this.scan(command.input);
    if (command instanceof GetCommand) {
      const item = this.items.get(String(command.input.Key?.['id']));
      return item === undefined ? {} : { Item: item };
    }
    if (command instanceof PutCommand) {
      const id = String(command.input.Item?.['id']);
      this.demand(command.input.ConditionExpression, id);
      this.items.set(id, { ...command.input.Item });
      return {};
    }
    if (command instanceof DeleteCommand) {
      const id = String(command.input.Key?.['id']);
      this.demand(command.input.ConditionExpression, id);
      this.items.delete(id);
      return {};
    }
    if (command instanceof UpdateCommand) return this.update(command.input);
    throw new Error(`the fake does not know ${command.constructor.name}`);
  }

  private scan({ Limit = Infinity, ExclusiveStartKey }: ScanCommand['input']): object {
    const ids = [...this.items.keys()].sort();
    const start = ExclusiveStartKey === undefined ? 0 : ids.findIndex((id) => id > ExclusiveStartKey['id']);
    const page = start < 0 ? [] : ids.slice(start, start + Limit);
    const more = start >= 0 && start + Limit < ids.length;
    return {
      Items: page.map((id) => this.items.get(id)),
      ...(more ? { LastEvaluatedKey: { id: page.at(-1) } } : {}),
    };
  }

  private update(input: UpdateCommand['input']): object {
    const id = String(input.Key?.['id']);
    this.demand(input.ConditionExpression, id);
    const item: Item = { ...this.items.get(id) };
    const [, set = '', remove = ''] = /^SET (.*?)(?: REMOVE (.*))?$/.exec(input.UpdateExpression ?? '') ?? [];
    for (const part of set.split(', ')) {
      const [name = '', value = ''] = part.split(' = ');
      item[input.ExpressionAttributeNames?.[name] ?? ''] = input.ExpressionAttributeValues?.[value];
    }
    for (const name of remove === '' ? [] : remove.split(', ')) {
      Reflect.deleteProperty(item, input.ExpressionAttributeNames?.[name] ?? '');
    }
    this.items.set(id, item);
    return { Attributes: item };
  }

  private demand(condition: string | undefined, id: string): void {
    const met =
      condition === 'attribute_exists(id)'
        ? this.items.has(id)
        : condition === 'attribute_not_exists(id)'
          ? !this.items.has(id)
          : condition === undefined;
    if (!met) throw new ConditionalCheckFailedException({ message: 'condition', $metadata: {} });
  }
}
