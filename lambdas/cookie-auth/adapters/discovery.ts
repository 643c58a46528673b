/** Where the provider's endpoints are, as its own discovery document says (OpenID Connect Discovery 1.0 section 4). */
import type { Clock } from '../../_kernel/clock';
import type { CookieAuthSettings } from '../contract';
import { boundedFetch } from './bounded-fetch';

export interface Endpoints {
  readonly authorization: string;
  readonly token: string;
  readonly keys: string;
  /** RFC 7009; not every provider has one. */
  readonly revocation?: string;
  /** OpenID Connect RP-Initiated Logout 1.0. */
  readonly endSession?: string;
  /** Whether the authorization endpoint takes `prompt=create` (Initiating User Registration 1.0 section 3). */
  readonly registers: boolean;
  /** Whether every callback names its issuer (RFC 9207 section 3). */
  readonly namesIssuer: boolean;
}

type Discovered =
  | { readonly ok: true; readonly endpoints: Endpoints }
  | { readonly ok: false; readonly failure: 'slow' | 'unavailable' };

const DEADLINE_MS = 2_000;
const MAX_AGE_MS = 3_600_000;

/** The endpoints, read once an hour; a failure is not kept. */
export function discovery(settings: CookieAuthSettings, clock: Clock): () => Promise<Discovered> {
  let known: { readonly discovered: Discovered; readonly goodUntil: number } | undefined;
  return async () => {
    if (known !== undefined && clock() < known.goodUntil) return known.discovered;
    const discovered = await discover(settings);
    if (discovered.ok) known = { discovered, goodUntil: clock() + MAX_AGE_MS };
    return discovered;
  };
}

async function discover(settings: CookieAuthSettings): Promise<Discovered> {
  const place = trusted(documentUrl(settings));
  // whoever can change the document says where the client's secret is sent
  if (place === undefined) return UNAVAILABLE;
  const answer = await boundedFetch(place, {}, DEADLINE_MS);
  if (!answer.ok) return answer;
  const body = answer.body as Record<string, unknown> | null | undefined;
  const endpoint = (name: string): string | undefined => trusted(body?.[name]);
  const [authorization, token, keys] = [
    endpoint('authorization_endpoint'),
    endpoint('token_endpoint'),
    endpoint('jwks_uri'),
  ];
  const [revocation, endSession] = [endpoint('revocation_endpoint'), endpoint('end_session_endpoint')];
  // section 4.3: a document for another issuer is not this provider's
  if (answer.status !== 200 || body?.['issuer'] !== settings.OIDC_ISSUER) return UNAVAILABLE;
  if (authorization === undefined || token === undefined || keys === undefined) return UNAVAILABLE;
  return {
    ok: true,
    endpoints: {
      authorization,
      token,
      keys,
      registers: listOf(body['prompt_values_supported']).includes('create'),
      namesIssuer: body['authorization_response_iss_parameter_supported'] === true,
      ...(revocation === undefined ? {} : { revocation }),
      ...(endSession === undefined ? {} : { endSession }),
    },
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

const UNAVAILABLE = { ok: false, failure: 'unavailable' } as const;

function documentUrl({ OIDC_ISSUER, OIDC_PROVIDER, AWS_ENDPOINT_URL }: CookieAuthSettings): string {
  const url = `${OIDC_ISSUER.replace(/\/$/, '')}/.well-known/openid-configuration`;
  // Cognito is an AWS service, so its address is the one that AWS calls are to use
  return OIDC_PROVIDER === 'cognito' && AWS_ENDPOINT_URL !== undefined
    ? new URL(new URL(url).pathname, AWS_ENDPOINT_URL).href
    : url;
}

/** Endpoints are https; on this very machine, as with an emulator, http does (RFC 8252 section 8.3). */
function trusted(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined;
  const { protocol, hostname } = new URL(value);
  const loopback = hostname === '127.0.0.1' || hostname === 'localhost';
  return protocol === 'https:' || (protocol === 'http:' && loopback) ? value : undefined;
}
