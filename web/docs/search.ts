/** Search over operations and schemas of this version; all of it happens in the page. */
import MiniSearch from 'minisearch';

import { element } from './dom';

interface Entry {
  readonly id: string;
  readonly title: string;
  readonly place: string;
  readonly text: string;
}

const MOST = 12;

export function startSearch(entries: readonly Entry[]): void {
  const form = document.querySelector<HTMLFormElement>('form.search');
  const input = document.querySelector<HTMLInputElement>('#search');
  const results = document.querySelector<HTMLElement>('.results');
  if (form === null || input === null || results === null) return;
  const root = results.dataset['root'] ?? '';
  const index = new MiniSearch<Entry>({
    fields: ['title', 'place', 'text'],
    storeFields: ['title', 'place'],
    // listWidgets is found by widgets as well
    tokenize: (text) =>
      text
        .replace(/([a-z\d])([A-Z])/g, '$1 $2')
        .split(/[^\p{L}\p{N}]+/u)
        .filter((word) => word !== ''),
    searchOptions: {
      prefix: true,
      fuzzy: (word) => (word.length > 4 ? 0.2 : false),
      combineWith: 'AND',
      boost: { title: 3, place: 2 },
    },
  });
  index.addAll(entries);
  const said = element('p', { role: 'status' });
  const list = element('ul');
  results.append(said, list);
  form.hidden = false;

  const close = (): void => {
    results.hidden = true;
  };
  const show = (): void => {
    const words = input.value.trim();
    results.hidden = words === '';
    if (words === '') return;
    const found = index.search(words);
    said.textContent =
      found.length === 0 ? 'Nothing found.' : `${found.length} ${found.length === 1 ? 'result' : 'results'}`;
    list.replaceChildren(
      ...found
        .slice(0, MOST)
        .map(({ id, title, place }) =>
          element(
            'li',
            {},
            element(
              'a',
              { href: root + String(id) },
              element('strong', {}, String(title)),
              ' ',
              element('code', {}, String(place)),
            ),
          ),
        ),
    );
  };
  input.addEventListener('input', show);
  input.addEventListener('focus', show);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    list.querySelector('a')?.click();
  });
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      close();
      input.focus();
    }
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const places: HTMLElement[] = [input, ...list.querySelectorAll('a')];
    const next = places.indexOf(document.activeElement as HTMLElement) + (event.key === 'ArrowDown' ? 1 : -1);
    event.preventDefault();
    places[next]?.focus();
  });
  document.addEventListener('click', ({ target }) => {
    if (!form.contains(target as Node)) close();
  });
  form.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget !== null && !form.contains(relatedTarget as Node)) close();
  });
  document.addEventListener('keydown', (event) => {
    const typing =
      event.target instanceof Element && event.target.closest('input, textarea, select') !== null;
    if (event.key !== '/' || typing) return;
    event.preventDefault();
    input.focus();
  });
}
