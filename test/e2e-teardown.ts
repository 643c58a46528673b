/** Ends what e2e-setup.ts started; its logs stay in `.local/e2e` until the next run. */
export default async function teardown(): Promise<void> {
  await globalThis.sallyportLocal?.stop();
}
