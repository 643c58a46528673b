/** What a reviewer wrote, set apart from the words of the page. */
import type { JSX } from 'preact';

export function Reason({ text }: { readonly text: string }): JSX.Element {
  return (
    <q>
      <bdi>{text}</bdi>
    </q>
  );
}
