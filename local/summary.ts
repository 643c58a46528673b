/** What `npm start` ends with. */
import type { LocalOutputs } from './outputs';

export function summary({ siteUrl, consoleUrl, inboxUrl, emulatorUrl, users }: LocalOutputs): string {
  const people = users.map(({ email, about }) => `  ${email}  ${about}`);
  return [
    'Ready.',
    `  Console   ${consoleUrl}  (passwords, requests to try, last decisions)`,
    `  API       ${siteUrl}/api`,
    `  Inbox     ${inboxUrl}`,
    `  Emulator  ${emulatorUrl}`,
    'Demo users:',
    ...people,
    'Try:',
    `  curl -i ${siteUrl}/api/ping`,
    `  curl -i ${siteUrl}/api/widgets`,
  ].join('\n');
}
