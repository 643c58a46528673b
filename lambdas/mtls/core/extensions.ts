/** Extensions of lists and of their entries (RFC 5280 sections 5.2 and 5.3). */
import {
  BOOLEAN,
  booleanOf,
  checkInteger,
  contentOf,
  ENUMERATED,
  GENERALIZED_TIME,
  hex,
  identifierOf,
  INTEGER,
  namedBits,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  offsetOf,
  Reader,
  SEQUENCE,
  smallInteger,
  type Element,
} from './der';
import { generalNames, nameOf, type Name } from './names';
import { Refusal, type Rule } from './refusal';
import { timeOf } from './time';

/** Which certificates a list speaks of (RFC 5280 section 5.2.5); equal scopes are one series of lists. */
export interface Scope {
  /** Names of the distribution point; empty for a list that is not partitioned. */
  readonly distributionPoints: readonly string[];
  readonly only: 'all' | 'user' | 'ca' | 'attribute';
  readonly indirect: boolean;
}

/** What the extensions of a list say. */
export interface ListExtensions {
  /** Key identifier of the issuer in hexadecimal (section 5.2.1). */
  readonly authorityKeyId: string | undefined;
  /** Section 5.2.3. */
  readonly number: bigint | undefined;
  /** BaseCRLNumber of a delta list (section 5.2.4). */
  readonly baseNumber: bigint | undefined;
  readonly scope: Scope;
  /** Where deltas are to be found (section 5.2.6). */
  readonly freshest: readonly string[];
}

export interface Extension {
  readonly id: string;
  readonly critical: boolean;
  /** Content of the OCTET STRING. */
  readonly value: Element;
  readonly offset: number;
}

/** A list without extensions. */
export const NO_EXTENSIONS: ListExtensions = {
  authorityKeyId: undefined,
  number: undefined,
  baseNumber: undefined,
  scope: { distributionPoints: [], only: 'all', indirect: false },
  freshest: [],
};

/** Extensions ::= SEQUENCE SIZE (1..MAX): each id once. */
export function extensionsOf(element: Element): Extension[] {
  const list = new Reader(element);
  const found: Extension[] = [];
  while (!list.done) {
    const offset = list.offset;
    const fields = list.inside(list.take(SEQUENCE, 'an extension'));
    const id = identifierOf(fields.take(OBJECT_IDENTIFIER, 'the id of an extension'));
    const flag = fields.optional(BOOLEAN);
    const value = fields.take(OCTET_STRING, 'the value of an extension');
    fields.end('an extension');
    // RFC 5280 section 4.2: no more than one instance of an extension
    if (found.some((other) => other.id === id))
      throw new Refusal('extension_repeated', `extension ${id} stands there twice`, offset);
    found.push({ id, critical: flag !== undefined && booleanOf(flag), value, offset });
  }
  if (found.length === 0)
    throw new Refusal('extension_malformed', 'extensions are present but empty', offsetOf(element));
  return found;
}

/** The one element that the value of an extension is. */
export function valueOf({ id, value }: Extension, tag: number): Element {
  const inside = new Reader(value);
  const element = inside.take(tag, `the value of extension ${id}`);
  inside.end(`the value of extension ${id}`);
  return element;
}

/** @throws Refusal for what is malformed, contradictory, limited to some reasons, or critical and unknown */
export function listExtensionsOf(element: Element): ListExtensions {
  let result = NO_EXTENSIONS;
  for (const extension of extensionsOf(element)) {
    switch (extension.id) {
      case '2.5.29.35':
        result = { ...result, authorityKeyId: authorityKeyIdOf(extension) };
        break;
      case '2.5.29.20':
        result = { ...result, number: numberOf(extension) };
        break;
      case '2.5.29.27':
        result = { ...result, baseNumber: numberOf(extension) };
        break;
      case '2.5.29.28':
        result = { ...result, scope: scopeOf(extension) };
        break;
      case '2.5.29.46':
        result = {
          ...result,
          freshest: distributionPointsOf(valueOf(extension, SEQUENCE)).flatMap(({ names }) => names),
        };
        break;
      default:
        refuseCritical(extension, 'extension_critical_unknown');
    }
  }
  return result;
}

/** Key identifier of an AuthorityKeyIdentifier in hexadecimal (section 4.2.1.1); `undefined` when it has none. */
export function authorityKeyIdOf(extension: Extension): string | undefined {
  const keyId = new Reader(valueOf(extension, SEQUENCE)).optional(0x80);
  return keyId === undefined ? undefined : hex(contentOf(keyId));
}

/** CRLNumber ::= INTEGER (0..MAX), up to 20 octets (section 5.2.3). */
function numberOf(extension: Extension): bigint {
  const content = checkInteger(valueOf(extension, INTEGER));
  if ((content[0] ?? 0) >= 0x80 || content.length > 21) {
    throw new Refusal(
      'extension_malformed',
      `the number of the list is negative or longer than 20 octets`,
      extension.offset,
    );
  }
  return BigInt(`0x${hex(content)}`);
}

