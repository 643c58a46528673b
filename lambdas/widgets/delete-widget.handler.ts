/** DELETE /widgets/{widgetId}: removes a widget that exists. */
import { deleteWidget } from '../../generated/operations/deleteWidget';
import { atFirstUse } from '../_kernel/env';
import { problem } from '../_kernel/http';
import { operationHandler } from '../_kernel/operation';
import { widgetTable } from './adapters/widget-table';
import { widgetsEnv } from './contract';

const table = atFirstUse(() => widgetTable(widgetsEnv.read(process.env).WIDGETS_TABLE_NAME));

export const handler = operationHandler(deleteWidget, async ({ params }) =>
  (await table().delete(params.widgetId)) ? { status: 204 } : problem(404),
);
