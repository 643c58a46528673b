/** Asks for a passkey: the browser shows its own dialog, and needs somebody to press a button first. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

import { signWithPasskey } from '../passkey';

interface Props {
  /** `publicKey` of the challenge. */
  readonly options: object;
  readonly busy: boolean;
  /** Why the last one did not do. */
  readonly error: string | undefined;
  readonly onAssertion: (assertion: object) => void;
  readonly onCancel: () => void;
}

export function PasskeyForm({ options, busy, error, onAssertion, onCancel }: Props): JSX.Element {
  const [waiting, setWaiting] = useState(false);
  const [gaveUp, setGaveUp] = useState(false);
  const sign = async (): Promise<void> => {
    if (busy || waiting) return;
    setWaiting(true);
    setGaveUp(false);
    const signed = await signWithPasskey(options);
    setWaiting(false);
    if (signed.ok) onAssertion(signed.credential);
    else setGaveUp(true);
  };
  const wrong = gaveUp ? 'The browser got no passkey. Try again, or cancel.' : error;
  return (
    <>
      <p>Confirm it with your passkey: your fingerprint, your face, a PIN or a security key.</p>
      {wrong !== undefined && (
        <p class="notice" role="alert">
          {wrong}
        </p>
      )}
      <div class="actions">
        <button type="button" class="button" aria-disabled={busy || waiting} onClick={() => void sign()}>
          Use your passkey
        </button>
        <button type="button" class="button quiet" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </>
  );
}
