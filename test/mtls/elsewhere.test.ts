import { storeChange, whyNotForLoadBalancer } from '../../lambdas/mtls/core/elsewhere';
import { accepted, Authority, bytesOf, type Accepted } from './authority';
import { issuingPoint } from './make-crl';

const ca = new Authority('CA');

describe('a key value store', () => {
  test('gets what is missing and loses what is no longer revoked, and keeps what other lists put there', async () => {
    const old = accepted(await ca.compile(ca.list([{ serial: 7n }, { serial: 8n }])));
    const first = storeChange(old.manifest, bytesOf(old), new Map([['other:07', 'elsewhere']]));
    if (typeof first === 'string') throw new Error(first);
    const issuer = old.manifest.issuer.hash.slice(0, 32);

    expect([...first.puts.keys()]).toEqual([`${issuer}:07`, `${issuer}:08`]);
    expect(first.deletes).toEqual([]);
    const now = accepted(await ca.compile(ca.list([{ serial: 8n }, { serial: 9n }])));
    const present = new Map([['other:07', 'elsewhere'], ...first.puts]);
    const second = storeChange(now.manifest, bytesOf(now), present);

    expect(second).toEqual({
      puts: new Map([[`${issuer}:09`, now.manifest.series.slice(0, 32)]]),
      deletes: [`${issuer}:07`],
    });
  });

  test('CRL-04 keeps an entry until the last list that has it lets go of it', async () => {
    const listOf = async (serials: readonly bigint[], ...extensions: Buffer[]): Promise<Accepted> =>
      accepted(
        await ca.compile(
          ca.list(
            serials.map((serial) => ({ serial })),
            { extensions },
          ),
        ),
      );
    const store = new Map<string, string>();
    const give = (list: Accepted): void => {
      const change = storeChange(list.manifest, bytesOf(list), store);
      if (typeof change === 'string') throw new Error(change);
      for (const [key, value] of change.puts) store.set(key, value);
      for (const key of change.deletes) store.delete(key);
    };
    const partition = issuingPoint('http://crl/1');
    give(await listOf([7n]));
    give(await listOf([7n, 8n], partition));
    expect(store.size).toBe(2);
    give(await listOf([8n], partition));
    expect(store.size).toBe(2);
    give(await listOf([]));
    expect([...store.keys()].map((key) => key.slice(-2))).toEqual(['08']);
  });

  test('that would be too large is refused with its size', async () => {
    const list = accepted(await ca.compile(ca.list([{ serial: 7n }])));
    const present = new Map(
      Array.from({ length: 80_000 }, (_, i) => [`${'0'.repeat(32)}:${i}`, '1'.repeat(32)]),
    );

    expect(storeChange(list.manifest, bytesOf(list), present)).toMatch(/would have \d+ bytes/);
    expect(storeChange(list.manifest, bytesOf(list), new Map())).toHaveProperty('puts');
  });
});

test('a load balancer takes 500,000 entries, and no list that a delta was merged into', async () => {
  const { manifest } = accepted(await ca.compile(ca.list([{ serial: 7n }])));

  expect(whyNotForLoadBalancer({ ...manifest, entries: 500_000 })).toBeUndefined();
  expect(whyNotForLoadBalancer({ ...manifest, entries: 500_001 })).toContain('500001 entries');
  expect(whyNotForLoadBalancer({ ...manifest, baseNumber: 1n })).toContain('delta');
});
