/** The lists in force of one process: found, revalidated, swapped in whole, and given up in time. */
import type { Certificate } from '../../lambdas/mtls/core/certificate';
import {
  ListsInForce,
  type ListsOptions,
  type ListStatus,
  type ListStore,
} from '../../lambdas/mtls/core/lists';
import { IndexView } from '../../lambdas/mtls/core/lookup';
import { accepted, Authority, bytesOf, RULES, type Accepted } from './authority';
import { NOW, pointOf, issuingPoint } from './make-crl';

const ca = new Authority('CA');
const other = new Authority('Other CA');
const GOOD = { status: 'good', freshness: 'fresh' };
const UNAVAILABLE = { status: 'unavailable' };

/** A bucket in memory that counts what is asked of it, and can be told to fail or to wait. */
class Bucket implements ListStore {
  readonly calls: string[] = [];
  readonly lists = new Map<string, Accepted>();
  failing = new Set<string>();
  publishedAt: number | undefined;
  /** Awaited before every answer. */
  pace: () => Promise<void> = async () => undefined;

  put(name: string, list: Accepted): void {
    this.lists.set(`current/${name}.cache.json`, list);
  }

  async listManifests(): Promise<{ key: string; etag: string }[]> {
    await this.answer('list', 'list');
    return [...this.lists].map(([key, list]) => ({ key, etag: list.index.key }));
  }

  async readManifest(key: string, etag?: string): ReturnType<ListStore['readManifest']> {
    await this.answer(`manifest ${key.slice(8, -11)}`, 'manifest', key);
    const list = this.lists.get(key);
    if (list === undefined) return 'gone';
    if (list.index.key === etag) return 'unchanged';
    return { etag: list.index.key, manifest: list.manifest, publishedAt: this.publishedAt };
  }

  async openIndex(manifest: Accepted['manifest']): ReturnType<ListStore['openIndex']> {
    const list = [...this.all].find(({ index }) => index.key === manifest.index.key);
    await this.answer('index', 'index');
    if (list === undefined) throw new Error('no such index');
    const view = new IndexView(bytesOf(list));
    return {
      find: async (issuer, serial) => {
        await this.pace();
        const found = view.find(issuer, serial);
        if (!('status' in found)) throw new Error('not whole');
        return found;
      },
    };
  }

  /** Indexes stay when a manifest is replaced. */
  private readonly all = new Set<Accepted>();

  keep(list: Accepted): Accepted {
    this.all.add(list);
    return list;
  }

  private async answer(call: string, ...kinds: string[]): Promise<void> {
    this.calls.push(call);
    await this.pace();
    if (kinds.some((kind) => this.failing.has(kind))) throw new Error('503 Slow Down');
  }
}

let bucket: Bucket;
let now: number;
let trouble: string[];
/** Number of each list that took another's place, and seconds to the last answer by that: from publication, thisUpdate. */
let replaced: [number: bigint | null, fromPublication: number, fromThisUpdate: number][];

function open(options: Partial<ListsOptions> = {}): ListsInForce {
  return new ListsInForce(bucket, {
    rules: RULES,
    revalidateAfter: 5_000,
    maximumStale: 3_600_000,
    clock: () => now,
    onTrouble: (what) => trouble.push(what),
    onReplaced: ({ number, thisUpdate }, publishedAt, lastAnswer) =>
      replaced.push([number, (lastAnswer - publishedAt) / 1000, lastAnswer / 1000 - thisUpdate]),
    ...options,
  });
}

async function publish(
  name: string,
  authority: Authority,
  serials: readonly bigint[],
  number = 1n,
): Promise<void> {
  const list = authority.list(
    serials.map((serial) => ({ serial })),
    { number },
  );
  bucket.put(name, bucket.keep(accepted(await authority.compile(list))));
}

const ask = (lists: ListsInForce, certificate: Certificate): Promise<ListStatus> =>
  lists.statusOf(certificate);

beforeEach(() => {
  bucket = new Bucket();
  now = NOW * 1000;
  trouble = [];
  replaced = [];
});

