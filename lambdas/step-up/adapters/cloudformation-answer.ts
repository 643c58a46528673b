/** Answers CloudFormation (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-responses.html). */
import type { SeedRequest } from '../core/seed-event';

const DEADLINE_MS = 5_000;

/** @throws Error when it was not taken; the invocation is then repeated */
export async function answerCloudFormation(
  { responseUrl, identity }: SeedRequest,
  Status: 'SUCCESS' | 'FAILED',
): Promise<void> {
  const response = await fetch(responseUrl, {
    method: 'PUT',
    // the presigned URL was signed without a content type
    headers: { 'content-type': '' },
    body: JSON.stringify({ Status, Reason: 'see the log of the function', ...identity }),
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  if (!response.ok) throw new Error(`CloudFormation answered ${response.status}`);
}
