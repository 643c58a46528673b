/** The last decisions of the front door, from the log lines it writes. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';

import { clientSettings } from './aws';

export interface Decision {
  readonly time: string;
  readonly operation: string;
  readonly verdict: string;
  readonly reason: string;
  readonly scheme: string;
  readonly checks: string;
  readonly requestId: string;
}

const WINDOW_MS = 60 * 60 * 1000;

/** The newest first; none where the function has not been called yet. */
export async function lastDecisions(
  emulatorUrl: string,
  logGroupName: string,
  count = 25,
): Promise<Decision[]> {
  const client = new CloudWatchLogsClient(clientSettings(emulatorUrl));
  const startTime = Date.now() - WINDOW_MS;
  const events: { timestamp?: number | undefined; message?: string | undefined }[] = [];
  let nextToken: string | undefined;
  do {
    const answer = await client.send(new FilterLogEventsCommand({ logGroupName, startTime, nextToken }));
    events.push(...(answer.events ?? []));
    nextToken = answer.nextToken;
  } while (nextToken !== undefined);
  client.destroy();
  const decisions = events.flatMap(
    ({ message, timestamp }) => decisionOf(message ?? '', timestamp ?? 0) ?? [],
  );
  return newestFirst(decisions).slice(0, count);
}

/** Those of several front doors together. */
export async function lastDecisionsOf(
  emulatorUrl: string,
  logGroupNames: readonly string[],
  count = 25,
): Promise<Decision[]> {
  const all = await Promise.all(logGroupNames.map((name) => lastDecisions(emulatorUrl, name, count)));
  return newestFirst(all.flat()).slice(0, count);
}

function newestFirst(decisions: readonly Decision[]): Decision[] {
  return [...decisions].sort((a, b) => (a.time < b.time ? 1 : -1));
}

/** A decision, if this line is one: a JSON object with `"event":"decision"`. */
export function decisionOf(message: string, timestamp: number): Decision | null {
  let line: Record<string, unknown>;
  try {
    line = JSON.parse(message.slice(message.indexOf('{'))) as Record<string, unknown>;
  } catch {
    return null;
  }
  if (line['event'] !== 'decision') return null;
  const text = (key: string): string => (typeof line[key] === 'string' ? line[key] : '');
  return {
    time: text('time') === '' ? new Date(timestamp).toISOString() : text('time'),
    operation: text('operation'),
    verdict: text('verdict'),
    reason: text('reason'),
    scheme: text('scheme'),
    checks: text('checks'),
    requestId: text('requestId'),
  };
}
