/** `npm stop`: ends the local environment and everything it started. State is kept. */
import { stopLeftover } from './emulator';
import { homeFrom } from './home';
import { end, running } from './processes';

export async function stopLocal(home: string): Promise<boolean> {
  const entry = running(home, 'start');
  if (entry !== null) await end(entry, 40_000);
  // where the start was killed it could not end its emulator
  const leftover = await stopLeftover(home);
  return entry !== null || leftover;
}

if (require.main === module) {
  stopLocal(homeFrom(process.env)).then(
    (stopped) => {
      console.log(stopped ? 'Stopped.' : 'Nothing was running.');
    },
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}