describe('a certificate', () => {
  test('is good or revoked by the list of its issuer', async () => {
    await publish('ca', ca, [7n]);
    const lists = open();

    expect(await ask(lists, ca.client(8n))).toEqual(GOOD);
    expect(await ask(lists, ca.client(7n))).toMatchObject({ status: 'revoked' });
  });

  test('CRL-04 is not confused with one of the same serial under another issuer', async () => {
    await publish('ca', ca, [7n]);
    await publish('other', other, [8n]);
    const lists = open();

    expect(await ask(lists, ca.client(7n))).toMatchObject({ status: 'revoked' });
    expect(await ask(lists, other.client(7n))).toEqual(GOOD);
    expect(await ask(lists, ca.client(8n))).toEqual(GOOD);
    expect(await ask(lists, other.client(8n))).toMatchObject({ status: 'revoked' });
  });

  test('without a list is unknown, and good as soon as there is one', async () => {
    const lists = open();
    expect(await ask(lists, ca.client(8n))).toEqual({ status: 'unknown', reason: 'no_list' });

    await publish('ca', ca, []);
    now += 5_000;

    expect(await ask(lists, ca.client(8n))).toEqual(GOOD);
  });

  test('is judged by the partition it names, with one indirect list found by the issuer of the list', async () => {
    const point = 'http://crl.test/1';
    const list = ca.list([{ serial: 7n }], { extensions: [issuingPoint(point)] });
    bucket.put('part', bucket.keep(accepted(await ca.compile(list))));
    const indirect = other.list([], { extensions: [issuingPoint('http://crl.test/i', 4)] });
    bucket.put('indirect', bucket.keep(accepted(await other.compile(indirect))));
    const lists = open();

    expect(await ask(lists, ca.client(7n, pointOf(point)))).toMatchObject({ status: 'revoked' });
    expect(await ask(lists, ca.client(8n, pointOf(point)))).toEqual(GOOD);
    expect(await ask(lists, ca.client(9n, pointOf('http://crl.test/2')))).toMatchObject({
      status: 'unknown',
    });
    expect(await ask(lists, ca.client(9n, pointOf('http://crl.test/i', 'Other CA')))).toEqual(GOOD);
  });
});

describe('what is read', () => {
  test('is one listing, every manifest once, and the index of the issuer that was asked for', async () => {
    await publish('ca', ca, [7n]);
    await publish('other', other, []);
    const lists = open();

    await ask(lists, ca.client(8n));
    await ask(lists, ca.client(8n));

    expect(bucket.calls).toEqual(['list', 'manifest ca', 'manifest other', 'index']);
  });

  test('is asked for again after its time, and only that of the issuer', async () => {
    await publish('ca', ca, [7n]);
    await publish('other', other, []);
    const lists = open();
    await ask(lists, ca.client(8n));
    bucket.calls.length = 0;

    now += 4_999;
    await ask(lists, ca.client(8n));
    expect(bucket.calls).toEqual([]);
    now += 1;
    await ask(lists, ca.client(8n));
    expect(bucket.calls).toEqual(['manifest ca']);
  });

  test('is asked for at every request where that is set', async () => {
    await publish('ca', ca, []);
    const lists = open({ revalidateAfter: 0 });
    await ask(lists, ca.client(8n));

    await publish('ca', ca, [8n], 2n);

    expect(await ask(lists, ca.client(8n))).toMatchObject({ status: 'revoked' });
  });

  test('is read by one of many requests that come together', async () => {
    await publish('ca', ca, [7n]);
    const lists = open();
    const together = await Promise.all(Array.from({ length: 50 }, () => ask(lists, ca.client(8n))));
    expect(bucket.calls).toEqual(['list', 'manifest ca', 'index']);
    expect(together).toEqual(Array.from({ length: 50 }, () => GOOD));

    now += 5_000;
    await Promise.all(Array.from({ length: 50 }, () => ask(lists, ca.client(8n))));
    expect(bucket.calls.slice(3)).toEqual(['manifest ca']);
  });

  test('is listed at most once in five seconds for certificates that have no list', async () => {
    await publish('ca', ca, []);
    const lists = open();
    for (let i = 0n; i < 20n; i += 1n) await ask(lists, other.client(i));
    expect(bucket.calls.filter((call) => call === 'list')).toHaveLength(1);

    now += 5_000;
    for (let i = 0n; i < 20n; i += 1n) await ask(lists, other.client(i));
    expect(bucket.calls.filter((call) => call === 'list')).toHaveLength(2);
  });

  test('of a list that was removed is forgotten, so its certificates are unknown', async () => {
    await publish('ca', ca, []);
    const lists = open();
    expect(await ask(lists, ca.client(8n))).toEqual(GOOD);

    bucket.lists.clear();
    now += 60_000;

    expect(await ask(lists, ca.client(8n))).toMatchObject({ status: 'unknown' });
  });
});

