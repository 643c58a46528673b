/** A widget as it stands in the form: texts, until it is sent. */
import { amountText, centsOf, noAmount } from './amount';
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
    price: widget.priceCents === undefined ? '' : amountText(widget.priceCents),
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
  if (priceCents === null) return { ok: false, fields: [noAmount('/priceCents')] };
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
