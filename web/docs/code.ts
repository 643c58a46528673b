/** Code that can be copied, with the address of this very site. */
import { element } from './dom';

export function startCode(): void {
  if (location.protocol !== 'file:') {
    for (const place of document.querySelectorAll('.origin')) place.textContent = location.origin;
  }
  for (const box of document.querySelectorAll('.code')) {
    const button = element('button', { type: 'button', class: 'copy' }, 'Copy');
    button.addEventListener('click', () => {
      const text = box.querySelector('code')?.textContent ?? '';
      void copy(text).then((copied) => {
        button.textContent = copied ? 'Copied' : 'Not copied';
      });
    });
    box.append(button);
  }
}

async function copy(text: string): Promise<boolean> {
  try {
    // there is no clipboard where the page is not served over TLS
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
