/** Sets an authenticator app up: its secret as a QR code, a link and a text, and the first code of it. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { api } from '../api';
import type { TotpSecret } from '../api-types';
import { type Failure, wordsFor } from '../failure';
import { useSession } from '../session';
import { CodeForm } from './code-form';
import { FailureNotice } from './failure-notice';
import { QrCode } from './qr-code';

interface Props {
  readonly secret: TotpSecret;
  /** @param usableNow whether this sign-in may use the app */
  readonly onEnrolled: (usableNow: boolean) => void;
  readonly onCancel: () => void;
}

export function EnrolApp({ secret: { secret, uri }, onEnrolled, onCancel }: Props): JSX.Element {
  const { watched } = useSession();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [copied, setCopied] = useState('');
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
  }, []);
  const confirm = async (code: string): Promise<void> => {
    setBusy(true);
    setFailure(null);
    const result = await watched(api.confirmTotp(code));
    setBusy(false);
    if (result.ok) onEnrolled(result.value.usableNow);
    else setFailure(result.failure);
  };
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(secret);
      setCopied('The secret is copied.');
    } catch {
      setCopied('The browser does not let this page copy. Select the secret and copy it yourself.');
    }
  };
  const wrong = failure?.kind === 'wrong-code';
  return (
    <section class="card" aria-labelledby="enrol-title">
      <h2 id="enrol-title" tabIndex={-1} ref={heading}>
        Set up your authenticator app
      </h2>
      <p>Scan this with the app. It is shown this once, and stays open for ten minutes.</p>
      <QrCode text={uri} label="QR code with the secret for the app" />
      <p>Or type this secret into it:</p>
      <p>
        <code class="secret" aria-label="Secret">
          {inFours(secret)}
        </code>
      </p>
      <p class="actions">
        <a class="button quiet" href={uri}>
          Open in an app here
        </a>
        <button type="button" class="button quiet" onClick={() => void copy()}>
          Copy the secret
        </button>
      </p>
      <p class="soft copied" role="status">
        {copied}
      </p>
      {failure !== null && !wrong && <FailureNotice failure={failure} />}
      <CodeForm
        text="Enter the code that the app shows now."
        action="Confirm"
        busy={busy}
        error={wrong ? `${wordsFor(failure).title}. ${wordsFor(failure).text}` : undefined}
        onCode={(code) => void confirm(code)}
        onCancel={onCancel}
      />
    </section>
  );
}

/** As people read it out. */
function inFours(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? '';
}
