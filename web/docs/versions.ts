/** The list of versions is newer than the page: which is the latest, and this page in the others. */
import { element } from './dom';

interface Versions {
  readonly latest: string;
  readonly versions: readonly string[];
}

export function startVersions({ latest, versions }: Versions): void {
  const link = document.querySelector<HTMLAnchorElement>('a.version');
  const here = link?.dataset['version'];
  if (link === null || here === undefined) return;
  const name = `Version ${here}`;
  link.textContent = here === latest ? `${name}, latest` : name;
  if (here === latest) return;
  const words = versions.includes(here)
    ? `This is version ${here}. The latest is `
    : `Version ${here} is not listed any more. The latest is `;
  const to = link.href.replace(/versions\.html$/, 'latest/index.html');
  document
    .querySelector('main')
    ?.prepend(element('p', { class: 'warning' }, words, element('a', { href: to }, latest), '.'));
}
