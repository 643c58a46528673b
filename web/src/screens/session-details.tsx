/** Who is signed in, how, and until when. */
import type { JSX } from 'preact';

import { FailureNotice } from '../parts/failure-notice';
import type { SessionState } from '../session';
import { timeText } from '../time';

type Props = { readonly state: Extract<SessionState, { status: 'signed-in' | 'ended' }> };

export function SessionDetails({ state: { status, session } }: Props): JSX.Element {
  const { subject, groups, scopes, expiresAt, idleExpiresAt, acr, amr, authTime } = session;
  const rows: readonly (readonly [string, string])[] = [
    ['Account', subject],
    ['Groups', listed(groups)],
    ['Permissions', listed(scopes)],
    ['Signed in', authTime === undefined ? 'not told by the provider' : timeText(authTime)],
    ['Level', acr ?? 'not told by the provider'],
    ['Methods', amr === undefined ? 'not told by the provider' : listed(amr)],
    ['Ends at the latest', timeText(expiresAt)],
    ['Ends without a request', timeText(idleExpiresAt)],
  ];
  return (
    <>
      <h1 tabIndex={-1}>Your session</h1>
      {status === 'ended' && <FailureNotice failure={{ kind: 'unauthorized' }} />}
      <dl class="card">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function listed(values: readonly string[]): string {
  return values.length === 0 ? 'none' : values.join(', ');
}
