/** HTML of the console's pages: everything escaped, nothing loaded from elsewhere. */
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** HTML that has been escaped already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

/** A template in which every value is escaped, unless it is Html itself or a list of it. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | Html | readonly Html[])[]
): Html {
  const rendered = values.map((value) => {
    if (value instanceof Html) return value.text;
    if (typeof value === 'string' || typeof value === 'number') return escape(String(value));
    return value.map(({ text }) => text).join('');
  });
  return new Html(parts.map((part, index) => part + (rendered[index] ?? '')).join(''));
}

/** Sends a page whose policy allows its own style and nothing else. */
export function sendPage(response: ServerResponse, title: string, content: Html): void {
  const nonce = randomBytes(16).toString('base64');
  response.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(page(title, nonce, content).text);
}

function page(title: string, nonce: string, content: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style nonce="${nonce}">
          ${STYLE}
        </style>
      </head>
      <body>
        ${content}
      </body>
    </html>`;
}

const STYLE = new Html(`
:root { color-scheme: light dark; --text: #1c2227; --soft: #5a646d; --back: #fbfbf9; --card: #fff; --line: #d9dcd8;
  --link: #0b5a8a; --good: #17663a; --bad: #a02b1d; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e7e9; --soft: #a3adb5; --back: #15191c; --card: #1d2327;
  --line: #384148; --link: #7cc0ec; --good: #7fd3a0; --bad: #f2998d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 3rem) 4rem; max-width: 70rem; background: var(--back);
  color: var(--text); font: 1rem/1.55 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .6rem; }
h3 { font-size: 1rem; margin: 0; font-weight: 600; }
p { margin: .3rem 0 .8rem; max-width: 44rem; }
a { color: var(--link); }
a:focus-visible, pre:focus-visible, .wide:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.soft { color: var(--soft); }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; padding: 0; list-style: none; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .8rem 1rem; margin: .7rem 0; }
article header { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .2rem 1rem; }
pre, code { font: .85rem/1.5 ui-monospace, monospace; }
pre { margin: .5rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 9.2em; overflow: auto; }
code { overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line); }
`);
