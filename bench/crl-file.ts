/** Reads a list as the command does. */
import { closeSync, openSync, readSync } from 'node:fs';

/** Pieces of a file, each valid until the next is asked for. */
export function* chunksOf(file: string): Generator<Uint8Array> {
  const descriptor = openSync(file, 'r');
  const chunk = new Uint8Array(256 * 1024);
  for (let length = readSync(descriptor, chunk); length > 0; length = readSync(descriptor, chunk))
    yield chunk.subarray(0, length);
  closeSync(descriptor);
}
