/** What `npm start` ends with. */
import { curlFor } from './curl-lines';
import type { LocalOutputs } from './outputs';

export function summary({ siteUrl, caFile, consoleUrl, inboxUrl, emulatorUrl, users }: LocalOutputs): string {
  const people = users.map(({ email, about }) => `  ${email}  ${about}`);
  const curl = curlFor(caFile);
  return [
    'Ready.',
    `  Console   ${consoleUrl}  (passwords, requests to try, last decisions)`,
    `  Site      ${siteUrl}`,
    ...(caFile === null
      ? []
      : [`  CA        ${caFile}  (let your browser trust it, for this machine's names only)`]),
    `  API       ${siteUrl}/api`,
    `  Inbox     ${inboxUrl}`,
    `  Emulator  ${emulatorUrl}`,
    'Demo users:',
    ...people,
    'Try:',
    `  ${curl} ${siteUrl}/api/ping`,
    `  ${curl} ${siteUrl}/api/widgets`,
  ].join('\n');
}
