/** What somebody can confirm with that it is them: apps, numbers and addresses. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { api, type Result } from '../api';
import type { Factor, Factors, TotpSecret } from '../api-types';
import type { Failure, Words } from '../failure';
import { ConfirmDialog } from '../parts/confirm-dialog';
import { EnrolApp } from '../parts/enrol-app';
import { FactorRow, type Row } from '../parts/factor-row';
import { FailureNotice } from '../parts/failure-notice';
import { PasskeysRow } from '../parts/passkeys-row';
import { makePasskey } from '../passkey';
import { useSession } from '../session';
import { useStepUp } from '../step-up';

/** One row each, in the order in which the service takes them. */
const ROWS: readonly Row[] = [
  { factor: 'SOFTWARE_TOKEN', title: 'Authenticator app', inText: 'the app', first: 'a code of the app' },
  { factor: 'SMS', title: 'Text message', inText: 'text messages', first: 'a code by text messages' },
  { factor: 'EMAIL', title: 'E-mail', inText: 'e-mail', first: 'a code by e-mail' },
];

const NO_PASSKEYS: Words = {
  title: 'There is no such passkey',
  text: 'It may have been removed, or passkeys are not used here.',
};

const REMOVE_APP = {
  title: 'Remove the authenticator app?',
  text: 'Its codes are good for nothing then. You can set up another one.',
  action: 'Remove the app',
};

const REMOVE_PASSKEY = {
  title: 'Remove this passkey?',
  text: 'It is good for nothing here then. The device or key that holds it may show it until you remove it there.',
  action: 'Remove the passkey',
};

export function Settings(): JSX.Element {
  const { watched } = useSession();
  const { proven, dialog } = useStepUp();
  const [known, setKnown] = useState<Factors | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [said, setSaid] = useState('');
  const [secret, setSecret] = useState<TotpSecret | null>(null);
  const [removing, setRemoving] = useState<'app' | { readonly passkey: string } | null>(null);
  const load = async (): Promise<void> => {
    setFailure(null);
    const found = await watched(api.factors());
    if (found.ok) setKnown(found.value);
    else setFailure(found.failure);
  };
  useEffect(() => {
    void load();
  }, []);
  /** @returns what came of it, where it was done */
  const change = async <T,>(
    method: string,
    path: string,
    what: string,
    send: () => Promise<Result<T>>,
  ): Promise<{ readonly value: T } | undefined> => {
    setFailure(null);
    setSaid('');
    const result = await proven({ method, path, what }, send);
    if (result.ok) return { value: result.value };
    setFailure(result.failure);
    return undefined;
  };
  const enrol = async (): Promise<void> => {
    const begun = await change('POST', '/factors/totp', 'Set up an authenticator app.', () =>
      api.enrolTotp(),
    );
    if (begun !== undefined) setSecret(begun.value);
  };
  const done = async (text: string): Promise<void> => {
    await load();
    setSaid(text);
    backToHeading();
  };
  const enrolled = async (usableNow: boolean): Promise<void> => {
    setSecret(null);
    await done(`The app is set up.${usableNow ? '' : ' It counts from your next sign-in.'}`);
  };
  const addPasskey = async (): Promise<void> => {
    const begun = await change('POST', '/factors/passkeys', 'Add a passkey.', () => api.enrolPasskey());
    if (begun === undefined) return;
    const made = await makePasskey(begun.value.publicKey);
    if (!made.ok) {
      setSaid('The browser made no passkey; nothing was changed.');
      return;
    }
    const confirmed = await watched(api.confirmPasskey(made.credential));
    if (!confirmed.ok) setFailure(confirmed.failure);
    else
      await done(
        `The passkey is added.${confirmed.value.usableNow ? '' : ' It counts from your next sign-in.'}`,
      );
  };
  const prefer = async (factor: Factor, inText: string, first: string): Promise<void> => {
    const path = '/factors/preferred';
    if ((await change('PUT', path, `Prefer ${inText}.`, () => api.preferFactor(factor))) !== undefined)
      await done(`You are asked for ${first} first.`);
  };
  const removeApp = async (): Promise<void> => {
    const what = 'Remove the authenticator app.';
    if ((await change('DELETE', '/factors/totp', what, () => api.removeTotp())) !== undefined)
      await done('The app is removed.');
  };
  const removePasskey = async (id: string): Promise<void> => {
    const path = `/factors/passkeys/${id}`;
    if ((await change('DELETE', path, 'Remove a passkey.', () => api.removePasskey(id))) !== undefined)
      await done('The passkey is removed.');
  };
  return (
    <>
      <h1 tabIndex={-1}>Settings</h1>
      <p class="lead">Some operations ask you to confirm that it is you. These are the ways you have.</p>
      <p class="said" role="status">
        {said}
      </p>
      {failure !== null && (
        <FailureNotice
          failure={failure}
          words={failure.kind === 'not-found' ? NO_PASSKEYS : undefined}
          {...(known === null ? { onRetry: () => void load() } : {})}
        />
      )}
      {known === null && failure === null && (
        <p class="soft" role="status">
          Loading …
        </p>
      )}
      {secret !== null && (
        <EnrolApp
          secret={secret}
          onEnrolled={(usableNow) => void enrolled(usableNow)}
          onCancel={() => {
            setSecret(null);
            backToHeading();
          }}
        />
      )}
      {known !== null && secret === null && (
        <ul class="widgets">
          <PasskeysRow
            known={known}
            onAdd={() => void addPasskey()}
            onPrefer={() => void prefer('PASSKEY', 'passkeys', 'a passkey')}
            onRemove={(passkey) => {
              setRemoving({ passkey });
            }}
          />
          {ROWS.map((row) => (
            <FactorRow
              key={row.factor}
              row={row}
              known={known}
              onEnrol={() => void enrol()}
              onPrefer={() => void prefer(row.factor, row.inText, row.first)}
              onRemove={() => {
                setRemoving('app');
              }}
            />
          ))}
        </ul>
      )}
      {removing !== null && (
        <ConfirmDialog
          {...(removing === 'app' ? REMOVE_APP : REMOVE_PASSKEY)}
          onConfirm={() => {
            setRemoving(null);
            void (removing === 'app' ? removeApp() : removePasskey(removing.passkey));
          }}
          onCancel={() => {
            setRemoving(null);
          }}
        />
      )}
      {dialog}
    </>
  );
}

/** What was pressed may be gone. */
function backToHeading(): void {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>('h1')?.focus();
  });
}
