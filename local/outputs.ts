/** What the deployment left behind, in the form other programs read it: `.local/outputs.json`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';

import { clientSettings, REGION } from './aws';
import { Failure } from './failure';
import type { DemoCertificates } from './partners';
import { LOOPBACK, type Ports } from './ports';
import type { DemoUser } from './users';

export interface LocalOutputs {
  readonly siteUrl: string;
  readonly apiUrl: string;
  /** Where the partner API is served over mutual TLS; null where a foreign emulator is used. */
  readonly partnerUrl: string | null;
  /** The stand-in for Macie; null where a foreign emulator is used. */
  readonly macieUrl: string | null;
  readonly consoleUrl: string;
  readonly inboxUrl: string;
  readonly emulatorUrl: string;
  readonly users: readonly DemoUser[];
  /** Certificate of the local authority that the site's own is from; `null` without --tls. */
  readonly caFile: string | null;
  /** Client certificates to try, as files. */
  readonly certificates: DemoCertificates;
  /** Certificate of the local CA, which signed them and the partner listener's own. */
  readonly authorityFile: string;
  readonly region: string;
  readonly userPoolId: string;
  readonly userPoolClientId: string;
  readonly clientSecretArn: string;
  readonly callbackUrl: string;
  readonly loginUrl: string;
  readonly issuer: string;
  readonly widgetsTableName: string;
  readonly sessionsTableName: string;
  readonly sessionKeyRingArn: string;
  readonly stepUpSettingTableName: string;
  readonly stepUpSessionTableName: string;
  readonly stepUpFactorTableName: string;
  readonly apiId: string;
  readonly apiStage: string;
  readonly authorizerLogGroup: string;
  readonly selfSignUp: boolean;
  readonly partnerDomain: string;
  readonly partnerApiId: string;
  readonly partnerAuthorizerLogGroup: string;
  readonly trustStoreBucketName: string;
  readonly revocationListsBucketName: string;
  readonly rawBucketName: string;
  readonly scanStageBucketName: string;
  readonly manualReviewBucketName: string;
  readonly scannedDataBucketName: string;
  readonly scanRecordsBucketName: string;
  readonly dataScanTableName: string;
  readonly dataScanStateMachineArn: string;
}

/** Outputs of the stacks, by name of the output. */
type StackOutputs = Readonly<Record<(typeof NEEDED)[number], string>>;

const NEEDED = [
  'UserPoolId',
  'UserPoolClientId',
  'ClientSecretArn',
  'LoginUrl',
  'Issuer',
  'WidgetsTableName',
  'SessionsTableName',
  'SessionKeyRingArn',
  'StepUpSettingTableName',
  'StepUpSessionTableName',
  'StepUpFactorTableName',
  'ApiId',
  'ApiStage',
  'AuthorizerLogGroup',
  'SelfSignUp',
  'PartnerDomain',
  'PartnerApiId',
  'PartnerAuthorizerLogGroup',
  'TrustStoreBucketName',
  'RevocationListsBucketName',
  'RawBucketName',
  'ScanStageBucketName',
  'ManualReviewBucketName',
  'ScannedDataBucketName',
  'ScanRecordsBucketName',
  'DataScanTableName',
  'DataScanStateMachineArn',
] as const;

/**
 * Reads what `cdk deploy --outputs-file` wrote; which stack an output belongs to does not matter.
 *
 * @throws Failure naming an output that no stack has
 */
export function parseStackOutputs(written: unknown): StackOutputs {
  const all = new Map<string, string>();
  for (const stack of Object.values((written ?? {}) as Record<string, unknown>)) {
    for (const [key, value] of Object.entries((stack ?? {}) as Record<string, unknown>)) {
      if (typeof value === 'string') all.set(key, value);
    }
  }
  const found = NEEDED.map((key) => {
    const value = all.get(key);
    if (value === undefined)
      throw new Failure(`no stack has the output ${key}; add a CfnOutput of this name`);
    return [key, value] as const;
  });
  return Object.fromEntries(found) as StackOutputs;
}

/** Completes the outputs of the stacks by what only this machine knows. */
export async function localOutputs(
  stacks: StackOutputs,
  emulatorUrl: string,
  ports: Ports,
  site: { readonly url: string; readonly caFile: string | null },
): Promise<Omit<LocalOutputs, 'users' | 'certificates' | 'partnerUrl' | 'authorityFile' | 'macieUrl'>> {
  const client = new CognitoIdentityProviderClient(clientSettings(emulatorUrl));
  const { UserPoolClient: webClient } = await client.send(
    new DescribeUserPoolClientCommand({ UserPoolId: stacks.UserPoolId, ClientId: stacks.UserPoolClientId }),
  );
  client.destroy();
  const consoleUrl = `http://${LOOPBACK}:${ports.console}`;
  return {
    siteUrl: site.url,
    caFile: site.caFile,
    apiUrl: `${emulatorUrl}/_aws/execute-api/${stacks.ApiId}/${stacks.ApiStage}`,
    consoleUrl,
    inboxUrl: `${consoleUrl}/inbox`,
    emulatorUrl,
    region: REGION,
    userPoolId: stacks.UserPoolId,
    userPoolClientId: stacks.UserPoolClientId,
    clientSecretArn: stacks.ClientSecretArn,
    callbackUrl: webClient?.CallbackURLs?.[0] ?? '',
    loginUrl: stacks.LoginUrl,
    issuer: stacks.Issuer,
    widgetsTableName: stacks.WidgetsTableName,
    sessionsTableName: stacks.SessionsTableName,
    sessionKeyRingArn: stacks.SessionKeyRingArn,
    stepUpSettingTableName: stacks.StepUpSettingTableName,
    stepUpSessionTableName: stacks.StepUpSessionTableName,
    stepUpFactorTableName: stacks.StepUpFactorTableName,
    apiId: stacks.ApiId,
    apiStage: stacks.ApiStage,
    authorizerLogGroup: stacks.AuthorizerLogGroup,
    selfSignUp: stacks.SelfSignUp === 'true',
    partnerDomain: stacks.PartnerDomain,
    partnerApiId: stacks.PartnerApiId,
    partnerAuthorizerLogGroup: stacks.PartnerAuthorizerLogGroup,
    trustStoreBucketName: stacks.TrustStoreBucketName,
    revocationListsBucketName: stacks.RevocationListsBucketName,
    rawBucketName: stacks.RawBucketName,
    scanStageBucketName: stacks.ScanStageBucketName,
    manualReviewBucketName: stacks.ManualReviewBucketName,
    scannedDataBucketName: stacks.ScannedDataBucketName,
    scanRecordsBucketName: stacks.ScanRecordsBucketName,
    dataScanTableName: stacks.DataScanTableName,
    dataScanStateMachineArn: stacks.DataScanStateMachineArn,
  };
}

export function writeOutputs(home: string, outputs: LocalOutputs): void {
  writeFileSync(join(home, 'outputs.json'), `${JSON.stringify(outputs, null, 2)}\n`, { mode: 0o600 });
}

/** @throws Failure where no instance was started in this folder */
export function readOutputs(home: string): LocalOutputs {
  const written = join(home, 'outputs.json');
  if (!existsSync(written)) throw new Failure('nothing was started here; begin with: npm start');
  return JSON.parse(readFileSync(written, 'utf8')) as LocalOutputs;
}
