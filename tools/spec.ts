/** `npm run -s spec -- <command>`: lints openapi.yaml and compares it with the document that was published last. */
import { runSpec } from './spec/command';
import { EXIT, lineOf } from './spec/outcome';

runSpec(process.argv.slice(2), new Date().toISOString().slice(0, 10)).then(
  ({ outcome, json }) => {
    if (json) console.log(JSON.stringify(outcome));
    else {
      for (const finding of outcome.findings) console.log(lineOf(finding));
      for (const note of outcome.notes) console.error(note);
    }
    process.exitCode = outcome.exit;
  },
  (error: unknown) => {
    console.error(`spec: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = EXIT.usage;
  },
);
