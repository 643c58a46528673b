/** A run that stopped on the way. */
import { heldMail } from './mail';
import type { Ports } from './ports';
import type { Stop } from './stop';

/** Times that a run which stopped is taken up again by itself. */
export const MOST_ATTEMPTS = 5;

/**
 * Notes that an execution stopped on the way: its objects stay where they are, somebody is told, the next run takes it
 * up. One that stopped before it had a run took nothing on.
 *
 * @param execution whose run it must still be
 * @returns whether there was anything to tell
 */
export async function holdRun(
  { id, execution, error }: Stop,
  ports: Pick<Ports, 'runs' | 'notices' | 'audit'>,
): Promise<boolean> {
  const { runs, notices, audit } = ports;
  const run = await runs.read(id);
  if (run !== undefined && (run.state === 'ended' || run.execution !== execution || run.held !== undefined))
    return false;
  const [state, attempt] = [run?.state ?? 'beginning', run?.attempts ?? 0];
  const facts = { state, error, attempt };
  if (run !== undefined) await audit.append(id, { id: `held ${attempt}`, event: 'held', facts });
  await notices.mail(heldMail(id, state, error, attempt < MOST_ATTEMPTS));
  await notices.event('Data scan held', { run: id, ...facts });
  // last: whoever finds it held need not tell of it
  if (run !== undefined) await runs.hold(id, execution, { state, error });
  return true;
}
