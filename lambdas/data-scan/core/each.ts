/** Work on many things, some at a time. */

/** @param atOnce how many are worked on at the same time */
export async function each<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
  atOnce = 16,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
