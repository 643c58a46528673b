/** Which operation a client wants to step up for. */
import type { Demand, StepUpPolicy } from '../contract';
import { bindingOf, announcedDigest } from './digest';

/** The request a client wants to make, as it tells. */
export interface Wanted {
  readonly method: string;
  /** As it will be sent, without the prefix that the site puts in front of the document's paths. */
  readonly path: string;
  /** Value of the Content-Digest header that will be sent. */
  readonly contentDigest?: string | undefined;
}

interface Target {
  readonly operation: string;
  readonly demand: Demand;
  /** Of a single use only. */
  readonly single?: { readonly binding: string; readonly digest: string };
}

/**
 * The operation behind a method and path. A literal segment goes before a parameter, as in API Gateway.
 *
 * @returns why there is none: the document has no such operation, or a single use lacks its digest
 */
export function targetOf(wanted: Wanted, policy: StepUpPolicy): Target | 'unknown' | 'digest_missing' {
  const operation = Object.keys(policy.operations)
    .filter((key) => matches(key, wanted))
    .sort((a, b) => parametersOf(a) - parametersOf(b))[0];
  if (operation === undefined) return 'unknown';
  const demand = policy.operations[operation] ?? policy.byDefault;
  if (!demand.singleUse) return { operation, demand };
  const digest = announcedDigest([wanted.contentDigest ?? '']);
  if (digest === undefined) return 'digest_missing';
  const { method, path } = wanted;
  return { operation, demand, single: { digest, binding: bindingOf({ method, path, digest }) } };
}

function matches(key: string, { method, path }: Wanted): boolean {
  const [keyMethod = '', template = ''] = key.split(' ');
  const [wanted, given] = [template.split('/'), path.split('/')];
  return (
    keyMethod === method &&
    wanted.length === given.length &&
    wanted.every((segment, index) =>
      segment.startsWith('{') ? given[index] !== '' : segment === given[index],
    )
  );
}

function parametersOf(key: string): number {
  return key.split('{').length;
}
