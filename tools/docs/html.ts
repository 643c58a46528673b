/** HTML of the documentation: whatever is put into a template is escaped, also what a document's Markdown brings. */
import MarkdownIt from 'markdown-it';

/** HTML that has been escaped already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = string | number | Html | undefined | readonly Content[];

/** A template in which every value is escaped unless it is Html; `undefined` is nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(String.raw({ raw: parts }, ...values.map(rendered)));
}

function rendered(value: Content): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  return typeof value === 'object'
    ? value.map(rendered).join('')
    : commonMark.utils.escapeHtml(String(value)).replaceAll("'", '&#39;');
}

// HTML in a description is shown as text, and a link to a script is none (the library's validateLink)
const commonMark = new MarkdownIt({ html: false });
// an image would be loaded from wherever it says; the policy of the site refuses it
commonMark.disable('image');

/** CommonMark (OpenAPI 3.1, Rich Text Formatting). */
export function markdown(text: unknown): Html {
  return new Html(typeof text === 'string' ? commonMark.render(text) : '');
}

/** A scalar of the document as it is, anything else as JSON. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** CommonMark of one line, without a paragraph around it. */
export function markdownLine(text: unknown): Html {
  return new Html(typeof text === 'string' ? commonMark.renderInline(text.trim()) : '');
}
