/** PUT /widgets/{widgetId}: replaces a widget that exists. */
import { putWidget } from '../../generated/operations/putWidget';
import { systemClock, timestamp } from '../_kernel/clock';
import { atFirstUse } from '../_kernel/env';
import { problem } from '../_kernel/http';
import { operationHandler } from '../_kernel/operation';
import { widgetTable } from './adapters/widget-table';
import { widgetsEnv } from './contract';
import { replacementOf } from './core/widget';

const table = atFirstUse(() => widgetTable(widgetsEnv.read(process.env).WIDGETS_TABLE_NAME));

export const handler = operationHandler(putWidget, async ({ params, body }) => {
  const widget = await table().replace(params.widgetId, replacementOf(body, timestamp(systemClock)));
  return widget === undefined ? problem(404) : { status: 200, body: widget };
});
