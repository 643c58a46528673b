/** A name that a stranger chose, as text that hides nothing and stays in its place. */
import type { JSX } from 'preact';

import { namePartsOf } from '../shown-name';

export function ShownName({ name }: { readonly name: string }): JSX.Element {
  return (
    <bdi class="name">
      {namePartsOf(name).map(({ text, coded }, i) => (coded ? <code key={i}>{text}</code> : text))}
    </bdi>
  );
}
