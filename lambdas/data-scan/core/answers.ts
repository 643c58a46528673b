/** Answers of the review page's operations, as openapi.yaml has them. */
import { timestamp } from '../../_kernel/clock';
import { problem, type ProblemDetails } from '../../_kernel/http';
import type { Refused, Shown } from './desk';
import {
  isSuppressible,
  type Approval,
  type Ballot,
  type Refusal,
  type ReviewObject,
  type Vote,
} from './review';
import type { Doubt } from './verdict';

interface Conflict {
  readonly object?: string;
  readonly reason: Refusal;
  readonly by?: string;
  readonly at?: string;
}

interface Conflicts {
  readonly status: 409;
  readonly body: ProblemDetails & { reason: 'review_over' | 'refused'; conflicts: Conflict[] };
}

export function notAReviewer(): { readonly status: 403; readonly body: ProblemDetails } {
  return problem(403, { detail: 'reviews are for members of the group of reviewers' });
}

/** The review is over: who comes late is told who decided, and when. */
export function over(votes: readonly Vote[]): Conflicts {
  const last = [...votes].sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, 1);
  return {
    status: 409,
    body: {
      ...problem(409, { detail: 'the review is over' }).body,
      reason: 'review_over',
      conflicts: last.map(({ by, at }) => ({ reason: 'decided', by, at })),
    },
  };
}

export function conflict(refused: readonly Refused[]): Conflicts {
  return {
    status: 409,
    body: {
      ...problem(409, { detail: 'nothing was taken, since some of it may not be decided so' }).body,
      reason: 'refused',
      conflicts: refused.map(({ of, reason, before }) => ({
        object: String(of),
        reason,
        ...(before === undefined ? {} : { by: before.by, at: before.at }),
      })),
    },
  };
}

interface ShownObject extends Ballot {
  number: number;
  name: string;
  size: number;
  uploader?: string;
  approval: Approval;
  verdict: ReviewObject['verdict']['verdict'];
  severity?: 'LOW' | 'MEDIUM' | 'HIGH';
  reason?: string;
  detail?: string;
  detections?: { category: string; type: string; count: number }[];
  suppressible?: boolean;
}

interface ReviewBody extends Ballot {
  run: string;
  open: boolean;
  until: string;
  objects: number;
  approval: Approval;
  counts: Record<'verdicts' | 'severities' | 'types' | 'reasons', Record<string, number>>;
  items: ShownObject[];
  next?: number;
}

export function reviewBody({ run, review, counts, open, all, approval, items, next }: Shown): ReviewBody {
  return {
    run,
    open,
    until: timestamp(() => review.until),
    objects: review.objects,
    approval,
    counts: {
      verdicts: { ...counts.byVerdict },
      severities: { ...counts.bySeverity },
      types: { ...counts.byType },
      reasons: { ...counts.byReason },
    },
    ...all,
    items: items.map(shownObject),
    ...(next === undefined ? {} : { next }),
  };
}

function shownObject({ object, ballot, approval }: Shown['items'][number]): ShownObject {
  const { n: number, key: name, size, uploader, verdict } = object;
  const facts =
    verdict.verdict === 'SENSITIVE'
      ? {
          severity: verdict.severity,
          detections: verdict.detections.map((one) => ({ ...one })),
          suppressible: isSuppressible(object),
          ...doubtBody(verdict.doubt),
        }
      : verdict.verdict === 'UNKNOWN'
        ? doubtBody(verdict)
        : {};
  return {
    number,
    name,
    size,
    ...(uploader === undefined ? {} : { uploader }),
    approval,
    verdict: verdict.verdict,
    ...facts,
    ...ballot,
  };
}

function doubtBody(doubt: Doubt | undefined): { reason?: string; detail?: string } {
  if (doubt === undefined) return {};
  const { reason, detail } = doubt;
  return { reason, ...(detail === undefined ? {} : { detail }) };
}
