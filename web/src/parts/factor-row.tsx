/** An app, a number or an address in the settings: what there is of it, and what can be done about it. */
import type { JSX } from 'preact';

import type { Factor, Factors } from '../api-types';
import { currentPlace } from '../navigation';
import { signInUrl } from '../places';

export interface Row {
  readonly factor: Exclude<Factor, 'PASSKEY'>;
  readonly title: string;
  /** In the middle of a sentence. */
  readonly inText: string;
  /** What is asked for. */
  readonly first: string;
}

interface Props {
  readonly row: Row;
  readonly known: Factors;
  readonly onEnrol: () => void;
  readonly onPrefer: () => void;
  readonly onRemove: () => void;
}

export function FactorRow({ row, known, onEnrol, onPrefer, onRemove }: Props): JSX.Element {
  const { factor, title, inText } = row;
  const own = known.factors.find((each) => each.factor === factor);
  const preferred = own !== undefined && known.preferred === factor;
  const isApp = factor === 'SOFTWARE_TOKEN';
  return (
    <li class="card">
      <div class="heading">
        <h2>{title}</h2>
        {preferred && <span class="tag">Preferred</span>}
      </div>
      <p>{factor === 'SOFTWARE_TOKEN' ? appText(own) : contactText(factor, known)}</p>
      {(isApp || (own !== undefined && !preferred)) && (
        <div class="actions">
          {own?.usable === false && (
            <a class="button" href={signInUrl(currentPlace(), { maxAge: 0 })}>
              Sign in again to use it
            </a>
          )}
          {isApp && (
            <button type="button" class="button quiet" onClick={onEnrol}>
              {own === undefined ? 'Set up the app' : 'Replace the app'}
            </button>
          )}
          {own !== undefined && !preferred && (
            <button type="button" class="button quiet" onClick={onPrefer}>
              Prefer {inText}
            </button>
          )}
          {isApp && own !== undefined && (
            <button type="button" class="button danger last" onClick={onRemove}>
              Remove
            </button>
          )}
        </div>
      )}
    </li>
  );
}

function appText(own: Factors['factors'][number] | undefined): string {
  if (own === undefined) return 'Not set up.';
  return own.usable ? 'Set up.' : 'Set up. It counts from your next sign-in.';
}

function contactText(factor: 'SMS' | 'EMAIL', { contacts, factors }: Factors): string {
  const contact = contacts.find((each) => each.factor === factor);
  const where = factor === 'SMS' ? 'phone number' : 'address';
  if (contact === undefined) return `The identity provider knows no ${where} of yours.`;
  const { to, verified } = contact;
  if (!verified) return `${to} is not verified, so no code is sent there.`;
  if (!factors.some((own) => own.factor === factor))
    return `${to} is verified, but no codes are sent this way here.`;
  return `Codes go to ${to}, which is verified.`;
}
