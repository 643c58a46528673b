/** A text as a QR code, drawn by elements: the policy of the page allows no style of their own and no picture in a URL. */
import type { JSX } from 'preact';

import { qrPath } from '../qr-path';

interface Props {
  readonly text: string;
  /** What it is of, for who does not see it. */
  readonly label: string;
}

export function QrCode({ text, label }: Props): JSX.Element {
  const { size, path } = qrPath(text);
  return (
    <svg
      class="qr"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shape-rendering="crispEdges"
    >
      <path d={path} />
    </svg>
  );
}
