/** Reads the form of a login page, as much of HTML as the emulator's own pages use. */
import { Failure } from './failure';

interface Form {
  /** Where it is sent, relative to the page. */
  readonly action: string;
  readonly fields: Record<string, string>;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Fills the first form of a page.
 *
 * @param answers what a person would type, by name of the field; fields without an answer keep their value
 * @throws Failure when the page has no form, for instance because it is an error page
 */
export function formOf(html: string, answers: Readonly<Record<string, string>>): Form {
  const form = /<form\b([^>]*)>([\s\S]*?)<\/form>/i.exec(html);
  if (form === null) throw new Failure('the login page has no form');
  const fields: Record<string, string> = {};
  for (const [, attributes = ''] of (form[2] ?? '').matchAll(/<(?:input|button)\b([^>]*)>/gi)) {
    const name = attribute(attributes, 'name');
    if (name === null || name in fields) continue;
    // a choice of factors: the password is the one that is known here
    fields[name] =
      answers[name] ?? (name === 'challenge' ? 'PASSWORD' : (attribute(attributes, 'value') ?? ''));
  }
  return { action: attribute(form[1] ?? '', 'action') ?? '', fields };
}

function attribute(attributes: string, name: string): string | null {
  const value = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(attributes);
  return value === null ? null : decode(value[1] ?? value[2] ?? '');
}

function decode(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, named?: string) => {
      if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return ENTITIES[named ?? ''] ?? whole;
    },
  );
}
