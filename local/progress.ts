/** Says what is being done and how long it took. */
export type Say = (line: string) => void;

/** Runs one step and says so before and after it. */
export async function step<T>(say: Say, name: string, work: () => Promise<T>): Promise<T> {
  const start = Date.now();
  say(`  ${name} ...`);
  const result = await work();
  say(`  ${name}: done after ${((Date.now() - start) / 1000).toFixed(1)} s`);
  return result;
}
