/** Requests to try: some succeed, some are refused, each with what to expect of it. */
import { dirname } from 'node:path';

import type { LocalOutputs } from './outputs';
import { signIn, type Tokens } from './sign-in';

export interface CurlLine {
  readonly title: string;
  readonly command: string;
  readonly expectStatus: number;
  /** Why it is answered so: a reason of the front door, or what the body says. */
  readonly expectReason?: string;
}

/** Fresh tokens of two people: one may write, the other may only read. */
export async function curlLines(outputs: LocalOutputs): Promise<CurlLine[]> {
  const [writer, reader] = await Promise.all([tokens(outputs, 'ada'), tokens(outputs, 'eve')]);
  return [...linesFor(outputs, writer, reader), ...partnerLines(outputs)];
}

async function tokens(outputs: LocalOutputs, name: string): Promise<Tokens> {
  const user = outputs.users.find(({ email }) => email.startsWith(`${name}@`));
  if (user === undefined) throw new Error(`no demo user ${name}`);
  return signIn(outputs, user, user.scopes);
}

/** How curl is called: it does not know the local authority. */
export function curlFor(caFile: string | null): string {
  return caFile === null ? 'curl -i' : `curl -i --cacert ${quote(caFile)}`;
}

export function linesFor(
  { siteUrl, caFile }: Pick<LocalOutputs, 'siteUrl' | 'caFile'>,
  writer: Tokens,
  reader: Tokens,
): CurlLine[] {
  const curl = curlFor(caFile);
  const widgets = `${siteUrl}/api/widgets`;
  const bearer = (token: string): string => `-H ${quote(`Authorization: Bearer ${token}`)}`;
  const body = (value: object): string =>
    `-H ${quote('Content-Type: application/json')} -d ${quote(JSON.stringify(value))}`;
  return [
    { title: 'Anybody may ping', command: `${curl} ${quote(`${siteUrl}/api/ping`)}`, expectStatus: 200 },
    {
      title: 'List widgets without a token',
      command: `${curl} ${quote(widgets)}`,
      expectStatus: 401,
      expectReason: 'credentials_missing',
    },
    {
      title: 'List widgets with a token that may read',
      command: `${curl} ${quote(widgets)} ${bearer(reader.accessToken)}`,
      expectStatus: 200,
    },
    {
      title: 'Create a widget',
      command: `${curl} ${quote(widgets)} ${body({ name: 'Flange' })} ${bearer(writer.accessToken)}`,
      expectStatus: 201,
    },
    {
      title: 'Create a widget with a token that may only read',
      command: `${curl} ${quote(widgets)} ${body({ name: 'Flange' })} ${bearer(reader.accessToken)}`,
      expectStatus: 403,
      expectReason: 'scope_missing',
    },
    {
      title: 'Create a widget without a name',
      command: `${curl} ${quote(widgets)} ${body({ priceCents: 100 })} ${bearer(writer.accessToken)}`,
      expectStatus: 400,
      expectReason: 'name',
    },
    {
      title: 'List widgets with something that is no token',
      command: `${curl} ${quote(widgets)} ${bearer('not-a-token')}`,
      expectStatus: 401,
      expectReason: 'credentials_malformed',
    },
    {
      title: 'List widgets with an id token in place of an access token',
      command: `${curl} ${quote(widgets)} ${bearer(writer.idToken)}`,
      expectStatus: 401,
      expectReason: 'token_use_wrong',
    },
  ];
}

/** Requests over mutual TLS: the same one with a certificate in good standing, and with one that was revoked. */
export function partnerLines({
  partnerUrl,
  certificates: { good, revoked },
  authorityFile,
}: Pick<LocalOutputs, 'partnerUrl' | 'certificates' | 'authorityFile'>): CurlLine[] {
  if (partnerUrl === null) return [];
  const command = ({ cert, key }: { readonly cert: string; readonly key: string }): string =>
    `curl -i --cacert ${quote(authorityFile)} --cert ${quote(cert)} --key ${quote(key)} ${quote(`${partnerUrl}/partner/orders`)}`;
  return [
    { title: 'List orders with a client certificate', command: command(good), expectStatus: 200 },
    {
      title: 'List orders with a client certificate that was revoked',
      command: command(revoked),
      expectStatus: 403,
      expectReason: 'certificate_revoked',
    },
  ];
}

/** What revokes the certificate in good standing, and what takes that back; the lines above show the difference. */
export function revocationLines({
  partnerUrl,
  certificates: { good },
  authorityFile,
}: Pick<LocalOutputs, 'partnerUrl' | 'certificates' | 'authorityFile'>): string[] {
  if (partnerUrl === null) return [];
  const command = `SALLYPORT_HOME=${quote(dirname(dirname(authorityFile)))} npm run -s revoke`;
  return [`${command} -- ${quote(good.cert)}`, command];
}

/** What puts a file with a card's number into the raw bucket, starts a run over it, and decides as a reviewer. */
export function scanLines({
  macieUrl,
  emulatorUrl,
  rawBucketName,
  authorityFile,
}: Pick<LocalOutputs, 'macieUrl' | 'emulatorUrl' | 'rawBucketName' | 'authorityFile'>): string[] {
  if (macieUrl === null) return [];
  const home = `SALLYPORT_HOME=${quote(dirname(dirname(authorityFile)))}`;
  const scan = `${home} npm run -s scan --`;
  return [
    `curl -X PUT -H 'Content-Type: text/csv' --data-binary 'card 4111 1111 1111 1111' ${quote(`${emulatorUrl}/${rawBucketName}/cards.csv`)}`,
    `${scan} start -c local --wait`,
    `SALLYPORT_TOKEN=$(${home} npm run -s token -- rita) ${scan} decide <link> -c local --approve --reason 'a test card'`,
  ];
}

/** Quotes a word for a POSIX shell. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
