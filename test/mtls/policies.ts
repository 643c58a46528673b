/** Asks the statements of a role what they allow, as IAM does for identity policies: a Deny wins, else an Allow is needed. */
import type { Template } from 'aws-cdk-lib/assertions';

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

interface Policy {
  readonly Properties: {
    readonly Roles: readonly { readonly Ref: string }[];
    readonly PolicyDocument: { readonly Statement: readonly Statement[] };
  };
}

/** Statements of every policy of a role. @param role logical id */
export function statementsOf(template: Template, role: string): readonly Statement[] {
  const policies = Object.values(template.findResources('AWS::IAM::Policy')) as unknown as Policy[];
  return policies
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }) => Ref === role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

/** Conditions are left out of account, so what they narrow counts as allowed. */
export function allows(statements: readonly Statement[], action: string, resource: string): boolean {
  const hits = (effect: string): boolean =>
    statements.some(
      ({ Effect, Action, Resource }) =>
        Effect === effect &&
        [Action].flat().some((pattern) => matches(pattern, action)) &&
        [Resource].flat().some((pattern) => matches(textOf(pattern), resource)),
    );
  return hits('Allow') && !hits('Deny');
}

function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(text);
}

/** A resource as text; the partition is `aws`, and what only the deployment knows matches nothing else. */
function textOf(resource: unknown): string {
  if (typeof resource === 'string') return resource;
  const join = (resource as { readonly 'Fn::Join'?: readonly [string, readonly unknown[]] })['Fn::Join'];
  if (join !== undefined) return join[1].map(textOf).join(join[0]);
  const reference = (resource as { readonly Ref?: string }).Ref;
  return reference === 'AWS::Partition' ? 'aws' : `<${JSON.stringify(resource)}>`;
}
