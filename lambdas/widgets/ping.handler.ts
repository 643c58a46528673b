/** GET /ping: public, says that the service answers. */
import { ping } from '../../generated/operations/ping';
import { operationHandler } from '../_kernel/operation';

export const handler = operationHandler(ping, () => ({ status: 200, body: { status: 'ok' } }));
