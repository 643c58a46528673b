/** Where the texts of a run are in the bucket of records. */
import { runPrefix } from './objects';

/** Pages of a run, by what they list. */
type Page = 'listed' | 'staged' | 'plan' | 'moved' | 'review' | 'decided' | 'applied';

export function pageKey(run: string, page: Page, number: number): string {
  return `${runPrefix(run)}${page}/${String(number).padStart(6, '0')}.jsonl`;
}

/** The list of pages that a Map state goes through: `[{"page": 0}, …]`. */
export function pagesKey(run: string, page: 'listed' | 'review'): string {
  return `${runPrefix(run)}${page}.json`;
}

export function pagesText(count: number): string {
  return JSON.stringify(Array.from({ length: count }, (_, page) => ({ page })));
}

/** What the verdicts of a run came to; it is written once all of its plan is. */
export function judgedKey(run: string): string {
  return `${runPrefix(run)}judged.json`;
}

/** Who uploaded what a review is about: a list of subjects, with `null` for objects of which that is not known. */
export function uploadersKey(run: string): string {
  return `${runPrefix(run)}uploaders.json`;
}

/** What a review shows at first: names of some objects. */
export function namesKey(run: string): string {
  return `${runPrefix(run)}names.json`;
}
