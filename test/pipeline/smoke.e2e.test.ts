/** `npm run smoke` against the deployed local stack. */
import { join } from 'node:path';

import { readDocument } from '../../lib';
import { smoke } from '../../tools/smoke/checks';
import { localStack } from '../local-stack';

const document = readDocument(join(__dirname, '../../openapi.yaml'));

it('PIPE-01 every check holds of the deployed stack, and one of another origin does not', async () => {
  const { siteUrl } = localStack();
  const deployed = { api: `${siteUrl}/api`, document };

  const { checks, findings } = await smoke({ ...deployed, origin: siteUrl });
  expect(checks).toBeGreaterThan(15);
  expect(findings).toEqual([]);

  const other = await smoke({ ...deployed, origin: 'https://elsewhere.example' });
  expect(other.findings).toMatchObject([{ rule: 'origin-right', reason: 'answers 403, not 401' }]);
});
