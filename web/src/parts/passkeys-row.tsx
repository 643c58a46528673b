/** Somebody's passkeys in the settings: each with its age, one more, or none of them any longer. */
import type { JSX } from 'preact';

import type { Factors } from '../api-types';
import { currentPlace } from '../navigation';
import { passkeysWork } from '../passkey';
import { signInUrl } from '../places';
import { timeText } from '../time';

interface Props {
  readonly known: Factors;
  readonly onAdd: () => void;
  readonly onPrefer: () => void;
  readonly onRemove: (id: string) => void;
}

/** Passkeys that one person may have. */
const MOST = 10;

export function PasskeysRow({ known, onAdd, onPrefer, onRemove }: Props): JSX.Element {
  const { passkeys, preferred } = known;
  const isPreferred = passkeys.length > 0 && preferred === 'PASSKEY';
  const later = passkeys.some(({ usable }) => !usable);
  const works = passkeysWork();
  return (
    <li class="card">
      <div class="heading">
        <h2>Passkeys</h2>
        {isPreferred && <span class="tag">Preferred</span>}
      </div>
      {passkeys.length === 0 && <p>None yet. A passkey is your fingerprint, face, PIN or security key.</p>}
      {!works && <p>This browser cannot use passkeys.</p>}
      <ul class="passkeys">
        {passkeys.map(({ id, createdAt, usable }, i) => (
          <li key={id}>
            <span>
              Passkey of {timeText(createdAt)}
              {usable ? '' : '. It counts from your next sign-in'}
            </span>
            <button
              type="button"
              class="button danger"
              aria-label={`Remove passkey ${i + 1}, of ${timeText(createdAt)}`}
              onClick={() => {
                onRemove(id);
              }}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      <div class="actions">
        {later && (
          <a class="button" href={signInUrl(currentPlace(), { maxAge: 0 })}>
            Sign in again to use it
          </a>
        )}
        {works && passkeys.length < MOST && (
          <button type="button" class="button quiet" onClick={onAdd}>
            Add a passkey
          </button>
        )}
        {passkeys.length > 0 && !isPreferred && (
          <button type="button" class="button quiet" onClick={onPrefer}>
            Prefer passkeys
          </button>
        )}
      </div>
    </li>
  );
}
