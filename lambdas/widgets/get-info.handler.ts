/** GET /info: says what the service is and who it takes the caller to be. */
import { about } from '../../generated/about';
import { getInfo } from '../../generated/operations/getInfo';
import { operationHandler } from '../_kernel/operation';

export const handler = operationHandler(getInfo, ({ caller: { subject, scopes, groups } }) => ({
  status: 200,
  body: {
    name: about.title,
    version: about.version,
    caller: { subject, scopes: [...scopes], groups: [...groups] },
  },
}));
