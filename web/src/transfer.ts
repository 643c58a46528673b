/** A transfer as it stands in the form: texts, until it is sent. */
import { centsOf, noAmount } from './amount';
import type { FieldError, TransferInput } from './api-types';

export interface TransferDraft {
  /** In units of the currency, e.g. `12.95`. */
  readonly amount: string;
  /** Account of the receiver, blanks and small letters as people type them. */
  readonly to: string;
}

const ACCOUNT = /^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$/;

/**
 * What to send. A proof is used up by the request it is for, even by one that is then refused for its values; so what the
 * document says of them is looked at here as well.
 *
 * @returns the fields that cannot be sent, in the form of the service's own errors
 */
export function transferOf(
  draft: TransferDraft,
): { ok: true; input: TransferInput } | { ok: false; fields: FieldError[] } {
  const amountCents = centsOf(draft.amount.trim());
  const to = draft.to.replace(/\s/g, '').toUpperCase();
  const fields: FieldError[] = [];
  if (amountCents === null) fields.push(noAmount('/amountCents'));
  else if (amountCents < 1 || amountCents > 100_000_000)
    fields.push({ in: 'body', field: '/amountCents', message: 'must be from 0.01 to 1000000.00' });
  if (!ACCOUNT.test(to))
    fields.push({ in: 'body', field: '/to', message: 'must be an IBAN such as DE89370400440532013000' });
  return amountCents === null || fields.length > 0
    ? { ok: false, fields }
    : { ok: true, input: { amountCents, to } };
}
