/** Tells people by mail, through Amazon SES or a topic of Amazon SNS, and systems by events of Amazon EventBridge. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';

import type { Logger } from '../../_kernel/log';
import { EVENT_SOURCE, UNTOLD_METRIC } from '../contract';
import type { Mail } from '../core/mail';
import type { Notices } from '../core/ports';

interface NoticeOptions {
  readonly bus: string;
  readonly mail?: { readonly from: string; readonly to: readonly string[] };
  readonly topic?: string;
}

/** Longest subject of SNS (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html). */
const MOST_SUBJECT = 100;

const BOUNDED = {
  maxAttempts: 3,
  // without throwOnRequestTimeout the SDK only writes a warning when the time is over
  requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
};

/** A notice that fails is logged and counted: what it is about has happened, and must not happen again for it. */
export function notices({ bus, mail, topic }: NoticeOptions, log: Logger): Notices {
  const told = async (what: string, send: () => Promise<void>): Promise<boolean> => {
    try {
      await send();
      return true;
    } catch (error) {
      log.error('notice_lost', { what }, error);
      log.metric(UNTOLD_METRIC, {});
      return false;
    }
  };
  return {
    mail: async (letter) =>
      told('mail', async () => {
        if (mail !== undefined) await byMail(mail, letter);
        if (topic !== undefined) await byTopic(topic, letter);
      }),
    event: async (DetailType, detail) => {
      await told('event', async () => {
        const { FailedEntryCount = 0 } = await new EventBridgeClient(BOUNDED).send(
          new PutEventsCommand({
            Entries: [
              {
                EventBusName: bus,
                Source: EVENT_SOURCE,
                DetailType,
                Detail: JSON.stringify(detail),
              },
            ],
          }),
        );
        if (FailedEntryCount > 0) throw new Error('the bus did not take the event');
      });
    },
  };
}

async function byMail(
  { from, to }: { readonly from: string; readonly to: readonly string[] },
  { subject, text }: Mail,
): Promise<void> {
  await new SESv2Client(BOUNDED).send(
    new SendEmailCommand({
      FromEmailAddress: from,
      Destination: { ToAddresses: [...to] },
      Content: {
        Simple: {
          Subject: { Data: subject, Charset: 'UTF-8' },
          Body: { Text: { Data: text, Charset: 'UTF-8' } },
        },
      },
    }),
  );
}

async function byTopic(TopicArn: string, { subject, text }: Mail): Promise<void> {
  await new SNSClient(BOUNDED).send(
    new PublishCommand({ TopicArn, Subject: subject.slice(0, MOST_SUBJECT), Message: text }),
  );
}
