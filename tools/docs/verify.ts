/** Whether the documentation that is served is that of the document at hand. */
import { isDeepStrictEqual } from 'node:util';

import { readDocument } from '../../lib/api/document';
import type { Finding } from '../spec/outcome';
import { releaseOf } from '../clients/version';

const SECONDS = 20;

/**
 * Asks for the document's own version and for the latest, each as page and as document.
 *
 * @param address where the documentation is served, without a slash at its end
 * @param file path of the document
 * @returns what does not hold
 */
export async function verifyDocs(
  address: string,
  file: string,
): Promise<{ version: string; findings: Finding[] }> {
  const document = readDocument(file);
  const { version } = releaseOf(document, undefined);
  const places = [`${address}/${version}`, `${address}/latest`];
  const wrong = await Promise.all(
    places.flatMap((place) => [
      check(`${place}/index.html`, (answer) => Promise.resolve(typeOf(answer).startsWith('text/html'))),
      check(`${place}/openapi.json`, async (answer) =>
        isDeepStrictEqual(JSON.parse(await answer.text()), document),
      ),
    ]),
  );
  return { version, findings: wrong.flat() };
}

async function check(url: string, holds: (answer: Response) => Promise<boolean>): Promise<Finding[]> {
  const finding = (reason: string): Finding[] => [{ rule: 'docs', place: new URL(url).pathname, reason }];
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(SECONDS * 1000) });
    if (answer.status !== 200) return finding(`answers ${answer.status}, not 200`);
    return (await holds(answer)) ? [] : finding(`is not what was built of this document`);
  } catch (error) {
    const { message, cause } = error as Error;
    return finding(`no answer: ${cause instanceof Error ? cause.message : message}`);
  }
}

function typeOf(answer: Response): string {
  return answer.headers.get('content-type') ?? '';
}
