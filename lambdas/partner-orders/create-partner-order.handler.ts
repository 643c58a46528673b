/** POST /partner/orders: stores an order of the partner whose certificate it came with. */
import { randomUUID } from 'node:crypto';

import { createPartnerOrder } from '../../generated/operations/createPartnerOrder';
import { systemClock, timestamp } from '../_kernel/clock';
import { atFirstUse } from '../_kernel/env';
import { operationHandler } from '../_kernel/operation';
import { orderTable } from './adapters/order-table';
import { partnerOrdersEnv } from './contract';
import { newOrder, partnerOf } from './core/order';

const table = atFirstUse(() => orderTable(partnerOrdersEnv.read(process.env).PARTNER_ORDERS_TABLE_NAME));

export const handler = operationHandler(createPartnerOrder, async ({ body, caller: { certificate } }) => {
  const { fingerprint } = certificate;
  const order = newOrder(body, { id: randomUUID(), now: timestamp(systemClock), fingerprint });
  await table().add(partnerOf(certificate), order);
  return { status: 201, body: order };
});
