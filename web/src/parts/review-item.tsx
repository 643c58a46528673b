/** One object of a review: what is known of it, what was decided, and what somebody may choose. */
import type { JSX } from 'preact';

import {
  approvalText,
  ballotOf,
  type Choice,
  mayApprove,
  personText,
  sizeText,
  voteText,
  wordOf,
} from '../review';
import type { Ballot, ReviewedObject } from '../review-types';
import { timeText } from '../time';
import { Reason } from './reason';
import { ShownName } from './shown-name';

interface Props {
  readonly object: ReviewedObject;
  /** What has been said of all. */
  readonly all: Ballot;
  readonly open: boolean;
  readonly subject: string;
  readonly choice: Choice | undefined;
  readonly onChoose: (choice: Choice | undefined) => void;
}

export function ReviewItem({ object, all, open, subject, choice, onChoose }: Props): JSX.Element {
  const { name, number, size, uploader, verdict, severity, detections = [], reason, detail } = object;
  const { first, decided } = ballotOf(object, all);
  const title = `object-${number}`;
  return (
    <li class="card">
      <div class="heading">
        <h3 id={title} tabIndex={-1}>
          <ShownName name={name} />
        </h3>
        <span class={verdict === 'MALWARE' || severity === 'HIGH' ? 'tag bad' : 'tag plain'}>
          {wordOf(verdict)}
          {severity === undefined ? '' : `, ${wordOf(severity).toLowerCase()}`}
        </span>
      </div>
      <p class="soft">
        {sizeText(size)}, uploaded by{' '}
        {uploader === undefined ? 'somebody unknown' : personText(uploader, subject)}
      </p>
      {detections.length > 0 && (
        <ul class="plain">
          {detections.map(({ category, type, count }) => (
            <li key={`${category} ${type}`}>
              {type} × {count.toLocaleString('en')} <span class="soft">({category})</span>
            </li>
          ))}
        </ul>
      )}
      {reason !== undefined && (
        <p>
          {wordOf(reason)}
          {detail === undefined ? '.' : `: ${detail}.`}
        </p>
      )}
      {first !== undefined && (
        <p>
          First approval by {personText(first.by, subject)} on {timeText(first.at)}:{' '}
          <Reason text={first.reason} />
        </p>
      )}
      {decided !== undefined && (
        <p class={decided.decision === 'approve' ? 'said' : 'said denied'}>
          {voteText(decided, subject)} <Reason text={decided.reason} />
        </p>
      )}
      {open && decided === undefined && (
        <Choices
          object={object}
          ballot={{ ...(first && { first }) }}
          subject={subject}
          choice={choice}
          onChoose={onChoose}
        />
      )}
      {!open && decided === undefined && <p class="said denied">Nobody decided in time: denied.</p>}
    </li>
  );
}

type ChoicesProps = Pick<Props, 'object' | 'subject' | 'choice' | 'onChoose'> & { readonly ballot: Ballot };

const DECISIONS = [
  [undefined, 'Not yet'],
  ['approve', 'Approve'],
  ['deny', 'Deny'],
] as const;

const UNNAMED =
  'Findings without a readable type cannot be called false: the next runs ask about them again.';

function Choices({ object, ballot, subject, choice, onChoose }: ChoicesProps): JSX.Element {
  const { number, approval, suppressible } = object;
  const notes = [approvalText(approval, ballot, subject), suppressible === false ? UNNAMED : undefined];
  const note = notes.filter((one) => one !== undefined).join(' ');
  const [name, noteId] = [`decision-${number}`, `note-${number}`];
  return (
    <fieldset
      class="choices"
      aria-labelledby={`object-${number}`}
      aria-describedby={note === '' ? undefined : noteId}
    >
      {note !== '' && (
        <p class="hint" id={noteId}>
          {note}
        </p>
      )}
      <div class="segments">
        {DECISIONS.map(([decision, label]) => (
          <label key={label}>
            <input
              type="radio"
              name={name}
              checked={choice?.decision === decision}
              disabled={decision === 'approve' && !mayApprove(approval)}
              onChange={() => {
                onChoose(decision === undefined ? undefined : { decision, falsePositive: false });
              }}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
      {choice?.decision === 'approve' && suppressible === true && (
        <div class="segments">
          <label>
            <input
              type="checkbox"
              checked={choice.falsePositive}
              onChange={({ currentTarget }) => {
                onChoose({ ...choice, falsePositive: currentTarget.checked });
              }}
            />
            <span>The findings are false: do not ask about them in the next runs</span>
          </label>
        </div>
      )}
    </fieldset>
  );
}
