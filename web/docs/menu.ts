/** The contents are open where there is room beside the text, and shut above it. */
export function startMenu(): void {
  const menu = document.querySelector<HTMLDetailsElement>('details.menu');
  if (menu === null) return;
  const wide = matchMedia('(min-width: 60rem)');
  const fit = (): void => {
    menu.open = wide.matches;
  };
  wide.addEventListener('change', fit);
  fit();
}
