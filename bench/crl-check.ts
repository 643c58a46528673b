/** How long the whole check of a client certificate takes with a list in memory. */
import { clientCertificateCheck } from '../lambdas/mtls/check';
import { ListsInForce } from '../lambdas/mtls/core/lists';
import { IndexView } from '../lambdas/mtls/core/lookup';
import type { Manifest } from '../lambdas/mtls/core/manifest';
import { clientPem } from './crl-lists';
import { median, quantile, type Row } from './row';

/** The whole check of a certificate, lists in memory and fresh. */
export async function checkRow(entries: string, manifest: Manifest, index: Uint8Array): Promise<Row> {
  const view = new IndexView(index);
  const lists = new ListsInForce(
    {
      listManifests: async () => [{ key: 'list', etag: '1' }],
      readManifest: async () => ({ etag: '1', manifest, publishedAt: undefined }),
      openIndex: async () => ({
        find: async (hash, serial) => {
          const found = view.find(hash, serial);
          if ('status' in found) return found;
          throw new Error('the index is not whole');
        },
      }),
    },
    {
      rules: { freshness: { kind: 'hard' }, maximumAge: null, withoutNextUpdate: 'refuse' },
      revalidateAfter: 3_600_000,
      maximumStale: 3_600_000,
      clock: Date.now,
      onTrouble: (_what, cause) => {
        throw cause;
      },
      onReplaced: () => undefined,
    },
  );
  const check = clientCertificateCheck('clientCertificate', {
    clock: Date.now,
    statusOf: (certificate) => lists.statusOf(certificate),
    onlineStatusOf: async () => undefined,
    onLate: () => undefined,
    onUnknown: () => undefined,
  });
  const clientCertificate = { clientCertPem: clientPem() };
  const times: number[] = [];
  for (let i = 0; i < 30_000; i += 1) {
    const started = process.hrtime.bigint();
    const result = await check({ clientCertificate });
    times.push(Number(process.hrtime.bigint() - started) / 1e3);
    if (!result.ok) throw new Error(`a good certificate was refused: ${result.reason}`);
  }
  const warm = times.slice(10_000);
  return {
    what: `the whole check of a certificate, warm, ${entries} entries in memory`,
    ours: `p50 ${median(warm).toFixed(1)} µs, p99 ${quantile(warm, 0.99).toFixed(1)} µs`,
  };
}
