/** What a deployed function wrote. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';

import { clientSettings } from '../../local/aws';
import { localStack } from '../local-stack';

export type LogLine = Readonly<Record<string, unknown>>;

/** Lines of JSON of a log group, oldest first. */
export async function logLines(
  logGroupName: string,
  matches: (line: LogLine) => boolean,
): Promise<LogLine[]> {
  const client = new CloudWatchLogsClient(clientSettings(localStack().emulatorUrl));
  const found: LogLine[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(new FilterLogEventsCommand({ logGroupName, nextToken }));
    found.push(
      ...(page.events ?? [])
        .flatMap(({ message = '' }) => message.split('\n'))
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as LogLine),
    );
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  client.destroy();
  return found.filter(matches);
}
