/** A review of the data scan: showing it changes nothing; deciding is a request of its own, with a step-up. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { api } from '../api';
import type { FieldError } from '../api-types';
import { dropDraft, keepDraft, keptDraft } from '../drafts';
import type { Failure, Words } from '../failure';
import { Link } from '../navigation';
import { DecideForm } from '../parts/decide-form';
import { FailureNotice } from '../parts/failure-notice';
import { ReviewFacts } from '../parts/review-facts';
import { ReviewItem } from '../parts/review-item';
import { ShownName } from '../parts/shown-name';
import { WELCOME } from '../places';
import {
  allDoneText,
  type Choice,
  conflictText,
  decisionsOf,
  doneText,
  NO_DRAFT,
  objectsText,
  reasonErrors,
  type ReviewDraft,
} from '../review';
import type { Conflict, Review as Loaded, ReviewDecided, ReviewDecision, Vote } from '../review-types';
import { useSession } from '../session';
import { useStepUp } from '../step-up';

const NO_SUCH_REVIEW: Words = {
  title: 'There is no such review',
  text: 'The link may be incomplete: open it from the mail again, or copy all of it.',
};

const WORDS: { readonly [kind in Failure['kind']]?: Words } = {
  'not-found': NO_SUCH_REVIEW,
  // an id of another form than any review has
  invalid: NO_SUCH_REVIEW,
  forbidden: {
    title: 'This page is for reviewers',
    text: 'Your account does not belong to the group of reviewers. Ask whoever runs this service, or sign out and sign in as somebody who does.',
  },
};

interface Props {
  readonly id: string;
  readonly subject: string;
}

export function Review({ id, subject }: Props): JSX.Element {
  const { watched } = useSession();
  const { proven, dialog } = useStepUp();
  const what = `review ${id}`;
  const [review, setReview] = useState<Loaded | null>(null);
  const [draft, setDraft] = useState(() => (keptDraft(subject, what) as ReviewDraft | undefined) ?? NO_DRAFT);
  const [loadFailure, setLoadFailure] = useState<Failure | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [loading, setLoading] = useState(true);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState('');
  const pages = useRef(1);

  /** Loads the pages that were shown, anew. */
  const load = async (): Promise<void> => {
    setLoading(true);
    setLoadFailure(null);
    const loaded: Loaded[] = [];
    for (let page = 0; page < pages.current; page += 1) {
      const found = await watched(api.review(id, page));
      if (!found.ok) {
        setLoading(false);
        setLoadFailure(found.failure);
        return;
      }
      loaded.push(found.value);
    }
    setLoading(false);
    const last = loaded.at(-1);
    if (last !== undefined) setReview({ ...last, items: loaded.flatMap(({ items }) => items) });
  };
  const loadMore = async (): Promise<void> => {
    const known = review?.items.length ?? 0;
    pages.current += 1;
    await load();
    // the button that was pressed may be gone: go on at the first object that was not there before
    requestAnimationFrame(() => document.querySelectorAll<HTMLElement>('.objects h3')[known]?.focus());
  };
  useEffect(() => {
    void load();
  }, []);

  const change = (next: ReviewDraft): void => {
    setDraft(next);
    keepDraft(subject, what, next);
  };
  const choose = (number: number, choice: Choice | undefined): void => {
    const others = Object.entries(draft.choices).filter(([key]) => key !== String(number));
    const chosen = choice === undefined ? [] : [[String(number), choice] as const];
    change({ ...draft, choices: Object.fromEntries([...others, ...chosen]) });
  };
  const refused = (reason: Failure): void => {
    setFailure(reason);
    requestAnimationFrame(() => {
      document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
      document.querySelector('main > .notice')?.scrollIntoView({ block: 'center' });
    });
  };
  const reasonHolds = (): boolean => {
    const fields = reasonErrors(draft.reason);
    if (fields.length > 0) refused({ kind: 'invalid', fields });
    return fields.length === 0;
  };
  const decide = async (
    decision: ReviewDecision,
    about: string,
    told: (done: ReviewDecided) => string,
  ): Promise<void> => {
    setSaid('');
    setFailure(null);
    setBusy(true);
    const request = { method: 'POST', path: `/reviews/${id}/decisions`, what: about };
    const result = await proven(request, () => api.decide(id, decision));
    if (result.ok) {
      dropDraft(subject, what);
      setDraft(NO_DRAFT);
      await load();
      // the run takes a moment to see that nothing is left to decide
      if (result.value.complete) setReview((shown) => shown && { ...shown, open: false });
      setSaid(told(result.value));
      requestAnimationFrame(() => document.querySelector<HTMLElement>('h1')?.focus());
    } else {
      if (result.failure.kind === 'conflict') await load();
      refused(result.failure);
    }
    setBusy(false);
  };

  const decisions = review === null ? [] : decisionsOf(draft, review.items, review);
  const decideChosen = (): void => {
    const count = (one: Vote['decision']): string =>
      objectsText(decisions.filter(({ decision }) => decision === one).length);
    const about = `Approve ${count('approve')}, deny ${count('deny')}.`;
    void decide({ reason: draft.reason, objects: decisions }, about, (done) => doneText(decisions, done));
  };
  const decideAll = (decision: Vote['decision']): void => {
    const about = `${decision === 'approve' ? 'Approve' : 'Deny'} all that is open.`;
    void decide({ reason: draft.reason, decision }, about, (done) => allDoneText(decision, done));
  };
  const fields: readonly FieldError[] = failure?.kind === 'invalid' ? failure.fields : [];
  const deciding = review?.open === true && review.decided === undefined;
  return (
    <>
      <h1 tabIndex={-1}>Review of a data scan</h1>
      <p class="said" role="status">
        {said}
      </p>
      {loading && (
        <p class="soft" role="status">
          Loading …
        </p>
      )}
      {loadFailure !== null && (
        <FailureNotice failure={loadFailure} words={WORDS[loadFailure.kind]} onRetry={() => void load()} />
      )}
      {loadFailure !== null && WORDS[loadFailure.kind] !== undefined && (
        <p>
          <Link to={WELCOME}>Go to the start page</Link>
        </p>
      )}
      {review !== null && (
        <>
          <ReviewFacts review={review} subject={subject} />
          <section aria-labelledby="objects">
            <h2 id="objects">Objects to review</h2>
            <p class="soft">{shownText(review)}</p>
            <ul class="widgets objects">
              {review.items.map((object) => (
                <ReviewItem
                  key={object.number}
                  object={object}
                  all={review}
                  open={review.open}
                  subject={subject}
                  choice={draft.choices[object.number]}
                  onChoose={(choice) => {
                    choose(object.number, choice);
                  }}
                />
              ))}
            </ul>
            {review.next !== undefined && (
              <p class="actions">
                <button type="button" class="button quiet" disabled={loading} onClick={() => void loadMore()}>
                  Load more
                </button>
              </p>
            )}
          </section>
        </>
      )}
      {failure !== null && (
        <FailureNotice failure={failure} words={failure.kind === 'invalid' ? undefined : WORDS[failure.kind]}>
          {failure.kind === 'conflict' && (
            <Conflicts conflicts={failure.conflicts} review={review} subject={subject} />
          )}
        </FailureNotice>
      )}
      {review !== null && deciding && (
        <section aria-labelledby="decide">
          <DecideForm
            review={review}
            subject={subject}
            reason={draft.reason}
            fields={fields}
            chosen={decisions.length}
            busy={busy}
            onReason={(reason) => {
              change({ ...draft, reason });
            }}
            reasonHolds={reasonHolds}
            onDecide={decideChosen}
            onDecideAll={decideAll}
          />
        </section>
      )}
      {dialog}
    </>
  );
}

function shownText({ items, objects, next }: Loaded): string {
  return next === undefined ? objectsText(objects) : `${items.length} of ${objectsText(objects)} are shown`;
}

interface ConflictsProps {
  readonly conflicts: readonly Conflict[];
  readonly review: Loaded | null;
  readonly subject: string;
}

function Conflicts({ conflicts, review, subject }: ConflictsProps): JSX.Element {
  return (
    <ul class="plain">
      {conflicts.map((conflict, i) => {
        const object = review?.items.find(({ number }) => String(number) === conflict.object);
        return (
          <li key={i}>
            {object === undefined ? 'It' : <ShownName name={object.name} />} {conflictText(conflict, subject)}
            .
          </li>
        );
      })}
    </ul>
  );
}
