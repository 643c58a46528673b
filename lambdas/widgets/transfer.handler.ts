/** POST /transfer: stands for what must not happen without a second proof; it moves nothing. */
import { randomUUID } from 'node:crypto';

import { transfer } from '../../generated/operations/transfer';
import { operationHandler } from '../_kernel/operation';

export const handler = operationHandler(transfer, ({ body: { amountCents, to } }) => ({
  status: 200,
  body: { id: randomUUID(), amountCents, to },
}));
