/** Brings generated/ up to date once before all tests, and names the folder in which they share bundles of handlers. */
import { join } from 'node:path';

import { generate } from '../tools/generate/generator';

export default async function globalSetup(): Promise<void> {
  const root = join(__dirname, '..');
  await generate({ document: join(root, 'openapi.yaml'), out: join(root, 'generated') });
  // the construct library's own rules over every template: half the time of a synth. Deployments and the tests of the
  // whole app, under the flags of cdk.json, hold to them
  process.env['CDK_VALIDATION'] = 'false';
  process.env['SALLYPORT_BUNDLES'] = join(root, '.local/test-bundles');
}
