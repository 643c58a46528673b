import { storeChange, whyNotForLoadBalancer } from '../../lambdas/mtls/core/elsewhere';
import { accepted, Authority, bytesOf } from './authority';

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
