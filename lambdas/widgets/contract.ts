/** What the widgets' functions need in their environment. */
import { envContract, text } from '../_kernel/env';

/** Of every function that reads or writes widgets; `ping` and `getInfo` need nothing. */
export const widgetsEnv = envContract({
  /** Name of the table, whose partition key is `id`, a string. */
  WIDGETS_TABLE_NAME: text(),
});
