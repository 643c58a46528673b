/** What a review is about: its run, its end, and how many objects there are of what. */
import type { JSX } from 'preact';

import { objectsText, personText, voteText, wordOf } from '../review';
import type { Review } from '../review-types';
import { leftText, timeText } from '../time';
import { Reason } from './reason';

interface Props {
  readonly review: Review;
  readonly subject: string;
}

const COUNTS = [
  ['Verdicts', 'verdicts'],
  ['Severities', 'severities'],
  ['Types of data', 'types'],
  ['Not known in full', 'reasons'],
] as const;

export function ReviewFacts({ review, subject }: Props): JSX.Element {
  const { run, open, until, objects, counts, first, decided } = review;
  const left = open ? ` – ${leftText(until, Date.now())}` : '';
  return (
    <>
      <dl class="card">
        <div>
          <dt>Run</dt>
          <dd>{run}</dd>
        </div>
        <div>
          <dt>To review</dt>
          <dd>{objectsText(objects)}</dd>
        </div>
        <div>
          <dt>{open ? 'Open until' : 'State'}</dt>
          <dd>
            {open ? timeText(until) : 'The review is over: nothing of it can be decided any more.'}
            {left}
          </dd>
        </div>
        {decided !== undefined && (
          <div>
            <dt>All that was open</dt>
            <dd>
              {voteText(decided, subject)} <Reason text={decided.reason} />
            </dd>
          </div>
        )}
        {decided === undefined && first !== undefined && (
          <div>
            <dt>All that is open</dt>
            <dd>
              Approved by {personText(first.by, subject)} on {timeText(first.at)}:{' '}
              <Reason text={first.reason} />
            </dd>
          </div>
        )}
      </dl>
      <section aria-labelledby="counts">
        <h2 id="counts">The whole run</h2>
        <dl class="card">
          {COUNTS.filter(([, name]) => Object.keys(counts[name]).length > 0).map(([title, name]) => (
            <div key={name}>
              <dt>{title}</dt>
              <dd>
                <ul class="tags">
                  {Object.entries(counts[name]).map(([code, number]) => (
                    <li key={code}>
                      {wordOf(code)}: {number.toLocaleString('en')}
                    </li>
                  ))}
                </ul>
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}
