/** Answers CloudFormation, which waits for it at a pre-signed address. */
import type { Placing } from '../core/placing';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html */
type StackAnswer =
  | { readonly Status: 'SUCCESS'; readonly Data: Readonly<Record<string, string>> }
  | { readonly Status: 'FAILED'; readonly Reason: string };

/** @throws Error when the answer was not taken, so that Lambda runs the function again */
export async function answerStack({ answerTo, identity, key }: Placing, answer: StackAnswer): Promise<void> {
  const response = await fetch(answerTo, {
    method: 'PUT',
    // the address is signed for no content type
    headers: { 'content-type': '' },
    // one physical id for ever: another would have the old one removed
    body: JSON.stringify({ ...identity, PhysicalResourceId: key, ...answer }),
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`CloudFormation answered with status ${response.status}`);
}
