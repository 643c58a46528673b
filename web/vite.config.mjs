/** How the app is built: `npm run build:web` into dist/, `npm run dev:web` with the local API behind it. */
import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vite';

const site = process.env.SALLYPORT_SITE_URL ?? 'http://localhost:8000';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    // a polyfill or an asset inside a page would be a script or a source that the policy of web/_headers does not allow
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: {
    // the API takes changes from its own origin only; everything else is as behind the real site
    proxy: {
      '/api': { target: site, headers: { origin: site } },
      '/config.json': site,
    },
  },
});