/** IssuingDistributionPoint (section 5.2.5). */
function scopeOf(extension: Extension): Scope {
  const sequence = valueOf(extension, SEQUENCE);
  const fields = new Reader(sequence);
  const point = fields.optional(0xa0);
  const distributionPoints = point === undefined ? [] : pointNamesOf(point, extension.offset);
  const flag = (tag: number): boolean => {
    const element = fields.optional(tag);
    return element !== undefined && booleanOf(element);
  };
  const user = flag(0x81);
  const ca = flag(0x82);
  const reasons = fields.optional(0x83);
  const indirect = flag(0x84);
  const attribute = flag(0x85);
  fields.end('the issuing distribution point');
  // conforming CAs do not issue an empty one
  if (sequence.content === sequence.end)
    throw new Refusal('extension_malformed', 'the issuing distribution point is empty', extension.offset);
  if (reasons !== undefined) {
    throw new Refusal(
      'some_reasons_only',
      'the list covers some reasons only, so no certificate can be called good by it; have the CA issue one list for all reasons',
      extension.offset,
    );
  }
  // at most one of the three may be TRUE
  if (Number(user) + Number(ca) + Number(attribute) > 1) {
    throw new Refusal(
      'scope_contradictory',
      'the list says that it contains only user certificates and only others',
      extension.offset,
    );
  }
  return {
    distributionPoints,
    only: user ? 'user' : ca ? 'ca' : attribute ? 'attribute' : 'all',
    indirect,
  };
}

/** DistributionPointName inside its explicit tag (section 4.2.1.13). */
function pointNamesOf(point: Element, offset: number): string[] {
  const inside = new Reader(point);
  const choice = inside.next();
  inside.end('the name of a distribution point');
  if (choice.tag === 0xa0) return generalNames(choice).sort();
  if (choice.tag === 0xa1) return [`relative:${hex(contentOf(choice))}`];
  throw new Refusal('extension_malformed', 'the name of a distribution point is of no known kind', offset);
}

/** One distribution point of a certificate or of FreshestCRL. */
export interface DistributionPoint {
  readonly names: readonly string[];
  /** Whether it is for some reasons only. */
  readonly someReasons: boolean;
  /** Names of the list's issuer where that is not the certificate's; hashes of directory names. */
  readonly listIssuers: readonly string[];
}

/** CRLDistributionPoints (section 4.2.1.13). */
export function distributionPointsOf(sequence: Element): DistributionPoint[] {
  const points = new Reader(sequence);
  const found: DistributionPoint[] = [];
  while (!points.done) {
    const offset = points.offset;
    const fields = points.inside(points.take(SEQUENCE, 'a distribution point'));
    const name = fields.optional(0xa0);
    const reasons = fields.optional(0x81);
    const issuer = fields.optional(0xa2);
    fields.end('a distribution point');
    if (reasons !== undefined) namedBits(reasons);
    found.push({
      names: name === undefined ? [] : pointNamesOf(name, offset),
      someReasons: reasons !== undefined,
      listIssuers: issuer === undefined ? [] : generalNames(issuer),
    });
  }
  if (found.length === 0)
    throw new Refusal('extension_malformed', 'there are no distribution points', offsetOf(sequence));
  return found;
}

/** What the extensions of an entry say. */
interface EntryExtensions {
  /** CRLReason; 0 when it is not given (section 5.3.1). */
  readonly reason: number;
  /** Issuer of this entry's certificate and those that follow, in an indirect list (section 5.3.3). */
  readonly issuer: Name | undefined;
}

export function entryExtensionsOf(element: Element): EntryExtensions {
  let reason = 0;
  let issuer: Name | undefined;
  for (const extension of extensionsOf(element)) {
    switch (extension.id) {
      case '2.5.29.21':
        reason = smallInteger(valueOf(extension, ENUMERATED));
        // 7 is not used
        if (reason > 10 || reason === 7)
          throw new Refusal(
            'entry_reason_unknown',
            `reason ${reason} is not one of RFC 5280`,
            extension.offset,
          );
        break;
      case '2.5.29.24':
        timeOf(valueOf(extension, GENERALIZED_TIME), 'an invalidity date');
        break;
      case '2.5.29.29':
        issuer = certificateIssuerOf(extension);
        break;
      default:
        refuseCritical(extension, 'entry_extension_critical_unknown');
    }
  }
  return { reason, issuer };
}

function certificateIssuerOf(extension: Extension): Name {
  const names = new Reader(valueOf(extension, SEQUENCE));
  while (!names.done) {
    const name = names.next();
    if (name.tag !== 0xa4) continue;
    return nameOf(names.inside(name).take(SEQUENCE, 'a directory name'));
  }
  throw new Refusal(
    'extension_malformed',
    'the issuer of a certificate has no directory name',
    extension.offset,
  );
}

/** RFC 5280 sections 5.2 and 5.3: a list with such an extension must not be used to call a certificate good. */
function refuseCritical({ id, critical, offset }: Extension, rule: Rule): void {
  if (!critical) return;
  throw new Refusal(rule, `critical extension ${id} is not known; the list cannot be relied on`, offset);
}
