/** What `npm start` ends with. */
import { curlFor, partnerLines } from './curl-lines';
import type { LocalOutputs } from './outputs';

export function summary(outputs: LocalOutputs): string {
  const { siteUrl, caFile, consoleUrl, inboxUrl, emulatorUrl, partnerUrl, users } = outputs;
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
    `  Docs      ${siteUrl}/docs/`,
    ...(partnerUrl === null ? [] : [`  Partners  ${partnerUrl}  (mutual TLS)`]),
    `  Inbox     ${inboxUrl}`,
    `  Emulator  ${emulatorUrl}`,
    'Demo users:',
    ...people,
    'Try:',
    `  ${curl} ${siteUrl}/api/ping`,
    `  ${curl} ${siteUrl}/api/widgets`,
    ...partnerLines(outputs).map(({ command }) => `  ${command}`),
  ].join('\n');
}
