/** An operation that asks for nothing beyond the sign-in, and one that takes a second proof. */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';

import { amountText } from '../amount';
import { api } from '../api';
import type { FieldError, Info } from '../api-types';
import { exactBody } from '../digest';
import { type Failure, messagesAt } from '../failure';
import { FailureNotice } from '../parts/failure-notice';
import { Field } from '../parts/field';
import { useStepUp } from '../step-up';
import { type TransferDraft, transferOf } from '../transfer';

export function StepUp(): JSX.Element {
  return (
    <>
      <h1 tabIndex={-1}>Step-up</h1>
      <p class="lead">
        Most operations need no more than your sign-in. Some ask for a proof that it is you, right now.
      </p>
      <InfoCall />
      <TransferCall />
    </>
  );
}

function InfoCall(): JSX.Element {
  const { proven, dialog } = useStepUp();
  const [info, setInfo] = useState<Info | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const invoke = async (): Promise<void> => {
    const result = await proven(
      { method: 'GET', path: '/info', what: 'Read the service’s information.' },
      () => api.info(),
    );
    setInfo(result.ok ? result.value : null);
    setFailure(result.ok ? null : result.failure);
  };
  return (
    <section class="card" aria-labelledby="info-title">
      <h2 id="info-title">Information</h2>
      <p>Asks the service for its name, and who it takes you to be.</p>
      <p class="said" role="status">
        {info === null ? '' : `${info.name} ${info.version} takes you to be ${info.caller.subject}.`}
      </p>
      {failure !== null && <FailureNotice failure={failure} onRetry={() => void invoke()} />}
      <p class="actions">
        <button type="button" class="button quiet" onClick={() => void invoke()}>
          Invoke info
        </button>
      </p>
      {dialog}
    </section>
  );
}

function TransferCall(): JSX.Element {
  const { proven, dialog } = useStepUp();
  const [draft, setDraft] = useState<TransferDraft>({ amount: '', to: '' });
  const [done, setDone] = useState('');
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const refused = (reason: Failure): void => {
    setFailure(reason);
    requestAnimationFrame(() => {
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    });
  };
  const invoke = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setDone('');
    setFailure(null);
    const read = transferOf(draft);
    if (!read.ok) {
      refused({ kind: 'invalid', fields: read.fields });
      return;
    }
    const { amountCents, to } = read.input;
    const what = `Transfer of ${amountText(amountCents)} to ${to}.`;
    setBusy(true);
    const body = await exactBody(read.input);
    const { contentDigest } = body;
    const result = await proven({ method: 'POST', path: '/transfer', contentDigest, what }, () =>
      api.transfer(body),
    );
    setBusy(false);
    if (result.ok) setDone(`${what.slice(0, -1)} is taken, as ${result.value.id}.`);
    else refused(result.failure);
  };
  const fields: readonly FieldError[] = failure?.kind === 'invalid' ? failure.fields : [];
  const type = (change: Partial<TransferDraft>): void => {
    setDraft({ ...draft, ...change });
  };
  return (
    <section class="card" aria-labelledby="transfer-title">
      <h2 id="transfer-title">Transfer</h2>
      <p>Takes a code that is good for this one transfer, to the cent. A sample: no money moves.</p>
      <p class="said" role="status">
        {done}
      </p>
      {failure !== null && <FailureNotice failure={failure} />}
      <form ref={form} noValidate onSubmit={(event) => void invoke(event)}>
        <Field
          id="amount"
          label="Amount"
          hint="Such as 125.00"
          required
          inputMode="decimal"
          value={draft.amount}
          errors={messagesAt(fields, '/amountCents')}
          onInput={(amount) => {
            type({ amount });
          }}
        />
        <Field
          id="to"
          label="Recipient"
          hint="IBAN, such as DE89 3704 0044 0532 0130 00"
          required
          value={draft.to}
          errors={messagesAt(fields, '/to')}
          onInput={(to) => {
            type({ to });
          }}
        />
        <div class="actions">
          <button type="submit" class="button" aria-disabled={busy}>
            Invoke transfer
          </button>
        </div>
      </form>
      {dialog}
    </section>
  );
}
