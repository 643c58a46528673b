/** Everything the functions of step-up need, for one deployed environment. */
import { randomBytes } from 'node:crypto';

import { systemClock } from '../../_kernel/clock';
import { createLogger } from '../../_kernel/log';
import { stepUpEnv } from '../contract';
import type { EnrolmentPorts } from '../core/enrolment';
import { relyingPartyOf } from '../core/passkey';
import { auditEvents } from './audit-events';
import { contactsOf } from './contacts';
import { dynamoDb } from './dynamodb';
import { factorTable } from './factor-table';
import { codeSender } from './messages';
import { readStepUpPolicy } from './policy-file';
import { sealedSecrets } from './sealed-secrets';
import { elevations, sessionTable } from './session-table';

/**
 * @param directory folder of the deployed bundle
 * @throws EnvironmentError for a missing variable; whatever reading the policy throws
 */
export function openStepUp(directory: string): EnrolmentPorts {
  const settings = stepUpEnv.read(process.env);
  const client = dynamoDb();
  const rows = elevations(settings.STEP_UP_SESSION_TABLE_NAME, client);
  const secrets = sealedSecrets(settings.STEP_UP_KEY_ARN);
  const { STEP_UP_ISSUER: issuer, STEP_UP_PASSKEY_ORIGIN: origin } = settings;
  return {
    policy: readStepUpPolicy(directory),
    sessions: sessionTable(settings.STEP_UP_SESSION_TABLE_NAME, client),
    elevation: async (key) => rows.read(key),
    factors: factorTable(settings.STEP_UP_FACTOR_TABLE_NAME, client),
    contacts: contactsOf(settings.STEP_UP_USER_POOL_ID),
    send: codeSender(settings.STEP_UP_EMAIL_FROM, issuer),
    seal: async (subject, secret) => secrets.seal(subject, secret),
    unseal: async (subject, sealed) => secrets.unseal(subject, sealed),
    audit: auditEvents(settings.STEP_UP_EVENT_BUS_NAME, createLogger()),
    clock: systemClock,
    random: (bytes) => randomBytes(bytes),
    itemTtl: settings.SESSION_TABLE_ITEM_TTL,
    issuer,
    site: origin === undefined ? undefined : relyingPartyOf(origin),
  };
}
