/** Script of the documentation. Without it the pages can be read; with it they are searched and operations tried. */
import { startCode } from './code';
import { startMenu } from './menu';
import { startSearch } from './search';
import { startTryIt } from './try-it';
import { startVersions } from './versions';

declare global {
  /** Set by `versions.js`, which is newer than the pages. */
  var docsVersions: Parameters<typeof startVersions>[0] | undefined;
  /** Set by `search.js`. */
  var docsEntries: Parameters<typeof startSearch>[0] | undefined;
}

startMenu();
if (globalThis.docsVersions !== undefined) startVersions(globalThis.docsVersions);
if (globalThis.docsEntries !== undefined) startSearch(globalThis.docsEntries);
startCode();
startTryIt();
