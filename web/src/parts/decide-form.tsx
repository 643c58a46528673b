/** Says why, and sends what was chosen, or one decision about all that is open. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

import type { FieldError } from '../api-types';
import { messagesAt } from '../failure';
import { approvalText, mayApprove, MOST_OBJECTS, objectsText } from '../review';
import type { Review, Vote } from '../review-types';
import { ConfirmDialog } from './confirm-dialog';
import { Field } from './field';

interface Props {
  readonly review: Review;
  readonly subject: string;
  readonly reason: string;
  readonly fields: readonly FieldError[];
  /** How many objects something is chosen of. */
  readonly chosen: number;
  readonly busy: boolean;
  readonly onReason: (reason: string) => void;
  /** @returns whether the reason will do; else it is marked */
  readonly reasonHolds: () => boolean;
  readonly onDecide: () => void;
  readonly onDecideAll: (decision: Vote['decision']) => void;
}

const ASK = {
  approve: {
    title: 'Approve all that is open?',
    text: 'Every object that nobody has decided is released to the scanned data, but for malware, which is denied.',
    action: 'Approve all',
  },
  deny: {
    title: 'Deny all that is open?',
    text: 'No object that nobody has decided is released. Denied objects may be deleted at once.',
    action: 'Deny all',
  },
} as const;

export function DecideForm(props: Props): JSX.Element {
  const { review, subject, reason, fields, chosen, busy, onReason, reasonHolds, onDecide, onDecideAll } =
    props;
  const [asking, setAsking] = useState<Vote['decision'] | null>(null);
  const { approval } = review;
  const note = approvalText(approval, review, subject, 'all');
  const tooMany = chosen > MOST_OBJECTS;
  const ask = (decision: Vote['decision']): void => {
    if (!busy && reasonHolds()) setAsking(decision);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!busy && chosen > 0 && !tooMany && reasonHolds()) onDecide();
  };
  return (
    <form class="card" noValidate onSubmit={submit}>
      <h2 id="decide">Decide</h2>
      <Field
        id="reason"
        label="Reason"
        hint="Kept in the audit record, for whoever asks later."
        required
        long
        value={reason}
        errors={messagesAt(fields, '/reason')}
        onInput={onReason}
      />
      <p class="soft" id="chosen">
        {chosen === 0 && 'Choose Approve or Deny above, or decide about all that is open.'}
        {tooMany && `At most ${MOST_OBJECTS} objects at once: set some back to Not yet.`}
      </p>
      {note !== undefined && <p id="all-note">{note}</p>}
      <div class="actions">
        <button
          type="submit"
          class="button"
          disabled={chosen === 0 || tooMany}
          aria-disabled={busy}
          aria-describedby="chosen"
        >
          {chosen === 0 ? 'Decide' : `Decide about ${objectsText(chosen)}`}
        </button>
        <button
          type="button"
          class="button quiet"
          disabled={!mayApprove(approval)}
          aria-disabled={busy}
          aria-describedby={note === undefined ? undefined : 'all-note'}
          onClick={() => {
            ask('approve');
          }}
        >
          Approve all
        </button>
        <button
          type="button"
          class="button danger"
          aria-disabled={busy}
          onClick={() => {
            ask('deny');
          }}
        >
          Deny all
        </button>
      </div>
      {asking !== null && (
        <ConfirmDialog
          {...ASK[asking]}
          onConfirm={() => {
            setAsking(null);
            onDecideAll(asking);
          }}
          onCancel={() => {
            setAsking(null);
          }}
        />
      )}
    </form>
  );
}
