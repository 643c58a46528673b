/** `npm run reset`: ends the local environment and removes its state; the installed emulator stays. */
import { homeFrom } from './home';
import { wipe } from './instance';
import { stopLocal } from './stop';

const home = homeFrom(process.env);

stopLocal(home).then(
  () => {
    wipe(home);
    console.log('Reset: the next start deploys into an empty emulator.');
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
