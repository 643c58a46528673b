/** SCAN-05: a run that dies at any call, again and again, loses, doubles and releases nothing that it must not. */
import fc from 'fast-check';

import { auditFaults } from '../../lambdas/data-scan/core/audit';
import { localStack } from '../local-stack';
import { type Fault, type Journey, travel, withFaults } from './steps';
import { type Kept, makeWorld, type Stack, useLocalStack, type World } from './world';

const CARD = '4111 1111 1111 1111';

interface Upload {
  readonly key: string;
  readonly kind: 'clean' | 'sensitive' | 'unreadable';
}

/** Keys that S3 and XML write otherwise, some of them twice so that there are several versions. */
const KEYS = ['a.csv', 'dir/b c+d%.txt', 'ü/日本.csv', 'a.csv', 'x\n&<y>.csv', 'z'];

let stack: Stack;

beforeAll(() => {
  const { emulatorUrl, macieUrl, scanRecordsBucketName: records } = localStack();
  stack = { emulatorUrl, macieUrl: macieUrl ?? '', records };
  useLocalStack(stack.emulatorUrl, stack.macieUrl);
});

async function uploaded(world: World, uploads: readonly Upload[]): Promise<Map<string, Upload>> {
  const byBody = new Map<string, Upload>();
  for (const [i, upload] of uploads.entries()) {
    const body = `${upload.kind} ${i}; ${upload.kind === 'sensitive' ? CARD : ''}`;
    const key = upload.kind === 'unreadable' ? `${upload.key}.bin` : upload.key;
    await world.put(key, body, 'team=a%26b');
    byBody.set(body, { ...upload, key });
  }
  return byBody;
}

/** What must hold however a run went. */
function faultsOf(
  everything: readonly Kept[],
  uploads: ReadonlyMap<string, Upload>,
  approved: boolean,
): string[] {
  const faults: string[] = [];
  for (const [body, { kind, key }] of uploads) {
    const places = everything.filter((kept) => kept.body === body);
    if (places.length !== 1) faults.push(`${body}: in ${places.map(({ bucket }) => bucket).join()}`);
    const [place] = places;
    const expected = kind === 'clean' || approved ? 'output' : 'review';
    // an older version is not released over a newer one
    if (place !== undefined && place.bucket !== expected && place.bucket !== 'review')
      faults.push(`${body}: in ${place.bucket}, expected ${expected}`);
    if (place?.bucket === 'review' && kind === 'clean') faults.push(`${body}: clean, but not released`);
    if (place?.bucket !== 'output') continue;
    if (place.key !== key) faults.push(`${body}: released as ${place.key}`);
    const tags = { team: 'a&b', ...(kind === 'clean' ? {} : { SensitiveDataFound: 'true' }) };
    if (JSON.stringify(place.tags) !== JSON.stringify(tags))
      faults.push(`${body}: tags ${JSON.stringify(place.tags)}`);
  }
  if (everything.length !== uploads.size) faults.push(`${everything.length} versions of ${uploads.size}`);
  return faults;
}

async function tried(
  uploads: readonly Upload[],
  faults: readonly Fault[],
  journey: Partial<Journey> & { readonly approved: boolean },
): Promise<{ wrong: string[]; calls: number; deaths: number }> {
  const world = await makeWorld(stack);
  const byBody = await uploaded(world, uploads);
  const { ports, calls } = withFaults(world.ports, faults);
  const id = world.buckets.raw;
  const deaths = await travel(world, ports, {
    id,
    decisionOf: () => (journey.approved ? 'approve' : 'deny'),
    executionDies: () => false,
    ...journey,
  });
  const wrong = faultsOf(await world.everything(), byBody, journey.approved);
  return { wrong: [...wrong, ...auditFaults(id, await world.audit(id))], calls: calls(), deaths };
}

const MIXED: readonly Upload[] = [
  { key: 'a.csv', kind: 'clean' },
  { key: 'a.csv', kind: 'sensitive' },
  { key: 'b c+%.txt', kind: 'clean' },
  { key: 'z', kind: 'unreadable' },
];

test('SCAN-05 a run in which nothing dies ends with every version in its place', async () => {
  const { wrong, deaths } = await tried(MIXED, [], { approved: true });

  expect({ wrong, deaths }).toEqual({ wrong: [], deaths: 0 });
});

test.each([false, true])(
  'SCAN-05 killed at any call, twice each (after its effect: %s): every version is in exactly one place',
  async (after) => {
    const { calls } = await tried(MIXED, [], { approved: true });
    const wrong: string[] = [];
    const deaths: number[] = [];
    // each call in `npm run test:long`, every fifth otherwise
    const step = process.env['SALLYPORT_LONG'] === undefined ? 5 : 1;
    for (let call = after ? 2 : 0; call < calls; call += step) {
      const twice = [0, 1].map(() => ({ call, after }));
      const result = await tried(MIXED, twice, {
        approved: call % 2 === 0,
        executionDies: () => call % 3 === 0,
      });
      wrong.push(...result.wrong.map((one) => `call ${call}: ${one}`));
      deaths.push(result.deaths);
    }

    expect(calls).toBeGreaterThan(50);
    expect(wrong).toEqual([]);
    expect(Math.max(...deaths)).toBeGreaterThan(0);
  },
  600_000,
);

test('SCAN-05 over random inputs, deaths and decisions', async () => {
  const upload = fc.record({
    key: fc.constantFrom(...KEYS),
    kind: fc.constantFrom<Upload['kind']>('clean', 'sensitive', 'unreadable'),
  });
  const fault = fc.record({ call: fc.nat(250), after: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(upload, { minLength: 1, maxLength: 7 }),
      fc.array(fault, { maxLength: 6 }),
      fc.boolean(),
      fc.boolean(),
      async (uploads, faults, approved, dies) => {
        const { wrong } = await tried(uploads, faults, { approved, executionDies: () => dies });

        expect(wrong).toEqual([]);
      },
    ),
    { numRuns: process.env['SALLYPORT_LONG'] === undefined ? 15 : 300 },
  );
}, 600_000);
