/** Findings of cdk-nag that are decided otherwise, each with its reason beside the construct it is about. */
import { Stack, Validations } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
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

/**
 * That a role may use prefixes of one bucket, each of which cdk-nag finds as a wildcard.
 *
 * @param role whose policies they are in
 * @param prefixes ending in `*`
 */
export function acknowledgePrefixes(role: IConstruct, bucket: IBucket, prefixes: readonly string[]): void {
  const [here, there] = [Stack.of(role), Stack.of(bucket)];
  // what the reference of another stack becomes at synth
  const arn = here === there ? bucket.bucketArn : there.exportValue(bucket.bucketArn);
  const reason = 'one prefix of one bucket: which objects are below it is known at run time only';
  for (const prefix of new Set(prefixes.filter((key) => key.endsWith('*'))))
    acknowledge(role, { [`IAM5[Resource::${flat(here.resolve(arn))}/${prefix}]`]: reason });
}

/**
 * That a role may use resources below a name, which cdk-nag finds as a wildcard.
 *
 * @param arn ending in `*`
 */
export function acknowledgeWildcard(role: IConstruct, arn: string, reason: string): void {
  acknowledge(role, { [`IAM5[Resource::${flat(Stack.of(role).resolve(arn))}]`]: reason });
}

/** A reference as cdk-nag writes it in the name of a finding. */
function flat(reference: unknown): string {
  if (typeof reference === 'string') return reference;
  const [kind = '', value] = Object.entries(reference as Readonly<Record<string, unknown>>)[0] ?? [];
  switch (kind) {
    case 'Fn::Join': {
      const [delimiter, items] = value as [string, readonly unknown[]];
      return items.map(flat).join(delimiter);
    }
    case 'Fn::GetAtt':
      return `<${(value as readonly string[]).join('.')}>`;
    case 'Ref':
      return `<${String(value)}>`;
    case 'Fn::ImportValue':
      return flat(value);
    default:
      throw new TypeError(`a reference of kind ${kind} cannot be written as a finding`);
  }
}
