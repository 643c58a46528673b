/** GET /partner/orders: answers the orders of the partner whose certificate it came with. */
import { listPartnerOrders } from '../../generated/operations/listPartnerOrders';
import { atFirstUse } from '../_kernel/env';
import { operationHandler } from '../_kernel/operation';
import { orderTable } from './adapters/order-table';
import { partnerOrdersEnv } from './contract';
import { partnerOf } from './core/order';

const table = atFirstUse(() => orderTable(partnerOrdersEnv.read(process.env).PARTNER_ORDERS_TABLE_NAME));

export const handler = operationHandler(listPartnerOrders, async ({ caller: { certificate } }) => ({
  status: 200,
  body: { partner: certificate.subject, items: await table().latest(partnerOf(certificate)) },
}));
