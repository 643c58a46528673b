/** What people are told by mail: plain text, one link, no token, and no name that could pass for a link. */
import type { Counts } from './plan';
import { mailName } from './escape';

export interface Mail {
  readonly subject: string;
  readonly text: string;
}

/** Names that a mail lists; the page has all. */
const NAMES = 20;

export function reviewMail(
  run: string,
  { byAction, bySeverity, byType, byReason, byVerdict }: Counts,
  names: readonly string[],
  { url, until }: { readonly url: string; readonly until: string },
): Mail {
  const waiting = byAction['review'] ?? 0;
  return {
    subject: `Data scan ${run}: ${objects(waiting)} to review`,
    text: [
      `The scan ${run} found ${objects(waiting)} that a person must decide about.`,
      '',
      ...lines('Verdicts', byVerdict),
      ...lines('Severities', bySeverity),
      ...lines('Types of data', byType),
      ...lines('Why nothing is known of some', byReason),
      'Objects (names are written so that no program makes links of them):',
      ...names.slice(0, NAMES).map((name) => `  ${mailName(name)}`),
      ...(waiting > NAMES ? [`  and ${waiting - NAMES} more`] : []),
      '',
      `Decide by ${until}; what is not decided then is denied:`,
      url,
      '',
      'The link only shows the review. Deciding takes a sign-in as a reviewer, and a second proof.',
      '',
    ].join('\n'),
  };
}

export function endMail(run: string, outcomes: Readonly<Record<string, number>>, unanswered: boolean): Mail {
  return {
    subject: `Data scan ${run}: review ${unanswered ? 'was not answered in time' : 'is over'}`,
    text: [
      unanswered
        ? `Nobody decided everything about the scan ${run} in time: what was open is denied.`
        : `The review of the scan ${run} is over.`,
      '',
      ...lines('What became of the objects', outcomes),
    ].join('\n'),
  };
}

export function heldMail(run: string, state: string, error: string, again: boolean): Mail {
  return {
    subject: `Data scan ${run}: held`,
    text: [
      `The scan ${run} stopped while ${mailName(state)} (${mailName(error)}). Nothing was released that was not to be; its objects stay where they are.`,
      again
        ? 'The next run takes it up again.'
        : 'It has stopped too often and is not taken up again by itself. When the cause is mended, start it anew with its id.',
      '',
    ].join('\n'),
  };
}

function lines(title: string, counts: Readonly<Record<string, number>>): string[] {
  const entries = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return [];
  return [`${title}:`, ...entries.map(([name, number]) => `  ${mailName(name)}: ${number}`), ''];
}

function objects(count: number): string {
  return count === 1 ? '1 object' : `${count} objects`;
}
