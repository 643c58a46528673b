/** One widget: to create, to change, to delete. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { api } from '../api';
import type { FieldError } from '../api-types';
import { dropDraft, keepDraft, keptDraft } from '../drafts';
import { type Failure, messagesAt } from '../failure';
import { goTo, Link } from '../navigation';
import { ConfirmDialog } from '../parts/confirm-dialog';
import { FailureNotice } from '../parts/failure-notice';
import { Field } from '../parts/field';
import { WIDGETS } from '../places';
import { useSession } from '../session';
import { draftOf, EMPTY_DRAFT, inputOf, type WidgetDraft } from '../widget-draft';

interface Props {
  /** `null` for a new one. */
  readonly id: string | null;
  /** Whose drafts these are. */
  readonly subject: string;
  readonly leave: (path: string, said: string) => void;
}

const FIELDS = [
  { key: 'name', pointer: '/name', label: 'Name', required: true },
  { key: 'description', pointer: '/description', label: 'Description', long: true },
  {
    key: 'price',
    pointer: '/priceCents',
    label: 'Price',
    hint: 'Of one piece, such as 12.95',
    inputMode: 'decimal',
  },
  { key: 'tags', pointer: '/tags', label: 'Tags', hint: 'Separated by commas' },
] as const;

export function WidgetForm({ id, subject, leave }: Props): JSX.Element {
  const { watched } = useSession();
  const what = id ?? 'new';
  const kept = useRef(keptDraft(subject, what) as WidgetDraft | undefined);
  const [draft, setDraft] = useState<WidgetDraft | null>(kept.current ?? (id === null ? EMPTY_DRAFT : null));
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const load = async (): Promise<void> => {
    if (id === null) return;
    setFailure(null);
    const found = await watched(api.widget(id));
    if (!found.ok) setFailure(found.failure);
    else setDraft((typed) => typed ?? draftOf(found.value));
  };
  useEffect(() => {
    void load();
  }, []);
  const refused = (reason: Failure): void => {
    setFailure(reason);
    setBusy(false);
    requestAnimationFrame(() => {
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    });
  };
  const type = (change: Partial<WidgetDraft>): void => {
    if (draft === null) return;
    const next = { ...draft, ...change };
    setDraft(next);
    keepDraft(subject, what, next);
  };
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (draft === null || busy) return;
    const read = inputOf(draft);
    if (!read.ok) {
      refused({ kind: 'invalid', fields: read.fields });
      return;
    }
    setBusy(true);
    const saved = await watched(id === null ? api.createWidget(read.input) : api.putWidget(id, read.input));
    if (!saved.ok) {
      refused(saved.failure);
      return;
    }
    dropDraft(subject, what);
    leave(WIDGETS, `${saved.value.name} is saved.`);
  };
  const remove = async (): Promise<void> => {
    setAsking(false);
    if (id === null || busy) return;
    setBusy(true);
    const removed = await watched(api.deleteWidget(id));
    if (!removed.ok && removed.failure.kind !== 'not-found') {
      refused(removed.failure);
      return;
    }
    dropDraft(subject, what);
    leave(WIDGETS, 'The widget is deleted.');
  };
  const cancel = (): void => {
    dropDraft(subject, what);
    goTo(WIDGETS);
  };
  const fields: readonly FieldError[] = failure?.kind === 'invalid' ? failure.fields : [];
  return (
    <>
      <h1 tabIndex={-1}>{id === null ? 'New widget' : 'Change widget'}</h1>
      {kept.current !== undefined && <p class="said">What you had typed is back; it is not saved yet.</p>}
      {failure !== null && (
        <FailureNotice failure={failure} {...(draft === null ? { onRetry: () => void load() } : {})} />
      )}
      {draft === null && failure === null && (
        <p class="soft" role="status">
          Loading …
        </p>
      )}
      {draft !== null && (
        <form ref={form} class="card" noValidate onSubmit={(event) => void save(event)}>
          {FIELDS.map(({ key, pointer, ...field }) => (
            <Field
              key={key}
              id={key}
              {...field}
              value={draft[key]}
              errors={messagesAt(fields, pointer)}
              onInput={(value) => {
                type({ [key]: value });
              }}
            />
          ))}
          <div class="actions">
            <button type="submit" class="button" aria-disabled={busy}>
              {id === null ? 'Create widget' : 'Save changes'}
            </button>
            <button type="button" class="button quiet" onClick={cancel}>
              Cancel
            </button>
            {id !== null && (
              <button
                type="button"
                class="button danger last"
                onClick={() => {
                  setAsking(true);
                }}
              >
                Delete
              </button>
            )}
          </div>
        </form>
      )}
      {failure?.kind === 'not-found' && (
        <p>
          <Link to={WIDGETS}>Back to the widgets</Link>
        </p>
      )}
      {asking && (
        <ConfirmDialog
          title="Delete this widget?"
          text="It is gone for everybody, and cannot be brought back."
          action="Delete widget"
          onConfirm={() => void remove()}
          onCancel={() => {
            setAsking(false);
          }}
        />
      )}
    </>
  );
}
