/**
 * The certified npm package oidc-provider as a program: an identity provider that nobody here wrote. It is an ES module,
 * so it runs as a process of its own. Settings come as JSON in the first argument; it says its issuer once it listens.
 *
 * A line on standard input is told back as a line of JSON, the requests for tokens so far, and the logout tokens that were
 * taken (`told`) and refused (`untold`):
 * - `counts`: only that; `reset`: from nothing, and the settings of the first argument
 * - `accept`, `refuse`, `unknown`, `down`, `broken`, `slow`, `late`: what the token endpoint does; `late` answers well, a
 *   second and a half later
 * - `nameless`: logout tokens name the person alone; `again`: the last one is sent once more
 * - `weak`: a login reaches the lowest level, whatever was asked for
 * - `life <seconds>`: how long access tokens live from now on
 * - `rotation strict`, `rotation grace`, `rotation none`: a refresh token is good once, and once more ends the grant
 *   (RFC 9700 section 4.14.2); the one before it stays good; the same one stays good
 *
 * Who signs in as `reader` is granted no `widgets/write`.
 */
import { Buffer } from 'node:buffer';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { URLSearchParams } from 'node:url';

import Provider from 'oidc-provider';

const { port, redirectUri, logoutUri, logoutTokensUri, accessSeconds } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const NOTHING = { authorization_code: 0, refresh_token: 0, repeated: 0, revoked: 0, told: 0, untold: 0 };
const used = new Set();
const FIRST = { mode: 'accept', life: accessSeconds, rotation: 'strict' };
const counts = { ...NOTHING };
const settings = { ...FIRST };
/** The last logout token's request. */
let last;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'web',
      client_secret: 'a secret/with+signs:and more than enough of them',
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [logoutUri],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'client_secret_basic',
      backchannel_logout_uri: logoutTokensUri,
      backchannel_logout_session_required: true,
    },
  ],
  scopes: ['openid', 'offline_access', 'widgets/read', 'widgets/write'],
  claims: { openid: ['sub', 'groups'] },
  conformIdTokenClaims: false,
  acrValues: ['urn:cognito:loa:1', 'urn:cognito:loa:3'],
  pkce: { required: () => true },
  features: {
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    backchannelLogout: { enabled: true },
  },
  // without the dispatcher that keeps the package from calling this machine
  fetch: (url, { signal, headers, method, redirect, body }) => {
    last = { url, init: { headers, method, redirect, body } };
    return globalThis.fetch(url, { ...last.init, signal });
  },
  ttl: {
    AccessToken: () => settings.life,
    IdToken: 60,
    RefreshToken: 3600,
    Session: 3600,
    Grant: 3600,
    Interaction: 600,
  },
  rotateRefreshToken: () => settings.rotation !== 'none',
  issueRefreshToken: async () => true,
  async findAccount(_, id) {
    return { accountId: id, claims: async () => ({ sub: id, groups: ['admins', 'night shift'] }) };
  },
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid offline_access widgets/read');
    if (ctx.oidc.session.accountId === 'reader') grant.rejectOIDCScope('widgets/write');
    else grant.addOIDCScope('widgets/write');
    await grant.save();
    return grant;
  },
});
provider.on('grant.revoked', () => counts.revoked++);
const { backchannelLogout } = provider.Client.prototype;
provider.Client.prototype.backchannelLogout = function logoutByMode(...owner) {
  this.backchannelLogoutSessionRequired = settings.mode !== 'nameless';
  return backchannelLogout.apply(this, owner);
};
provider.on('backchannel.success', () => counts.told++);
provider.on('backchannel.error', () => counts.untold++);
provider.on('server_error', (_, error) => process.stderr.write(`${error.stack}\n`));

const { consume } = provider.RefreshToken.prototype;
provider.RefreshToken.prototype.consume = async function consumeUnlessInGrace() {
  if (settings.rotation === 'strict') await consume.call(this);
};

const answer = provider.callback();

/** What the package's own form does for a login, with a level. */
async function logIn(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const form = new URLSearchParams(Buffer.concat(chunks).toString());
  const { params } = await provider.interactionDetails(request, response);
  const [asked = 'urn:cognito:loa:1'] = params.acr_values?.split(' ') ?? [];
  const acr = settings.mode === 'weak' ? 'urn:cognito:loa:1' : asked;
  await provider.interactionFinished(request, response, { login: { accountId: form.get('login'), acr } });
}

createServer((request, response) => {
  const { mode } = settings;
  const { pathname } = new URL(request.url, issuer);
  if (request.method === 'POST' && /^\/interaction\/[^/]+$/.test(pathname)) {
    logIn(request, response);
    return;
  }
  if (request.method !== 'POST' || pathname !== '/token') {
    answer(request, response);
    return;
  }
  if (mode === 'slow') return;
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const body = Buffer.concat(chunks);
    const form = Object.fromEntries(new URLSearchParams(body.toString()));
    counts[form.grant_type]++;
    if (used.has(form.refresh_token)) counts.repeated++;
    if (form.refresh_token !== undefined) used.add(form.refresh_token);
    const refusals = {
      refuse: [400, { error: 'invalid_grant' }],
      broken: [200, { access_token: 7 }],
      down: [503, {}],
      unknown: [401, { error: 'invalid_client' }],
    };
    if (mode in refusals) {
      const [status, content] = refusals[mode];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
      return;
    }
    if (mode === 'late') await pause(1_500);
    // read already, so handed on where the package's own parser looks for it
    request.body = form;
    answer(request, response);
  });
}).listen(port, '127.0.0.1', () => console.log(JSON.stringify({ issuer })));

createInterface({ input: process.stdin }).on('line', async (line) => {
  const [command, value] = line.split(' ');
  if (command === 'reset') {
    Object.assign(counts, NOTHING);
    Object.assign(settings, FIRST);
  } else if (command === 'life') settings.life = Number(value);
  else if (command === 'rotation') settings.rotation = value;
  else if (command === 'again') {
    const { status } = await globalThis.fetch(last.url, last.init);
    counts[status === 200 ? 'told' : 'untold']++;
  } else if (command !== 'counts') settings.mode = command;
  console.log(JSON.stringify(counts));
});
