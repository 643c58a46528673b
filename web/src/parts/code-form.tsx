/** Takes a one-time code of six digits. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { Field } from './field';

interface Props {
  /** Which code, and where it is to be found. */
  readonly text: string;
  readonly action: string;
  readonly busy: boolean;
  /** Why the last one did not do. */
  readonly error: string | undefined;
  readonly onCode: (code: string) => void;
  readonly onCancel: () => void;
}

export function CodeForm({ text, action, busy, error, onCode, onCancel }: Props): JSX.Element {
  const [code, setCode] = useState('');
  const [mistyped, setMistyped] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const refused = mistyped ? 'Enter six digits.' : error;
  const focus = (): void => {
    form.current?.querySelector('input')?.select();
  };
  useEffect(() => {
    if (refused !== undefined && !busy) focus();
  }, [refused, busy]);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (busy) return;
    // apps show a blank in the middle
    const digits = code.replace(/\s/g, '');
    const right = /^[0-9]{6}$/.test(digits);
    setMistyped(!right);
    if (right) onCode(digits);
    else focus();
  };
  return (
    <form ref={form} noValidate onSubmit={submit}>
      <Field
        id="code"
        label="Code"
        hint={text}
        required
        inputMode="numeric"
        autocomplete="one-time-code"
        value={code}
        errors={refused === undefined ? [] : [refused]}
        onInput={setCode}
      />
      <div class="actions">
        <button type="submit" class="button" aria-disabled={busy}>
          {action}
        </button>
        <button type="button" class="button quiet" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
