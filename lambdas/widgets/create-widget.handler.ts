/** POST /widgets: stores a new widget. */
import { randomUUID } from 'node:crypto';

import { about } from '../../generated/about';
import { createWidget } from '../../generated/operations/createWidget';
import { systemClock, timestamp } from '../_kernel/clock';
import { atFirstUse } from '../_kernel/env';
import { operationHandler } from '../_kernel/operation';
import { widgetTable } from './adapters/widget-table';
import { widgetsEnv } from './contract';
import { newWidget } from './core/widget';

const table = atFirstUse(() => widgetTable(widgetsEnv.read(process.env).WIDGETS_TABLE_NAME));

export const handler = operationHandler(createWidget, async ({ body }) => {
  const widget = newWidget(body, { id: randomUUID(), now: timestamp(systemClock) });
  await table().create(widget);
  return { status: 201, headers: { Location: `${about.basePath}/widgets/${widget.id}` }, body: widget };
});
