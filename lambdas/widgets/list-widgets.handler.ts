/** GET /widgets: answers one page. */
import { listWidgets } from '../../generated/operations/listWidgets';
import { atFirstUse } from '../_kernel/env';
import { problem } from '../_kernel/http';
import { operationHandler } from '../_kernel/operation';
import { widgetTable } from './adapters/widget-table';
import { widgetsEnv } from './contract';
import { decodeCursor, encodeCursor } from './core/cursor';

const table = atFirstUse(() => widgetTable(widgetsEnv.read(process.env).WIDGETS_TABLE_NAME));

export const handler = operationHandler(listWidgets, async ({ query }) => {
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  if (query.cursor !== undefined && after === undefined) {
    const message = 'must be the nextCursor of an earlier answer';
    return problem(400, { errors: [{ in: 'query', field: 'cursor', message }] });
  }
  const { items, last } = await table().page(query.limit, after);
  return { status: 200, body: { items, ...(last === undefined ? {} : { nextCursor: encodeCursor(last) }) } };
});
