/** What changed between two versions, as readers of the documentation see it. */
import type { OpenApiDocument } from '../../lib/api/document';
import { breakingChanges } from '../spec/diff';
import { regressionsOf } from '../spec/gate';
import { rawOperations, type RawOperation } from '../spec/operations';
import type { Finding } from '../spec/outcome';
import { same } from '../spec/same';

export interface Change {
  /** `GET /widgets`, or what else of the document it is about. */
  readonly place: string;
  readonly words: string;
}

interface Changes {
  readonly added: readonly Change[];
  /** What neither adds, breaks nor weakens: other words, optional details. */
  readonly changed: readonly Change[];
  /** After which a request that was right fails, or code no longer compiles. */
  readonly broken: readonly Change[];
  /** Protection that more callers pass than before. */
  readonly weakened: readonly Change[];
}

/**
 * What is gone when the new document is taken for the old one is what has been added. The thing itself stands in the
 * finding's words, which speak of something that is gone.
 */
const ADDED: Readonly<Partial<Record<string, (reason: string) => string>>> = {
  'operation-removed': () => 'new operation',
  'parameter-removed': (reason) => `new parameter ${until(reason, ' is gone')}`,
  'request-body-removed': () => 'takes a body now',
  'response-removed': (reason) => `answers ${until(reason, ' is not')} too`,
  'response-header-removed': (reason) => `new in ${until(reason, ' is gone')}`,
  'request-media-type-removed': (reason) => `takes ${until(reason, ' is gone')} too`,
  'response-media-type-removed': (reason) => `answers ${until(reason, ' is gone')} too`,
  'request-property-removed': (reason) => `new property ${until(reason, ': the property')}`,
  'response-property-removed': (reason) => `new property ${until(reason, ': the property')}`,
  'schema-name-removed': (reason) => `new schema ${reason.split(' ').at(-1) ?? ''}`,
};

export function changesBetween(old: OpenApiDocument, now: OpenApiDocument): Changes {
  const added = breakingChanges(now, old).flatMap(({ place, rule, reason }): Change[] => {
    const words = ADDED[rule];
    return words === undefined ? [] : [{ place, words: words(reason) }];
  });
  const [broken, weakened] = [breakingChanges(old, now), regressionsOf(old, now)].map((findings) =>
    findings.map(({ place, reason }: Finding): Change => ({ place, words: reason })),
  );
  const listed = new Set([...added, ...(broken ?? []), ...(weakened ?? [])].map(({ place }) => place));
  const before = rawOperations(old);
  const changed = [...rawOperations(now)].flatMap(([key, operation]): Change[] => {
    const previous = before.get(key);
    if (previous === undefined || listed.has(operation.name)) return [];
    const words = differenceOf({ document: old, operation: previous }, { document: now, operation });
    return words === undefined ? [] : [{ place: operation.name, words }];
  });
  return { added, changed, broken: broken ?? [], weakened: weakened ?? [] };
}

interface Side {
  readonly document: OpenApiDocument;
  readonly operation: RawOperation;
}

function differenceOf(old: Side, now: Side): string | undefined {
  const [previous, current] = [old.operation.operation, now.operation.operation];
  if (previous['deprecated'] !== true && current['deprecated'] === true) return 'deprecated from now on';
  const details =
    same({ document: old.document, value: previous }, { document: now.document, value: current }) &&
    same(
      { document: old.document, value: old.operation.item['parameters'] },
      { document: now.document, value: now.operation.item['parameters'] },
    );
  if (!details) return 'details changed; what worked before still does';
  const words = ['summary', 'description'].some((key) => previous[key] !== current[key]);
  return words ? 'described in other words' : undefined;
}

function until(text: string, mark: string): string {
  const at = text.indexOf(mark);
  return at < 0 ? text : text.slice(0, at);
}
