/** GET /widgets/{widgetId}: answers one widget. */
import { getWidget } from '../../generated/operations/getWidget';
import { atFirstUse } from '../_kernel/env';
import { problem } from '../_kernel/http';
import { operationHandler } from '../_kernel/operation';
import { widgetTable } from './adapters/widget-table';
import { widgetsEnv } from './contract';

const table = atFirstUse(() => widgetTable(widgetsEnv.read(process.env).WIDGETS_TABLE_NAME));

export const handler = operationHandler(getWidget, async ({ params }) => {
  const widget = await table().get(params.widgetId);
  return widget === undefined ? problem(404) : { status: 200, body: widget };
});
