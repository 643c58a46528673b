/** Where an environment is: its state machine, its table, its records, the address of its API. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { deployedOutput } from '../../lambdas/step-up/adapters/deployed-output';
import { settingsFor } from '../../lib/config';
import { UsageError } from './outcome';

export interface Target {
  readonly siteUrl: string;
  readonly stateMachineArn: () => Promise<string>;
  readonly tableName: () => Promise<string>;
  readonly recordsBucket: () => Promise<string>;
}

/**
 * Points every AWS client of this process at the environment: the Region of its settings, or the running instance of
 * `local` and nothing else.
 *
 * @throws UsageError for an environment without a data scan @throws Error where `local` is not running
 */
export function targetOf(environment: string, env: NodeJS.ProcessEnv = process.env): Target {
  const { region, siteUrl, dataScan } = settingsFor(environment);
  if (dataScan === null)
    throw new UsageError(`the environment ${environment} has no data scan; see dataScan in lib/config.ts`);
  env['AWS_REGION'] = region;
  const output = (stack: string, name: string) => async () =>
    deployedOutput(`sallyport-${environment}-${stack}`, name);
  return {
    siteUrl: environment === 'local' ? useLocalInstance(env) : siteUrl,
    stateMachineArn: output('scan', 'DataScanStateMachineArn'),
    tableName: output('data', 'DataScanTableName'),
    recordsBucket: output('data', 'ScanRecordsBucketName'),
  };
}

/** @returns origin of the site */
function useLocalInstance(env: NodeJS.ProcessEnv): string {
  const file = join(env['SALLYPORT_HOME'] ?? join(__dirname, '../../.local'), 'outputs.json');
  if (!existsSync(file)) throw new Error('nothing was started here; begin with: npm start');
  const { emulatorUrl, siteUrl } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  // no profile or credential of a real account may be left
  for (const name of Object.keys(env))
    if (/^AWS_(?!REGION$|SDK_JS_)/.test(name)) Reflect.deleteProperty(env, name);
  Object.assign(env, {
    AWS_ENDPOINT_URL: emulatorUrl,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  return siteUrl ?? '';
}
