/** Amounts of money between the text of a form and hundredths of the currency. */
import type { FieldError } from './api-types';

/** Cents as an amount with two decimals, without going through fractions. */
export function amountText(cents: number): string {
  const digits = String(cents).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** @returns `null` for what is no amount such as `12.95` */
export function centsOf(text: string): number | null {
  const [whole, units = '', decimals = ''] = /^(\d{1,9})(?:[.,](\d{1,2}))?$/.exec(text) ?? [];
  return whole === undefined ? null : Number(units) * 100 + Number(decimals.padEnd(2, '0'));
}

/** What a form says of an amount that cannot be read, at the field of the service's own errors. */
export function noAmount(field: string): FieldError {
  return { in: 'body', field, message: 'must be an amount such as 12.95' };
}
