/** Whether the version of a document says what changed (Semantic Versioning 2.0.0). */
import { isDeepStrictEqual } from 'node:util';

import { isObject, type JsonObject, type OpenApiDocument } from '../../lib/api/document';
import type { Finding } from './outcome';
import { same } from './same';

type Change = 'nothing' | 'wording' | 'addition' | 'breaking';
type Version = readonly [number, number, number];

/**
 * Judges `info.version`.
 *
 * Below 1.0.0 a breaking change needs a new minor version and everything else a new patch (section 4 leaves this open;
 * package managers take `^0.2.0` as compatible within 0.2).
 */
export function judgeVersion(
  before: OpenApiDocument,
  after: OpenApiDocument,
  breaking: boolean,
): { finding?: Finding; note: string } {
  const change = breaking ? 'breaking' : changeOf(before, after);
  const [oldText, newText] = [versionOf(before), versionOf(after)];
  const [old, now] = [parse(oldText), parse(newText)];
  const finding = (reason: string): { finding: Finding; note: string } => ({
    finding: { rule: 'version', place: 'info.version', reason },
    note: `${oldText} to ${newText}: ${change}`,
  });
  if (old === undefined || now === undefined)
    return finding(`${JSON.stringify(old === undefined ? oldText : newText)} is not x.y.z`);
  const least = leastVersion(old, change);
  return compareVersions(now, least) < 0
    ? finding(`is ${newText}; after ${oldText}, ${NEEDS[change]} needs ${least.join('.')} or higher`)
    : { note: `${oldText} to ${newText}: ${change}` };
}

const NEEDS: Readonly<Record<Change, string>> = {
  nothing: 'the same document',
  wording: 'a change of wording',
  addition: 'an addition',
  breaking: 'a breaking change',
};

function leastVersion([major, minor, patch]: Version, change: Change): Version {
  switch (change) {
    case 'nothing':
      return [major, minor, patch];
    case 'wording':
      return [major, minor, patch + 1];
    case 'addition':
      return major === 0 ? [0, minor, patch + 1] : [major, minor + 1, 0];
    case 'breaking':
      return major === 0 ? [0, minor + 1, 0] : [major + 1, 0, 0];
  }
}

function changeOf(before: OpenApiDocument, after: OpenApiDocument): Change {
  const [old, now] = [withoutVersion(before), withoutVersion(after)];
  if (isDeepStrictEqual(old, now)) return 'nothing';
  return same({ document: before, value: old }, { document: after, value: now }) ? 'wording' : 'addition';
}

function withoutVersion(document: OpenApiDocument): JsonObject {
  const info = isObject(document['info']) ? document['info'] : {};
  return { ...document, info: { ...info, version: null } };
}

/** `info.version`; empty when it is no text. */
function versionOf(document: OpenApiDocument): string {
  const info = document['info'];
  return isObject(info) && typeof info['version'] === 'string' ? info['version'] : '';
}

function parse(text: string): Version | undefined {
  const match = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
