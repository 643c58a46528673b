import { render } from 'preact';

import { App } from './app';

// a page kept by the browser may show what the session of then could see
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
