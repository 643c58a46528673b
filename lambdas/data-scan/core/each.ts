/** Work on many things, some at a time. */

/**
 * After a failure nothing new is begun, and what was begun is waited for: what went on by itself would meet the next
 * attempt.
 *
 * @param atOnce how many are worked on at the same time
 * @throws what the first failure threw
 */
export async function each<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
  atOnce = 16,
): Promise<void> {
  let next = 0;
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        await work(items[index] as T, index);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
