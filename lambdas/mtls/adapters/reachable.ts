/** Addresses that a fetch may connect to, judged after the name is resolved and on the connection that is made. */
import { lookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Networks of the account and of the function itself (RFC 6890); a CA may be in one of them. */
const PRIVATE: readonly (readonly [string, number])[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['::1', 128],
  // IPv4 inside IPv6, whichever address a gateway of the network makes of it
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['fc00::', 7],
];
/** Where no CA is: metadata and credentials of AWS are link-local, the rest is nobody's address. */
const NEVER: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  ['::', 128],
  ['2002::', 16],
  ['fe80::', 10],
  ['fec0::', 10],
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
  ['fd00:ec2::', 32],
  ['ff00::', 8],
];

const [never, inside] = [NEVER, PRIVATE].map((networks) => {
  const list = new BlockList();
  for (const [network, bits] of networks) list.addSubnet(network, bits, family(network));
  return list;
}) as [BlockList, BlockList];

/** An address that must not be connected to. */
export class NotReachable extends Error {
  override readonly name = 'NotReachable';
}

/** @throws NotReachable for an address in place of a name, of which no lookup is made */
export function checkHost({ hostname }: URL, allowPrivate: boolean): void {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) check(host, allowPrivate);
}

/** For `lookup` of a request: the connection goes to an address that was judged, whatever the name says a moment later. */
export function judgedLookup(allowPrivate: boolean): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const judged = error ?? fault(addresses, allowPrivate);
      const [first] = error === null ? addresses : [];
      if (judged !== undefined || first === undefined)
        done(judged ?? new NotReachable(`${hostname} has no address`), '', 0);
      else if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

/** One wrong address is enough: which of several is taken depends on the moment. */
function fault(addresses: readonly LookupAddress[], allowPrivate: boolean): Error | undefined {
  try {
    for (const { address } of addresses) check(address, allowPrivate);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function check(address: string, allowPrivate: boolean): void {
  const kind = family(address);
  if (never.check(address, kind)) throw new NotReachable('an address where no CA is');
  if (!allowPrivate && inside.check(address, kind))
    throw new NotReachable('a private address, which the setting does not allow');
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
