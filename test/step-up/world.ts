/** Step-up in this process: the real core over the real adapters, tables in memory, time and codes as the test says. */
import { createHash } from 'node:crypto';

import { TOTP } from 'otpauth';

import { elevations, sessionTable } from '../../lambdas/step-up/adapters/session-table';
import { factorTable } from '../../lambdas/step-up/adapters/factor-table';
import { passkeyVerifier } from '../../lambdas/step-up/adapters/passkey-verifier';
import { settingReader } from '../../lambdas/step-up/adapters/setting-table';
import type { SettingState, StepUpPolicy } from '../../lambdas/step-up/contract';
import type { AuditEvent } from '../../lambdas/step-up/core/audit';
import { beginTotp, confirmTotp, type EnrolmentPorts } from '../../lambdas/step-up/core/enrolment';
import type { Contacts } from '../../lambdas/step-up/core/person';
import { keptSettings } from '../../lambdas/step-up/core/settings';
import { relyingPartyOf } from '../../lambdas/step-up/core/passkey';
import type { AnswerPorts, Asker } from '../../lambdas/step-up/core/step-up';
import { stepUpVerdict, type StepUpResult } from '../../lambdas/step-up/core/verdict';
import { ORIGIN } from './authenticator';
import { Tables } from './tables';

export const POLICY: StepUpPolicy = {
  levels: ['loa:1', 'loa:2', 'loa:3'],
  grants: { PASSKEY: 'loa:3', SOFTWARE_TOKEN: 'loa:3', SMS: 'loa:2', EMAIL: 'loa:2' },
  byDefault: {
    acr: 'loa:2',
    maxAge: 300,
    factors: ['PASSKEY', 'SOFTWARE_TOKEN', 'SMS', 'EMAIL', 'PROVIDER'],
    singleUse: false,
  },
  operations: {
    'GET /info': null,
    'GET /statements': {
      acr: 'loa:2',
      maxAge: 300,
      factors: ['PASSKEY', 'SOFTWARE_TOKEN', 'EMAIL', 'PROVIDER'],
      singleUse: false,
    },
    'POST /limits': { acr: 'loa:3', maxAge: 120, factors: ['PASSKEY', 'SOFTWARE_TOKEN'], singleUse: false },
    'POST /keys': { acr: 'loa:3', maxAge: 120, factors: ['PASSKEY'], singleUse: false },
    'POST /transfer': {
      acr: 'loa:2',
      maxAge: 300,
      factors: ['PASSKEY', 'SOFTWARE_TOKEN', 'EMAIL'],
      singleUse: true,
    },
    'POST /accounts/{id}/close': {
      acr: 'loa:2',
      maxAge: 300,
      factors: ['SOFTWARE_TOKEN', 'EMAIL'],
      singleUse: true,
    },
    'PUT /factors/preferred': null,
    'DELETE /factors/totp': null,
  },
  factorChanges: ['PUT /factors/preferred', 'DELETE /factors/totp'],
};

export const BODY = '{"amountCents":1}';

export function digestOf(body: string): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
}

interface Sent {
  readonly factor: string;
  readonly to: string;
  readonly code: string;
}

export class World {
  readonly tables = new Tables();
  readonly sent: Sent[] = [];
  readonly events: AuditEvent[] = [];
  /** Epoch milliseconds. */
  now = 1_800_000_000_000;
  contacts: Contacts = { email: 'a@example.com' };
  readonly ports: EnrolmentPorts & AnswerPorts;
  private drawn = 0;
  private readonly ask: (request: Parameters<typeof stepUpVerdict>[0]) => Promise<StepUpResult>;

  constructor(policy: StepUpPolicy = POLICY) {
    const client = this.tables.client();
    const rows = elevations('sessions', client);
    const clock = (): number => this.now;
    this.ports = {
      policy,
      sessions: sessionTable('sessions', client),
      factors: factorTable('factors', client),
      elevation: async (key) => rows.read(key),
      contacts: () => Promise.resolve(this.contacts),
      send: (factor, to, code) => {
        this.sent.push({ factor, to, code });
        return Promise.resolve();
      },
      seal: (subject, secret) => Promise.resolve(`${subject}:${Buffer.from(secret).toString('hex')}`),
      unseal: (subject, sealed) => {
        const [owner, hex = ''] = sealed.split(':');
        return Promise.resolve(owner === subject ? Buffer.from(hex, 'hex') : undefined);
      },
      audit: (event) => {
        this.events.push(event);
        return Promise.resolve();
      },
      clock,
      random: (bytes) => {
        this.drawn += 1;
        return createHash('sha512').update(String(this.drawn)).digest().subarray(0, bytes);
      },
      itemTtl: 900,
      issuer: 'Sallyport',
      site: relyingPartyOf(ORIGIN),
      verifier: passkeyVerifier,
    };
    const setting = keptSettings(settingReader('settings', client), clock);
    this.ask = (request) =>
      stepUpVerdict(request, {
        policy,
        setting,
        elevation: async (key) => rows.read(key),
        consume: async (elevation) => rows.consume(elevation, Math.floor(this.now / 1000)),
        clock,
      });
  }

  seconds(offset = 0): number {
    return Math.floor(this.now / 1000) + offset;
  }

  set(id: string, state: SettingState | 'NONSENSE'): void {
    this.tables.put('settings', id, { id: { S: id }, stepUpState: { S: state } });
  }

  asker(id = 'session-one-000000', change: Partial<Asker['session']> & { subject?: string } = {}): Asker {
    const { subject = 'ada', ...session } = change;
    return {
      subject,
      clientId: 'web',
      session: { id, endsAt: this.seconds(3600), authTime: this.seconds(-60), ...session },
    };
  }

  /** Asks the front door's check. */
  request(
    asker: Asker,
    operation: string,
    { path, body, digest }: { path?: string; body?: string; digest?: readonly string[] } = {},
  ): Promise<StepUpResult> {
    const [method = '', template = ''] = operation.split(' ');
    const values = digest ?? (body === undefined ? [] : [digestOf(body)]);
    return this.ask({
      operation,
      method,
      path: path ?? template,
      headers: values.length === 0 ? {} : { 'content-digest': values },
      caller: { subject: asker.subject, clientId: asker.clientId },
      session: asker.session,
    });
  }
}

/** Enrols an app and signs in again. */
export async function withApp(world: World): Promise<{ asker: Asker; codeAt: (step: number) => string }> {
  const { email } = world.contacts;
  world.contacts = {};
  const first = world.asker('session-enrols-000');
  const begun = await beginTotp(first, world.ports);
  if (!begun.ok) throw new Error('not begun');
  const totp = new TOTP({ secret: begun.secret });
  const codeAt = (step: number): string => totp.generate({ timestamp: world.now + step * 30_000 });
  const confirmed = await confirmTotp(first, codeAt(-1), world.ports);
  if (!confirmed.ok) throw new Error('not confirmed');
  world.now += 1_000;
  world.contacts = email === undefined ? {} : { email };
  return { asker: world.asker('session-later-0000', { authTime: world.seconds() }), codeAt };
}
