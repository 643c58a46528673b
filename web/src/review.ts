/** A review in words, and what somebody has chosen on its page until it is sent. */
import type { FieldError } from './api-types';
import type {
  Approval,
  Ballot,
  Conflict,
  ObjectDecision,
  ReviewDecided,
  ReviewedObject,
  Vote,
} from './review-types';
import { timeText } from './time';

/** What is typed and chosen and not yet sent. */
export interface ReviewDraft {
  readonly reason: string;
  /** By number of the object. */
  readonly choices: Readonly<Record<string, Choice>>;
}

export type Choice = Omit<ObjectDecision, 'number'>;

export const NO_DRAFT: ReviewDraft = { reason: '', choices: {} };

/** Objects that one request decides about at most. */
export const MOST_OBJECTS = 50;

const [SHORTEST, LONGEST] = [3, 1000];

/** What has been said of an object: what was decided of all is decided of each. */
export function ballotOf(object: Ballot, all: Ballot): Ballot {
  const decided = object.decided ?? all.decided;
  return { ...object, ...(decided === undefined ? {} : { decided }) };
}

/** What was chosen of objects that can still be decided. */
export function decisionsOf(
  { choices }: ReviewDraft,
  items: readonly ReviewedObject[],
  all: Ballot,
): ObjectDecision[] {
  return items.flatMap((object) => {
    const choice = choices[object.number];
    if (choice === undefined || ballotOf(object, all).decided !== undefined) return [];
    return choice.decision === 'approve' && !mayApprove(object.approval)
      ? []
      : [{ number: object.number, ...choice }];
  });
}

/** What is wrong with the reason, as the service would say. */
export function reasonErrors(reason: string): FieldError[] {
  const { length } = Array.from(reason);
  const error = (message: string): FieldError[] => [{ in: 'body', field: '/reason', message }];
  if (length < SHORTEST) return error(`must NOT have fewer than ${SHORTEST} characters`);
  return length > LONGEST ? error(`must NOT have more than ${LONGEST} characters`) : [];
}

export function mayApprove(approval: Approval): boolean {
  return approval === 'releases' || approval === 'first_of_two';
}

/** Somebody to people, who are known by their id alone. @param subject id of the reader */
export function personText(by: string, subject: string): string {
  return by === subject ? 'you' : by;
}

/** What an approval would come to, where that is not simply the release; of one object, or of all. */
export function approvalText(
  approval: Approval,
  { first }: Ballot,
  subject: string,
  of: 'object' | 'all' = 'object',
): string | undefined {
  switch (approval) {
    case 'malware':
      return 'Malware can only be denied.';
    case 'own_upload':
      return of === 'object'
        ? 'You uploaded it, so you may not approve it.'
        : 'You uploaded some of the objects, so you may not approve all at once.';
    case 'other_person_needed':
      return 'You have approved it. Another person has to approve it too.';
    case 'first_of_two':
      return 'It takes two people to release: after you, another person has to approve it too.';
    case 'releases':
      return first === undefined
        ? undefined
        : `${personText(first.by, subject)} approved it on ${timeText(first.at)}. Your approval releases it.`;
    case 'decided':
      return undefined;
  }
}

export function voteText({ by, at, decision, falsePositive }: Vote, subject: string): string {
  const what = decision === 'approve' ? 'Approved' : 'Denied';
  const marked = falsePositive ? ', as a false positive' : '';
  return `${what}${marked} by ${personText(by, subject)} on ${timeText(at)}.`;
}

export function conflictText({ reason, by, at }: Conflict, subject: string): string {
  const who = by === undefined || at === undefined ? '' : ` by ${personText(by, subject)} on ${timeText(at)}`;
  switch (reason) {
    case 'decided':
      return `was decided${who === '' ? ' by somebody else' : who}`;
    case 'own_upload':
      return 'was uploaded by you, so you may not approve it';
    case 'other_person_needed':
      return `was approved${who}: another person has to approve it too`;
    case 'malware':
      return 'is malware, which can only be denied';
    case 'findings_unnamed':
      return 'has findings without a readable type, which cannot be called false: approve it without that, or deny it';
  }
}

/** What came of a decision. */
export function doneText(
  decisions: readonly Pick<ObjectDecision, 'decision'>[],
  done: ReviewDecided,
): string {
  const count = (decision: Vote['decision']): number =>
    decisions.filter((one) => one.decision === decision).length;
  const pending = done.pending.length;
  const parts = [
    ...counted(count('approve') - pending, 'approved'),
    ...counted(pending, 'approved by you, and by another person next'),
    ...counted(count('deny'), 'denied'),
  ];
  return sentences(parts.join(', '), done.complete);
}

/** The same of a decision about all. */
export function allDoneText(decision: Vote['decision'], { complete, pending }: ReviewDecided): string {
  if (pending.length > 0) return 'Your approval of all is taken. Another person has to approve too.';
  return sentences(`All that was open is ${decision === 'approve' ? 'approved' : 'denied'}`, complete);
}

function sentences(what: string, complete: boolean): string {
  return complete ? `${what}. The review is over.` : `${what}.`;
}

function counted(number: number, what: string): string[] {
  return number === 0 ? [] : [`${objectsText(number)} ${what}`];
}

export function objectsText(number: number): string {
  return number === 1 ? '1 object' : `${number.toLocaleString('en')} objects`;
}

const UNITS = ['kB', 'MB', 'GB', 'TB'];

export function sizeText(bytes: number): string {
  let [size, unit] = [bytes, bytes === 1 ? 'byte' : 'bytes'];
  for (const larger of UNITS) {
    if (size < 1000) break;
    [size, unit] = [size / 1000, larger];
  }
  return `${size.toLocaleString('en', { maximumFractionDigits: unit === 'bytes' ? 0 : 1 })} ${unit}`;
}

const WORDS: Readonly<Record<string, string>> = {
  CLEAN: 'Clean',
  SENSITIVE: 'Sensitive',
  UNKNOWN: 'Unknown',
  MALWARE: 'Malware',
  LOW: 'Low',
  MEDIUM: 'Medium',
  HIGH: 'High',
  job_cancelled: 'The scan was cancelled',
  job_paused: 'The scan was paused',
  job_timed_out: 'The scan took too long',
  not_scanned: 'It was not scanned',
  other_version_scanned: 'Another version of it was scanned',
  skipped: 'The scanner skipped it',
  partial: 'The scanner read a part of it only',
  results_unreadable: 'The results cannot be read',
  malware_unknown: 'Nobody has looked for malware in it',
};

/** A code of the service in words; one that is not known here as it is. */
export function wordOf(code: string): string {
  return WORDS[code] ?? code;
}
