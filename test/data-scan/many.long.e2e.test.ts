/** SCAN-06: a run of 10,000 objects; in `npm run test:long`. */
import { deployApp, localStack } from '../local-stack';
import { ended, start } from './deployed';
import { countIn, fill } from './many';

const OBJECTS = 10_000;

test(
  'SCAN-06 10,000 objects are scanned in one run, and each is released once',
  async () => {
    const app = await deployApp('test/data-scan/app.ts', {
      name: 'many-scan',
      records: localStack().scanRecordsBucketName,
      reviewSeconds: '60',
    });
    await fill(app['Raw']!, OBJECTS);
    const run = await start({}, undefined, app['StateMachine']);

    expect(await ended(run, 45 * 60_000)).toBe('SUCCEEDED');
    expect(await countIn(app['Output']!)).toEqual({ versions: OBJECTS, keys: OBJECTS });
    expect(await countIn(app['Raw']!)).toEqual({ versions: 0, keys: 0 });
  },
  60 * 60_000,
);
