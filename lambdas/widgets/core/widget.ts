/** Builds widgets as they are stored. */
import type { components } from '../../../generated/openapi';

export type Widget = components['schemas']['Widget'];
type WidgetInput = components['schemas']['WidgetInput'];

/** What a PUT does to a stored widget: fields to write, and fields to remove because the input leaves them out. */
export interface Replacement {
  readonly set: Partial<Widget>;
  readonly remove: readonly (keyof WidgetInput)[];
}

const INPUT_FIELDS = ['name', 'description', 'priceCents', 'tags'] as const satisfies (keyof WidgetInput)[];
const FIELDS = ['id', ...INPUT_FIELDS, 'createdAt', 'updatedAt'] as const satisfies (keyof Widget)[];

/**
 * Builds a new widget.
 *
 * @param known.id a UUID
 * @param known.now RFC 3339, UTC
 */
export function newWidget(input: WidgetInput, known: { id: string; now: string }): Widget {
  return { ...input, id: known.id, createdAt: known.now, updatedAt: known.now };
}

/**
 * Plans the replacement of a widget by an input; id and creation stay.
 *
 * @param now RFC 3339, UTC
 */
export function replacementOf(input: WidgetInput, now: string): Replacement {
  return {
    set: { ...input, updatedAt: now },
    remove: INPUT_FIELDS.filter((field) => input[field] === undefined),
  };
}

/** The widget in a stored item; attributes the document does not know stay inside. */
export function widgetOf(item: Readonly<Record<string, unknown>>): Widget {
  const known = FIELDS.flatMap((field) => (item[field] === undefined ? [] : [[field, item[field]] as const]));
  // the handler wrapper checks every answer against the document, so a spoilt item never leaves as a widget
  return Object.fromEntries(known) as unknown as Widget;
}
