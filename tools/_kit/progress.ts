/** Says what is being done and how long it took. */
export type Say = (line: string) => void;

/** For commands whose standard output is what they were asked for. */
export const toStderr: Say = (line) => {
  process.stderr.write(`${line}\n`);
};

/** Runs one step and says so before and after it. */
export async function step<T>(say: Say, name: string, work: () => Promise<T>): Promise<T> {
  const start = Date.now();
  say(`  ${name} ...`);
  const result = await work();
  say(`  ${name}: done after ${((Date.now() - start) / 1000).toFixed(1)} s`);
  return result;
}
