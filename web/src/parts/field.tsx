/** One labelled entry of a form, with its hint and its errors tied to it. */
import type { JSX } from 'preact';

interface Props {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly hint?: string;
  readonly required?: boolean;
  /** Several lines instead of one. */
  readonly long?: boolean;
  readonly inputMode?: 'decimal' | 'numeric';
  /** @default off */
  readonly autocomplete?: 'off' | 'one-time-code';
  readonly errors: readonly string[];
  readonly onInput: (value: string) => void;
}

export function Field({
  id,
  label,
  value,
  hint,
  required,
  long,
  inputMode,
  autocomplete = 'off',
  errors,
  onInput,
}: Props): JSX.Element {
  const [hintId, errorId] = [`${id}-hint`, `${id}-error`];
  const described = [hint === undefined ? '' : hintId, errors.length === 0 ? '' : errorId].join(' ').trim();
  const shared = {
    id,
    name: id,
    value,
    autocomplete,
    'aria-required': required === true,
    'aria-invalid': errors.length > 0,
    'aria-describedby': described === '' ? undefined : described,
    onInput: (event: { readonly currentTarget: { readonly value: string } }) => {
      onInput(event.currentTarget.value);
    },
  } as const;
  return (
    <div class="field">
      <label for={id}>
        {label}
        {required === true ? '' : <span class="soft"> (optional)</span>}
      </label>
      {hint !== undefined && (
        <p class="hint" id={hintId}>
          {hint}
        </p>
      )}
      {long === true ? (
        <textarea {...shared} rows={4} />
      ) : (
        <input {...shared} type="text" inputMode={inputMode} />
      )}
      {errors.length > 0 && (
        <p class="error" id={errorId}>
          {errors.join(' ')}
        </p>
      )}
    </div>
  );
}
