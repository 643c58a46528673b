/** A widget as it stands in the form: texts, until it is sent. */
import type { FieldError, Widget, WidgetInput } from './api-types';

export interface WidgetDraft {
  readonly name: string;
  readonly description: string;
  /** In units of the currency, e.g. `12.95`. */
  readonly price: string;
  /** Separated by commas. */
  readonly tags: string;
}

export const EMPTY_DRAFT: WidgetDraft = { name: '', description: '', price: '', tags: '' };

export function draftOf(widget: Widget): WidgetDraft {
  return {
    name: widget.name,
    description: widget.description ?? '',
    price: widget.priceCents === undefined ? '' : priceText(widget.priceCents),
    tags: (widget.tags ?? []).join(', '),
  };
}

/**
 * What to send. Only what a text must be read as is checked here; every rule about values is the service's.
 *
 * @returns the fields that cannot be read, in the form of the service's own errors
 */
export function inputOf(
  draft: WidgetDraft,
): { ok: true; input: WidgetInput } | { ok: false; fields: FieldError[] } {
  const price = draft.price.trim();
  const priceCents = price === '' ? undefined : centsOf(price);
  if (priceCents === null) {
    const message = 'must be an amount such as 12.95';
    return { ok: false, fields: [{ in: 'body', field: '/priceCents', message }] };
  }
  const tags = draft.tags
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  return {
    ok: true,
    input: {
      name: draft.name.trim(),
      ...(draft.description.trim() === '' ? {} : { description: draft.description.trim() }),
      ...(priceCents === undefined ? {} : { priceCents }),
      ...(tags.length === 0 ? {} : { tags }),
    },
  };
}

/** Cents as an amount with two decimals, without going through fractions. */
export function priceText(cents: number): string {
  const digits = String(cents).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

function centsOf(text: string): number | null {
  const [whole, units = '', decimals = ''] = /^(\d{1,9})(?:[.,](\d{1,2}))?$/.exec(text) ?? [];
  return whole === undefined ? null : Number(units) * 100 + Number(decimals.padEnd(2, '0'));
}
