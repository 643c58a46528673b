/** The ports of the front door's check, for one deployed environment. */
import type { Clock } from '../../_kernel/clock';
import { stepUpCheckEnv } from '../contract';
import { keptSettings } from '../core/settings';
import type { VerdictPorts } from '../core/verdict';
import { dynamoDb } from './dynamodb';
import { readStepUpPolicy } from './policy-file';
import { elevations } from './session-table';
import { settingReader } from './setting-table';

/**
 * @param directory folder of the deployed bundle
 * @throws EnvironmentError for a missing variable; whatever reading the policy throws
 */
export function openCheck(
  directory: string,
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): VerdictPorts {
  const { STEP_UP_SETTING_TABLE_NAME, STEP_UP_SESSION_TABLE_NAME } = stepUpCheckEnv.read(env);
  const client = dynamoDb();
  const rows = elevations(STEP_UP_SESSION_TABLE_NAME, client);
  return {
    policy: readStepUpPolicy(directory),
    setting: keptSettings(settingReader(STEP_UP_SETTING_TABLE_NAME, client), clock),
    elevation: async (key) => rows.read(key),
    consume: async (elevation) => rows.consume(elevation, Math.floor(clock() / 1000)),
    clock,
  };
}
