/** `npm run -s token -- <name>`: prints an access token of a demo user of the running instance, for one's own requests. */
import { Failure } from './failure';
import { homeFrom } from './home';
import { readOutputs } from './outputs';
import { signIn } from './sign-in';

const USAGE = 'usage: npm run -s token -- <name>   e.g. rita: the part of an address before the @';

async function main([name, ...rest]: readonly string[]): Promise<void> {
  if (name === undefined || name.startsWith('-') || rest.length > 0) throw new Failure(USAGE);
  const outputs = readOutputs(homeFrom(process.env));
  const user = outputs.users.find(({ email }) => email.startsWith(`${name}@`));
  if (user === undefined)
    throw new Failure(
      `no demo user ${name}; there are ${outputs.users.map(({ email }) => email).join(', ')}`,
    );
  console.log((await signIn(outputs, user, user.scopes)).accessToken);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Failure ? error.message : error);
  process.exitCode = 1;
});
