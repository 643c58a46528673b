/** Findings of cdk-nag that are decided otherwise, each with its reason beside the construct it is about. */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * @param findings AwsSolutions finding, e.g. `COG2` or `IAM4[Policy::…]`, and why it does not apply
 */
export function acknowledge(construct: IConstruct, findings: Readonly<Record<string, string>>): void {
  Validations.of(construct).acknowledge(
    ...Object.entries(findings).map(([finding, reason]) => ({
      id: `AwsSolutions::AwsSolutions-${finding}`,
      reason,
    })),
  );
}
