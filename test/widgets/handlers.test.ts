import type { HttpResponse } from '../../lambdas/_kernel/http';
import { handler as createWidget } from '../../lambdas/widgets/create-widget.handler';
import { handler as deleteWidget } from '../../lambdas/widgets/delete-widget.handler';
import { handler as getInfo } from '../../lambdas/widgets/get-info.handler';
import { handler as getWidget } from '../../lambdas/widgets/get-widget.handler';
import { handler as listWidgets } from '../../lambdas/widgets/list-widgets.handler';
import { handler as ping } from '../../lambdas/widgets/ping.handler';
import { handler as putWidget } from '../../lambdas/widgets/put-widget.handler';
import { httpApiEvent, json, restEvent } from '../_kernel/gateway-events';
import { FakeDynamoDb } from './fake-dynamodb';

const ABSENT = '3f1c9a52-6d0e-4b7a-9c44-2f6b8f0f9a11';

let table: FakeDynamoDb;
let output: string[];

beforeEach(() => {
  process.env['WIDGETS_TABLE_NAME'] = 'widgets-test';
  table = new FakeDynamoDb().install();
  output = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    output.push(String(chunk));
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

interface Stored {
  id: string;
  name: string;
  createdAt: string;
  updatedAt: string;
}

interface Page {
  items: Stored[];
  nextCursor?: string;
}

function bodyOf(response: HttpResponse): unknown {
  return JSON.parse(response.body);
}

async function givenWidget(input: object = { name: 'flange' }): Promise<Stored> {
  const response = await createWidget(restEvent({ method: 'POST', ...json(input) }));
  expect(response.statusCode).toBe(201);
  return bodyOf(response) as Stored;
}

describe.each([
  ['a REST API', restEvent],
  ['an HTTP API', httpApiEvent],
])('the widgets behind %s', (_kind, eventOf) => {
  it('are created, read, replaced and deleted', async () => {
    const input = { name: 'flange', description: 'round', priceCents: 1295, tags: ['steel'] };
    const created = await createWidget(eventOf({ method: 'POST', ...json(input) }));
    const widget = bodyOf(created) as Stored;
    const path = { widgetId: widget.id };

    expect(created.statusCode).toBe(201);
    expect(created.headers['location']).toBe(`/api/widgets/${widget.id}`);
    expect(widget).toMatchObject(input);
    expect(widget.createdAt).toBe(widget.updatedAt);

    const read = await getWidget(eventOf({ method: 'GET', path }));
    expect([read.statusCode, bodyOf(read)]).toEqual([200, widget]);

    const replaced = await putWidget(eventOf({ method: 'PUT', path, ...json({ name: 'gasket' }) }));
    const { updatedAt, ...rest } = bodyOf(replaced) as Stored;
    expect(replaced.statusCode).toBe(200);
    expect(rest).toEqual({ id: widget.id, name: 'gasket', createdAt: widget.createdAt });
    expect(updatedAt >= widget.createdAt).toBe(true);

    const deleted = await deleteWidget(eventOf({ method: 'DELETE', path }));
    expect([deleted.statusCode, deleted.body]).toEqual([204, '']);
    expect((await getWidget(eventOf({ method: 'GET', path }))).statusCode).toBe(404);
  });

  it('are listed page by page, each once', async () => {
    const ids = [await givenWidget(), await givenWidget(), await givenWidget()].map(({ id }) => id);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query: [string, string][] = [
        ['limit', '2'],
        ...(cursor === undefined ? [] : [['cursor', cursor] as [string, string]]),
      ];
      const response = await listWidgets(eventOf({ method: 'GET', query }));
      const page = bodyOf(response) as Page;
      expect(response.statusCode).toBe(200);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== undefined);

    expect(seen.sort()).toEqual(ids.sort());
  });

  it.each(['PUT', 'DELETE', 'GET'])(
    'are 404 for %s when they are absent, and nothing is written',
    async (method) => {
      const handler = { PUT: putWidget, DELETE: deleteWidget, GET: getWidget }[method]!;
      const response = await handler(eventOf({ method, path: { widgetId: ABSENT }, ...json({ name: 'a' }) }));

      expect(response.statusCode).toBe(404);
      expect(response.headers['content-type']).toBe('application/problem+json');
      expect(table.items.size).toBe(0);
    },
  );

  it('have a public sign of life', async () => {
    const response = await ping(eventOf({ method: 'GET', caller: null }));

    expect([response.statusCode, bodyOf(response)]).toEqual([200, { status: 'ok' }]);
  });

  it('tell the caller who they are', async () => {
    const response = await getInfo(eventOf({ method: 'GET' }));

    expect(bodyOf(response)).toEqual({
      name: 'Widget API',
      version: '0.1.0',
      caller: { subject: 'user-1', scopes: ['widgets/read', 'widgets/write'], groups: ['staff'] },
    });
    expect((await getInfo(eventOf({ method: 'GET', caller: null }))).statusCode).toBe(403);
  });
});

describe('listing', () => {
  it('reads 20 widgets when no limit is given', async () => {
    await listWidgets(restEvent({ method: 'GET' }));

    expect(table.commands[0]?.input).toEqual({ TableName: 'widgets-test', Limit: 20 });
  });

  it.each(['!', 'AQ', 'x'.repeat(513), 'AT8cmlJtDkt6nEQva48PmhE='])(
    'SPEC-02 is 400 for the cursor %j and does not reach the table',
    async (cursor) => {
      const response = await listWidgets(restEvent({ method: 'GET', query: [['cursor', cursor]] }));

      expect(response.statusCode).toBe(400);
      expect(bodyOf(response)).toMatchObject({ errors: [{ in: 'query', field: 'cursor' }] });
      expect(table.commands).toEqual([]);
    },
  );

  it.each(['0', '101', '1e1', ''])('SPEC-02 is 400 for the limit %j', async (limit) => {
    const response = await listWidgets(restEvent({ method: 'GET', query: [['limit', limit]] }));

    expect(bodyOf(response)).toMatchObject({ status: 400, errors: [{ in: 'query', field: 'limit' }] });
  });
});

describe('a failure behind the handlers', () => {
  it('is 500 without detail when the table cannot be read', async () => {
    table.failure = Object.assign(new Error('marked detail of the table'), { name: 'ThrottlingException' });
    const response = await getWidget(restEvent({ method: 'GET', path: { widgetId: ABSENT } }));

    expect(response.statusCode).toBe(500);
    expect(output.join()).toContain('ThrottlingException');
    expect(response.body + output.join()).not.toContain('marked');
  });

  it('is 500 when the id of a new widget is taken, and the old one stays', async () => {
    table.failure = Object.assign(new Error(), { name: 'ConditionalCheckFailedException' });

    expect((await createWidget(restEvent({ method: 'POST', ...json({ name: 'a' }) }))).statusCode).toBe(500);
  });

  it('is 500 when a stored item is not a widget', async () => {
    table.items.set(ABSENT, { id: ABSENT, name: 7 });
    const response = await getWidget(restEvent({ method: 'GET', path: { widgetId: ABSENT } }));

    expect(response.statusCode).toBe(500);
    expect(output.join()).toContain('answer_off_document');
  });

  it('leaves attributes the document does not know in the table', async () => {
    const { id } = await givenWidget();
    table.items.set(id, { ...table.items.get(id), internalNote: 'marked' });

    expect((await getWidget(restEvent({ method: 'GET', path: { widgetId: id } }))).body).not.toContain(
      'marked',
    );
  });

  it('is a logged 500 that names the key when the environment is wrong', async () => {
    delete process.env['WIDGETS_TABLE_NAME'];
    await jest.isolateModulesAsync(async () => {
      const fresh = await import('../../lambdas/widgets/get-widget.handler');
      const response = await fresh.handler(restEvent({ method: 'GET', path: { widgetId: ABSENT } }));

      expect(response.statusCode).toBe(500);
    });
    expect(output.join()).toContain('"keys":["WIDGETS_TABLE_NAME"]');
  });
});

describe('handlers without a table', () => {
  it('do not load an SDK', () => {
    jest.isolateModules(() => {
      jest.doMock('@aws-sdk/client-dynamodb', () => {
        throw new Error('the SDK was loaded');
      });
      expect(() => {
        jest.requireActual('../../lambdas/widgets/ping.handler');
        jest.requireActual('../../lambdas/widgets/get-info.handler');
      }).not.toThrow();
      expect(() => {
        jest.requireActual('../../lambdas/widgets/get-widget.handler');
      }).toThrow('the SDK was loaded');
      jest.dontMock('@aws-sdk/client-dynamodb');
    });
  });
});
