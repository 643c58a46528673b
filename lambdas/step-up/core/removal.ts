/** Removing a factor: what enrolling takes, and nothing of it stays behind. */
import { type EnrolmentPorts, type Insufficient, mayChange } from './enrolment';
import type { Asker } from './step-up';

/**
 * Forgets the authenticator app. Wrong answers stay counted: a lock is of the person, not of the app.
 *
 * @returns `unknown` when there is none, or it was replaced in this very moment
 */
export async function removeTotp(
  asker: Asker,
  ports: EnrolmentPorts,
): Promise<{ ok: true } | Insufficient | 'unknown'> {
  const permission = await mayChange(asker, ports);
  if (!permission.ok) return permission;
  const { subject, clientId } = asker;
  const { secret } = permission.person;
  if (secret === undefined || !(await ports.factors.removeApp(subject, secret))) return 'unknown';
  await ports.audit({ outcome: 'removed', subject, clientId, factor: 'SOFTWARE_TOKEN' });
  return { ok: true };
}
