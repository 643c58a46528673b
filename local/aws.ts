/** How the AWS SDK and the CDK reach the emulator, and nothing but the emulator. */
import { devNull } from 'node:os';

/** Region and account of the environment `local`. */
export const REGION = 'us-east-1';

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Settings for any client of the AWS SDK. */
export function clientSettings(emulatorUrl: string): {
  endpoint: string;
  region: string;
  credentials: typeof CREDENTIALS;
} {
  return { endpoint: emulatorUrl, region: REGION, credentials: CREDENTIALS };
}

/** Environment for commands: the user's own, in which no profile or credential of a real account is left. */
export function commandEnvironment(emulatorUrl: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const rest = Object.entries(env).filter(([name]) => !/^(AWS|CDK)_/.test(name));
  return {
    ...Object.fromEntries(rest),
    AWS_ENDPOINT_URL: emulatorUrl,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    NO_PROXY: '127.0.0.1,localhost',
    no_proxy: '127.0.0.1,localhost',
  };
}
