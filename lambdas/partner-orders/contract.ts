/** What the construct and the functions of partner orders agree on. */
import { envContract, text } from '../_kernel/env';

export const partnerOrdersEnv = envContract({
  /** Table with the partition key `partner` and the sort key `position`, both strings. */
  PARTNER_ORDERS_TABLE_NAME: text(),
});