describe('CRL-08 a list that is replaced while requests run', () => {
  test('CRL-08 each request has the whole old list or the whole new one', async () => {
    const client = ca.client(2n);
    await publish('ca', ca, [2n]);
    bucket.pace = () => new Promise((resolve) => setImmediate(resolve));
    const lists = open({ revalidateAfter: 0 });
    const views = new Set<string>();
    let ended = false;
    const readers = Array.from({ length: 20 }, async () => {
      while (!ended) views.add((await ask(lists, client)).status);
    });
    try {
      for (let number = 2n; number < 32n; number += 1n) {
        await publish('ca', ca, number % 2n === 0n ? [3n] : [2n], number);
        for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      ended = true;
      await Promise.all(readers);
    }

    expect([...views].sort()).toEqual(['good', 'revoked']);
    expect(trouble).toEqual([]);
  });

  test('CRL-08 a request goes on with the list it began with', async () => {
    await publish('ca', ca, [7n]);
    const lists = open();
    await ask(lists, ca.client(8n));
    let release: () => void = () => undefined;
    let reached: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const asking = new Promise<void>((resolve) => (reached = resolve));
    bucket.pace = () => {
      reached();
      return held;
    };
    const before = ask(lists, ca.client(7n));
    await asking;
    bucket.pace = async () => undefined;
    await publish('ca', ca, [], 2n);
    now += 5_000;

    expect(await ask(lists, ca.client(7n))).toEqual(GOOD);
    release();
    expect(await before).toMatchObject({ status: 'revoked' });
  });

  test('CRL-08 the old list stays in force while the new index cannot be read', async () => {
    await publish('ca', ca, [7n]);
    const lists = open();
    await ask(lists, ca.client(8n));
    await publish('ca', ca, [8n], 2n);
    bucket.failing.add('index');
    now += 5_000;

    expect(await ask(lists, ca.client(7n))).toMatchObject({ status: 'revoked' });
    expect(await ask(lists, ca.client(8n))).toEqual({ status: 'good', freshness: 'unconfirmed' });
    bucket.failing.clear();
    now += 5_000;
    expect(await ask(lists, ca.client(8n))).toMatchObject({ status: 'revoked' });
  });
});

describe('CRL-03 a manifest that went back', () => {
  test('CRL-03 does not take a revocation back, and is told until the later list is too old', async () => {
    await publish('ca', ca, [], 1n);
    const old = bucket.lists.get('current/ca.cache.json')!;
    await publish('ca', ca, [7n], 2n);
    const lists = open();
    expect(await ask(lists, ca.client(7n))).toMatchObject({ status: 'revoked' });
    bucket.put('ca', old);
    now += 6_000;

    expect(await ask(lists, ca.client(7n))).toMatchObject({ status: 'revoked' });
    expect(await ask(lists, ca.client(8n))).toEqual({ status: 'good', freshness: 'unconfirmed' });
    expect(trouble).toContain('manifest');
    now += 3_600_000;
    expect(await ask(lists, ca.client(8n))).toEqual(UNAVAILABLE);
    await publish('ca', ca, [7n, 9n], 3n);
    now += 6_000;
    expect(await ask(lists, ca.client(8n))).toEqual(GOOD);
  });

  test('CRL-03 by the time of its list where the number is the same', async () => {
    const listOf = async (thisUpdate: number): Promise<Accepted> =>
      bucket.keep(
        accepted(await ca.compile(ca.list([{ serial: BigInt(thisUpdate) }], { thisUpdate, number: 5n }))),
      );
    bucket.put('ca', await listOf(NOW - 100));
    const lists = open({ revalidateAfter: 0 });
    await ask(lists, ca.client(8n));
    bucket.put('ca', await listOf(NOW - 101));
    expect(await ask(lists, ca.client(8n))).toMatchObject({ freshness: 'unconfirmed' });
    now += 1_000;
    bucket.put('ca', await listOf(NOW - 99));

    expect(await ask(lists, ca.client(8n))).toEqual(GOOD);
  });
});

describe('the time to revoke', () => {
  const [published, thisUpdate] = [(NOW + 10) * 1000, NOW - 60];

  /** A second list is published, S3 fails until the old one has answered once more, and an hour later it is asked. */
  async function replaceAfterAnswer(answeredAfter: number): Promise<void> {
    await publish('ca', ca, []);
    const lists = open();
    await ask(lists, ca.client(7n));
    await publish('ca', ca, [7n], 2n);
    bucket.publishedAt = published;
    bucket.failing = new Set(['manifest']);
    now = published + answeredAfter * 1000;
    expect(await ask(lists, ca.client(7n))).toEqual({ status: 'good', freshness: 'unconfirmed' });
    bucket.failing.clear();
    now = published + 3_600_000;
    expect(await ask(lists, ca.client(7n))).toMatchObject({ status: 'revoked' });
    await ask(lists, ca.client(7n));
  }

  test('is that of the last answer by the list before, told once', async () => {
    await replaceAfterAnswer(7);

    expect(replaced).toEqual([[2n, 7, published / 1000 + 7 - thisUpdate]]);
  });

  test('ends with the publication when nobody asked after it, however late the next request is', async () => {
    await replaceAfterAnswer(-3);

    expect(replaced).toEqual([[2n, 0, published / 1000 - thisUpdate]]);
  });

  test('is not told of the first list of a process, nor of one whose publication is not known', async () => {
    bucket.publishedAt = published;
    await publish('ca', ca, []);
    await ask(open(), ca.client(7n));
    expect([replaced, trouble]).toEqual([[], []]);

    bucket = new Bucket();
    await publish('ca', ca, []);
    const lists = open();
    await ask(lists, ca.client(7n));
    await publish('ca', ca, [7n], 2n);
    now += 5_000;
    expect(await ask(lists, ca.client(7n))).toMatchObject({ status: 'revoked' });
    expect(replaced).toEqual([]);
  });
});

describe('AUTHZ-04 S3 fails', () => {
  test.each(['list', 'manifest', 'index'])(
    'AUTHZ-04 from the start, at %s: nobody is good, then they are',
    async (kind) => {
      await publish('ca', ca, [7n]);
      bucket.failing.add(kind);
      const lists = open();

      expect(await ask(lists, ca.client(8n))).toEqual(UNAVAILABLE);
      expect(trouble).not.toEqual([]);
      bucket.failing.clear();
      now += 1_000;
      expect(await ask(lists, ca.client(8n))).toEqual(GOOD);
    },
  );

  test('AUTHZ-04 at one manifest that nobody has read: it may speak of anybody, so nobody is good', async () => {
    await publish('ca', ca, [7n]);
    await publish('broken', other, []);
    bucket.failing.add('current/broken.cache.json');
    const readManifest = bucket.readManifest.bind(bucket);
    bucket.readManifest = async (key, etag) => {
      if (bucket.failing.has(key)) throw new Error('garbage');
      return readManifest(key, etag);
    };
    const lists = open();

    expect(await ask(lists, ca.client(8n))).toEqual(UNAVAILABLE);
    expect(await ask(lists, ca.client(7n))).toMatchObject({ status: 'revoked' });
    bucket.failing.clear();
    now += 1_000;
    expect(await ask(lists, ca.client(8n))).toEqual(GOOD);
  });

  test('AUTHZ-04 is asked at most once a second', async () => {
    bucket.failing.add('list');
    const lists = open();
    for (let i = 0n; i < 20n; i += 1n) await ask(lists, ca.client(i));
    expect(bucket.calls).toHaveLength(1);

    now += 1_000;
    await ask(lists, ca.client(1n));
    expect(bucket.calls).toHaveLength(2);
  });

  test('CRL-02 later on: the verified list counts, marked, until nobody has confirmed it for too long', async () => {
    await publish('ca', ca, [7n]);
    const lists = open();
    await ask(lists, ca.client(8n));
    for (const kind of ['list', 'manifest']) bucket.failing.add(kind);

    now += 3_600_000;
    expect(await ask(lists, ca.client(8n))).toEqual({ status: 'good', freshness: 'unconfirmed' });
    now += 1;
    expect(await ask(lists, ca.client(8n))).toEqual(UNAVAILABLE);
    expect(await ask(lists, ca.client(7n))).toMatchObject({ status: 'revoked' });
    bucket.failing.clear();
    now += 5_000;
    expect(await ask(lists, ca.client(8n))).toEqual(GOOD);
  });
});

describe('CRL-02 a list past its nextUpdate', () => {
  const DAY = 86_400_000;

  test.each([
    ['hard', { kind: 'hard' } as const, { status: 'unknown', reason: 'list_expired' }],
    ['grace', { kind: 'grace', hours: 2 } as const, { status: 'good', freshness: 'late_within_grace' }],
    ['soft', { kind: 'soft' } as const, { status: 'good', freshness: 'late_accepted' }],
  ])('CRL-02 under %s', async (_name, freshness, late) => {
    await publish('ca', ca, [7n]);
    const lists = open({ rules: { ...RULES, freshness } });
    expect(await ask(lists, ca.client(8n))).toEqual(GOOD);

    now += DAY + 3_600_000;

    expect(await ask(lists, ca.client(8n))).toEqual(late);
  });

  test('CRL-02 grace ends', async () => {
    await publish('ca', ca, [7n]);
    const lists = open({ rules: { ...RULES, freshness: { kind: 'grace', hours: 2 } } });
    now += DAY + 2 * 3_600_000 + 1_000;

    expect(await ask(lists, ca.client(8n))).toEqual({ status: 'unknown', reason: 'list_expired' });
  });
});
