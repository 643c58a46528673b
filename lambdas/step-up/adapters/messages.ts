/** Sends codes: by mail through Amazon SES, as text messages through Amazon SNS. */
import { signedPost } from './signed-request';

/**
 * @param from verified sender of mails
 * @param issuer what the message calls the service
 */
export function codeSender(
  from: string | undefined,
  issuer: string,
): (factor: 'SMS' | 'EMAIL', to: string, code: string) => Promise<void> {
  return async (factor, to, code) => {
    const text = `${code} is your code for ${issuer}. It is good for five minutes. If you did not ask for it, somebody else is signed in as you: sign out everywhere.`;
    if (factor === 'SMS') {
      const form = { Action: 'Publish', Version: '2010-03-31', PhoneNumber: to, Message: text };
      await signedPost(
        {
          endpoint: 'sns',
          service: 'sns',
          path: '/',
          contentType: 'application/x-www-form-urlencoded',
          body: new URLSearchParams(form).toString(),
        },
        process.env,
      );
      return;
    }
    if (from === undefined) throw new TypeError('mail is offered, but there is no sender');
    const mail = {
      FromEmailAddress: from,
      Destination: { ToAddresses: [to] },
      Content: {
        Simple: { Subject: { Data: `Your code for ${issuer}` }, Body: { Text: { Data: text } } },
      },
    };
    await signedPost(
      {
        endpoint: 'email',
        service: 'ses',
        path: '/v2/email/outbound-emails',
        contentType: 'application/json',
        body: JSON.stringify(mail),
      },
      process.env,
    );
  };
}
