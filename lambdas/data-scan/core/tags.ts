/** Tags of an object on its way: those of its owner are kept, those that say what was found are ours alone. */
import { MALWARE_TAG, SENSITIVE_TAG, SUPPRESSED_TAG } from '../contract';
import type { Action } from './rules';

export type Tags = Readonly<Record<string, string>>;

const OWN = [SENSITIVE_TAG, SUPPRESSED_TAG, MALWARE_TAG];

/** S3 keeps at most this many (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html). */
const MOST = 10;

/** The tags of an upload without those that would claim a verdict: whoever uploads may set any. */
export function stagedTags(tags: Tags): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([name]) => !OWN.includes(name)));
}

/** @returns `undefined` where there is no room for what must be said */
export function releasedTags(tags: Tags, action: Action | 'approve'): Tags | undefined {
  const said: Tags =
    action === 'release'
      ? {}
      : action === 'release_suppressed'
        ? { [SUPPRESSED_TAG]: 'true' }
        : { [SENSITIVE_TAG]: 'true' };
  const all = { ...stagedTags(tags), ...said };
  return Object.keys(all).length > MOST ? undefined : all;
}

/** Value of the header `x-amz-tagging`. */
export function taggingOf(tags: Tags): string {
  return Object.entries(tags)
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .join('&');
}
