/** What somebody can confirm with that it is them: apps, numbers and addresses. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { api, type Result } from '../api';
import type { Factor, Factors, TotpSecret } from '../api-types';
import type { Failure } from '../failure';
import { currentPlace } from '../navigation';
import { ConfirmDialog } from '../parts/confirm-dialog';
import { EnrolApp } from '../parts/enrol-app';
import { FailureNotice } from '../parts/failure-notice';
import { signInUrl } from '../places';
import { useSession } from '../session';
import { useStepUp } from '../step-up';

/** One row each, in the order in which the service takes them. */
const ROWS: readonly { readonly factor: Factor; readonly title: string; readonly inText: string }[] = [
  { factor: 'SOFTWARE_TOKEN', title: 'Authenticator app', inText: 'the app' },
  { factor: 'SMS', title: 'Text message', inText: 'text messages' },
  { factor: 'EMAIL', title: 'E-mail', inText: 'e-mail' },
];

export function Settings(): JSX.Element {
  const { watched } = useSession();
  const { proven, dialog } = useStepUp();
  const [known, setKnown] = useState<Factors | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [said, setSaid] = useState('');
  const [secret, setSecret] = useState<TotpSecret | null>(null);
  const [removing, setRemoving] = useState(false);
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
  const enrolled = async (usableNow: boolean): Promise<void> => {
    setSecret(null);
    await load();
    setSaid(`The app is set up.${usableNow ? '' : ' It counts from your next sign-in.'}`);
    backToHeading();
  };
  const prefer = async ({ factor, inText }: (typeof ROWS)[number]): Promise<void> => {
    const done = await change('PUT', '/factors/preferred', `Prefer ${inText}.`, () =>
      api.preferFactor(factor),
    );
    if (done === undefined) return;
    await load();
    setSaid(`You are asked for ${inText === 'the app' ? 'a code of the app' : `a code by ${inText}`} first.`);
    backToHeading();
  };
  const remove = async (): Promise<void> => {
    setRemoving(false);
    const done = await change('DELETE', '/factors/totp', 'Remove the authenticator app.', () =>
      api.removeTotp(),
    );
    if (done === undefined) return;
    await load();
    setSaid('The app is removed.');
    backToHeading();
  };
  return (
    <>
      <h1 tabIndex={-1}>Settings</h1>
      <p class="lead">Some operations ask you to confirm that it is you. These are the ways you have.</p>
      <p class="said" role="status">
        {said}
      </p>
      {failure !== null && (
        <FailureNotice failure={failure} {...(known === null ? { onRetry: () => void load() } : {})} />
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
          {ROWS.map((row) => (
            <FactorRow
              key={row.factor}
              row={row}
              known={known}
              onEnrol={() => void enrol()}
              onPrefer={() => void prefer(row)}
              onRemove={() => {
                setRemoving(true);
              }}
            />
          ))}
        </ul>
      )}
      {removing && (
        <ConfirmDialog
          title="Remove the authenticator app?"
          text="Its codes are good for nothing then. You can set up another one."
          action="Remove the app"
          onConfirm={() => void remove()}
          onCancel={() => {
            setRemoving(false);
          }}
        />
      )}
      {dialog}
    </>
  );
}

interface RowProps {
  readonly row: (typeof ROWS)[number];
  readonly known: Factors;
  readonly onEnrol: () => void;
  readonly onPrefer: () => void;
  readonly onRemove: () => void;
}

function FactorRow({ row, known, onEnrol, onPrefer, onRemove }: RowProps): JSX.Element {
  const { factor, title, inText } = row;
  const own = known.factors.find((each) => each.factor === factor);
  const preferred = own !== undefined && known.preferred === factor;
  const isApp = factor === 'SOFTWARE_TOKEN';
  return (
    <li class="card">
      <div class="heading">
        <h2>{title}</h2>
        {preferred && <span class="tag">Preferred</span>}
      </div>
      <p>{factor === 'SOFTWARE_TOKEN' ? appText(own) : contactText(factor, known)}</p>
      {(isApp || (own !== undefined && !preferred)) && (
        <div class="actions">
          {own?.usable === false && (
            <a class="button" href={signInUrl(currentPlace(), { maxAge: 0 })}>
              Sign in again to use it
            </a>
          )}
          {isApp && (
            <button type="button" class="button quiet" onClick={onEnrol}>
              {own === undefined ? 'Set up the app' : 'Replace the app'}
            </button>
          )}
          {own !== undefined && !preferred && (
            <button type="button" class="button quiet" onClick={onPrefer}>
              Prefer {inText}
            </button>
          )}
          {isApp && own !== undefined && (
            <button type="button" class="button danger last" onClick={onRemove}>
              Remove
            </button>
          )}
        </div>
      )}
    </li>
  );
}

function appText(own: Factors['factors'][number] | undefined): string {
  if (own === undefined) return 'Not set up.';
  return own.usable ? 'Set up.' : 'Set up. It counts from your next sign-in.';
}

function contactText(factor: 'SMS' | 'EMAIL', { contacts, factors }: Factors): string {
  const contact = contacts.find((each) => each.factor === factor);
  const where = factor === 'SMS' ? 'phone number' : 'address';
  if (contact === undefined) return `The identity provider knows no ${where} of yours.`;
  const { to, verified } = contact;
  if (!verified) return `${to} is not verified, so no code is sent there.`;
  if (!factors.some((own) => own.factor === factor))
    return `${to} is verified, but no codes are sent this way here.`;
  return `Codes go to ${to}, which is verified.`;
}

/** What was pressed may be gone. */
function backToHeading(): void {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>('h1')?.focus();
  });
}
