/** An identity provider whose every answer the test decides; keys are real, and so are signatures. */
import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { openIdProvider, type Provider } from '../../lambdas/cookie-auth/adapters/provider';
import { cookieAuthEnv } from '../../lambdas/cookie-auth/contract';

export type Claims = Record<string, unknown>;

export interface Signing {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function signingKey(kid: string, type: 'RSA' | 'EC' = 'RSA'): Signing {
  return {
    kid,
    ...(type === 'RSA'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  };
}

/** A key as a provider publishes it. */
export function published({ kid, publicKey }: Signing): Claims {
  const alg = publicKey.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256';
  return { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg };
}

/** @param secret of HS256; by default the public key, the classic */
export function jwt(claims: Claims, key: Signing, header: Claims = {}, secret?: string): string {
  const ec = key.publicKey.asymmetricKeyType === 'ec';
  const full = { alg: ec ? 'ES256' : 'RS256', kid: key.kid, typ: 'JWT', ...header };
  const input = [full, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  if (full.alg === 'none') return `${input}.`;
  const signature =
    full.alg === 'HS256'
      ? createHmac('sha256', secret ?? key.publicKey.export({ type: 'spki', format: 'pem' }))
          .update(input)
          .digest('base64url')
      : createSign('sha256')
          .update(input)
          .sign({ key: key.privateKey, dsaEncoding: 'ieee-p1363' }, 'base64url');
  return `${input}.${signature}`;
}

export const CLIENT_SECRET = 'a+b/c: d';

/** The adapter under test. @param change to the environment of a client of `ProviderServer` */
export function providerOf(
  change: Readonly<Record<string, string>>,
  clientSecret: string,
  clock = Date.now,
): Provider {
  const settings = cookieAuthEnv.read({
    SESSION_TABLE_NAME: 't',
    SESSION_KEY_RING_ARN: 'r',
    OIDC_CLIENT_ID: 'client-1',
    OIDC_CLIENT_SECRET_ARN: 's',
    OIDC_SCOPES: 'openid widgets/read',
    OIDC_PROVIDER: 'standard',
    SITE_URL: 'https://site.test',
    API_BASE_PATH: '/api',
    SESSION_SECONDS: '3600',
    SESSION_IDLE_SECONDS: '600',
    ...change,
  });
  return openIdProvider(settings, { clock, clientSecret: async () => clientSecret });
}

export class ProviderServer {
  readonly key = signingKey('key-1');
  readonly requests: { path: string; authorization: string; form: Record<string, string> }[] = [];
  /** Status and body of the token endpoint. */
  answer: { status: number; body: unknown } = { status: 200, body: {} };
  /** Changes to the discovery document. */
  discovered: Claims = {};
  keysStatus = 200;
  /** The key set. */
  keys: readonly Claims[] = [published(this.key)];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '', this.issuer);
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
        this.requests.push({ path: pathname, authorization: request.headers.authorization ?? '', form });
        const [status, body] = this.respond(pathname);
        if (status === 0) return;
        response.writeHead(status, { 'content-type': 'application/json', location: '/elsewhere' });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
  }

  static async start(): Promise<ProviderServer> {
    const started = new ProviderServer();
    await new Promise<void>((resolve) => started.server.listen(0, '127.0.0.1', resolve));
    return started;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The adapter under test, with this as its provider. */
  provider(kind: 'cognito' | 'standard' = 'standard', clock = Date.now): Provider {
    return providerOf({ OIDC_ISSUER: this.issuer, OIDC_PROVIDER: kind }, CLIENT_SECRET, clock);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private respond(path: string): [status: number, body: unknown] {
    switch (path) {
      case '/.well-known/openid-configuration':
        return [
          200,
          {
            issuer: this.issuer,
            authorization_endpoint: `${this.issuer}/authorize`,
            token_endpoint: `${this.issuer}/token`,
            jwks_uri: `${this.issuer}/keys`,
            revocation_endpoint: `${this.issuer}/revoke`,
            ...this.discovered,
          },
        ];
      case '/keys':
        return [this.keysStatus, { keys: this.keys }];
      case '/token':
        return [this.answer.status, this.answer.body];
      case '/revoke':
        return [200, ''];
      default:
        return [404, {}];
    }
  }
}
