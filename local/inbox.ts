/** Every e-mail the system would have sent, of Cognito and of SES, as the emulator keeps them. */
import { html, type Html } from './html';

export interface Mail {
  readonly to: string;
  readonly from: string;
  readonly subject: string;
  readonly body: string;
  readonly time: string;
}

/** The newest first. */
export async function mails(emulatorUrl: string): Promise<Mail[]> {
  const response = await fetch(`${emulatorUrl}/_ministack/ses/messages`);
  if (!response.ok) return [];
  return parseMails(await response.json());
}

/** Reads the emulator's answer: messages by account. */
export function parseMails(answer: unknown): Mail[] {
  const accounts = ((answer ?? {}) as { messages?: Record<string, unknown> }).messages ?? {};
  const found = Object.values(accounts).flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  return found
    .map((entry) => {
      const mail = entry as Record<string, unknown>;
      const text = (key: string): string => (typeof mail[key] === 'string' ? mail[key] : '');
      return {
        to: Array.isArray(mail['To']) ? mail['To'].join(', ') : '',
        from: text('Source'),
        subject: text('Subject'),
        // never shown as HTML: what a mail says is not ours
        body: text('BodyText') === '' ? text('BodyHtml') : text('BodyText'),
        time:
          typeof mail['Timestamp'] === 'number'
            ? new Date(mail['Timestamp'] * 1000).toISOString()
            : text('Timestamp'),
      };
    })
    .sort((a, b) => (a.time < b.time ? 1 : -1));
}

export function inboxPage(list: readonly Mail[]): Html {
  const items = list.map(
    (mail) =>
      html`<article>
        <header>
          <h2>${mail.subject === '' ? '(no subject)' : mail.subject}</h2>
          <span class="soft">${mail.time}</span>
        </header>
        <p class="soft">from ${mail.from} to ${mail.to}</p>
        <pre tabindex="0">${mail.body}</pre>
      </article>`,
  );
  return html`<main>
    <h1>Inbox</h1>
    <p><a href="/">Back to the console</a></p>
    ${items.length === 0 ? html`<p>No mail has been sent yet.</p>` : items}
  </main>`;
}
