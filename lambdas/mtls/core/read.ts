/** Reads a list without asking who signed it: for showing what is in it, never for deciding by it. */
import { REMOVE_FROM_CRL } from './entries';
import { buildIndex, type Index } from './index-format';
import type { ParsedList } from './list';
import { ListReader } from './list-reader';
import { Armor } from './pem';
import { RecordStore } from './record-store';

interface UnverifiedList {
  readonly list: ParsedList;
  readonly index: Index;
}

/**
 * @param chunks PEM or DER in pieces of any size
 * @throws Refusal when it is not a list
 */
export async function readUnverified(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<UnverifiedList> {
  const records = new RecordStore();
  const armor = new Armor();
  const reader = new ListReader({
    entries: records,
    maximumBytes: 2 ** 32,
    insecureSha1: true,
    onHeader: () => ({ update: () => undefined }),
  });
  for await (const chunk of chunks) reader.write(armor.write(chunk));
  armor.end();
  const list = reader.end();
  const isDelta = list.extensions.baseNumber !== undefined;
  const groups = records.sorted(isDelta ? undefined : REMOVE_FROM_CRL);
  return {
    list,
    index: buildIndex(
      groups,
      list.issuers.map(({ hash }) => hash),
    ),
  };
}
