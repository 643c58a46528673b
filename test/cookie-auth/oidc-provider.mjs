/**
 * The certified npm package oidc-provider as a program: an identity provider that nobody here wrote. It is an ES module,
 * so it runs as a process of its own. Settings come as JSON in the first argument; it says its issuer once it listens.
 *
 * A line on standard input is told back as a line of JSON: `counts` (requests for tokens so far), `refuse` and `accept`
 * (whether the token endpoint answers invalid_grant), `slow` and `broken` (no answer, nonsense), `reset`.
 */
import { Buffer } from 'node:buffer';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { URLSearchParams } from 'node:url';

import Provider from 'oidc-provider';

const { port, redirectUri, logoutUri, accessSeconds, rotate } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const counts = { authorization_code: 0, refresh_token: 0, revoked: 0, lastIssued: null };
let mode = 'accept';

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
    },
  ],
  scopes: ['openid', 'offline_access', 'widgets/read', 'widgets/write'],
  claims: { openid: ['sub', 'groups'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { revocation: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  ttl: {
    AccessToken: accessSeconds,
    IdToken: 60,
    RefreshToken: 3600,
    Session: 3600,
    Grant: 3600,
    Interaction: 600,
  },
  rotateRefreshToken: rotate,
  issueRefreshToken: async () => true,
  async findAccount(_, id) {
    return { accountId: id, claims: async () => ({ sub: id, groups: ['admins', 'night shift'] }) };
  },
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid offline_access widgets/read widgets/write');
    await grant.save();
    return grant;
  },
});
provider.on('grant.revoked', () => counts.revoked++);
provider.on('server_error', (_, error) => process.stderr.write(`${error.stack}\n`));

const answer = provider.callback();
createServer((request, response) => {
  if (request.method !== 'POST' || new URL(request.url, issuer).pathname !== '/token') {
    answer(request, response);
    return;
  }
  if (mode === 'slow') return;
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    counts[new URLSearchParams(body.toString()).get('grant_type')]++;
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
    // read already, so handed on where the package's own parser looks for it
    request.body = Object.fromEntries(new URLSearchParams(body.toString()));
    answer(request, response);
  });
}).listen(port, '127.0.0.1', () => console.log(JSON.stringify({ issuer })));

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'reset') Object.assign(counts, { authorization_code: 0, refresh_token: 0, revoked: 0 });
  else if (line !== 'counts') mode = line;
  console.log(JSON.stringify(counts));
});
