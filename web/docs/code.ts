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
      // absent where the page is not served over TLS
      const copied = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
      copied.then(
        () => {
          button.textContent = 'Copied';
        },
        () => {
          button.textContent = 'Not copied';
        },
      );
    });
    box.append(button);
  }
}
