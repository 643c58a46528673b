/** Addresses and numbers as a token's holder may see them: enough for their owner to know them again, and no more. */
import type { Contacts } from './person';

/** A place that codes can be sent to, or could be once it is verified. */
export interface ContactHint {
  readonly factor: 'SMS' | 'EMAIL';
  /** E.g. `a…@example.com`, `…34`. */
  readonly to: string;
  readonly verified: boolean;
}

export function contactHints({ unverified = {}, ...verified }: Contacts): ContactHint[] {
  return [...hintsOf(verified, true), ...hintsOf(unverified, false)];
}

/** Where a code of this factor goes to. */
export function hintOf(factor: 'SMS' | 'EMAIL', to: string): string {
  if (factor === 'SMS') return `…${to.length < 6 ? '' : to.slice(-2)}`;
  const at = to.lastIndexOf('@');
  return `${at < 2 ? '' : to.slice(0, 1)}…${at < 0 ? '' : to.slice(at)}`;
}

function hintsOf({ phone, email }: { phone?: string; email?: string }, verified: boolean): ContactHint[] {
  return [
    ...(phone === undefined ? [] : [{ factor: 'SMS', to: hintOf('SMS', phone), verified } as const]),
    ...(email === undefined ? [] : [{ factor: 'EMAIL', to: hintOf('EMAIL', email), verified } as const]),
  ];
}
