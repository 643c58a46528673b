/** Asks before something that cannot be taken back. */
import type { JSX } from 'preact';

import { Modal } from './modal';

interface Props {
  readonly title: string;
  readonly text: string;
  /** Says what will happen, e.g. `Delete`. */
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}

export function ConfirmDialog({ title, text, action, onConfirm, onCancel }: Props): JSX.Element {
  return (
    <Modal title={title} describedBy="confirm-text" onCancel={onCancel}>
      <p id="confirm-text">{text}</p>
      <div class="actions">
        <button type="button" class="button quiet" onClick={onCancel}>
          Cancel
        </button>
        <button type="button" class="button danger" onClick={onConfirm}>
          {action}
        </button>
      </div>
    </Modal>
  );
}
