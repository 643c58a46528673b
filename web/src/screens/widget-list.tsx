/** All widgets, page by page. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { amountText } from '../amount';
import { api } from '../api';
import type { Widget } from '../api-types';
import type { Failure } from '../failure';
import { Link } from '../navigation';
import { FailureNotice } from '../parts/failure-notice';
import { NEW_WIDGET, widgetPath } from '../places';
import { useSession } from '../session';

interface Loaded {
  readonly items: readonly Widget[];
  readonly next: string | undefined;
}

export function WidgetList(): JSX.Element {
  const { watched } = useSession();
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [loading, setLoading] = useState(true);
  const list = useRef<HTMLUListElement>(null);
  const load = async (before: Loaded | null): Promise<void> => {
    setLoading(true);
    setFailure(null);
    const page = await watched(api.widgets(before?.next));
    setLoading(false);
    if (!page.ok) {
      setFailure(page.failure);
      return;
    }
    const known = before?.items ?? [];
    setLoaded({ items: [...known, ...page.value.items], next: page.value.nextCursor });
    // the button that was pressed may be gone: go on at the first widget that was not there before
    if (before !== null) requestAnimationFrame(() => linkAt(list.current, known.length)?.focus());
  };
  useEffect(() => {
    void load(null);
  }, []);
  const items = loaded?.items ?? [];
  const more = loaded?.next !== undefined;
  return (
    <>
      <div class="heading">
        <h1 tabIndex={-1}>Widgets</h1>
        <Link to={NEW_WIDGET} class="button">
          New widget
        </Link>
      </div>
      <p class="soft" role="status">
        {loading ? 'Loading …' : loaded === null ? '' : countText(items.length, more)}
      </p>
      {items.length > 0 && (
        <ul class="widgets" ref={list}>
          {items.map((widget) => (
            <WidgetItem key={widget.id} widget={widget} />
          ))}
        </ul>
      )}
      {failure !== null && <FailureNotice failure={failure} onRetry={() => void load(loaded)} />}
      {loaded !== null && items.length === 0 && !more && (
        <div class="card empty">
          <p>There are no widgets yet.</p>
          <p class="soft">The first one you create shows up here.</p>
        </div>
      )}
      {more && (
        <p class="actions">
          <button type="button" class="button quiet" disabled={loading} onClick={() => void load(loaded)}>
            Load more
          </button>
        </p>
      )}
    </>
  );
}

function WidgetItem({
  widget: { id, name, description, priceCents, tags },
}: {
  readonly widget: Widget;
}): JSX.Element {
  return (
    <li class="card">
      <div class="heading">
        <h2>
          <Link to={widgetPath(id)}>{name}</Link>
        </h2>
        {priceCents !== undefined && <span class="price">{amountText(priceCents)}</span>}
      </div>
      {description !== undefined && <p>{description}</p>}
      {tags !== undefined && tags.length > 0 && (
        <ul class="tags" aria-label="Tags">
          {tags.map((tag) => (
            <li key={tag}>{tag}</li>
          ))}
        </ul>
      )}
    </li>
  );
}

function countText(count: number, more: boolean): string {
  if (count === 0) return '';
  return `${count} ${count === 1 ? 'widget' : 'widgets'}${more ? ', and there are more' : ''}`;
}

function linkAt(list: HTMLUListElement | null, index: number): HTMLElement | null {
  return list?.children[index]?.querySelector('a') ?? null;
}
