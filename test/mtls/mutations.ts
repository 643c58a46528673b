/** Changes DER where it is built: tags, lengths, order and content of elements, by a random that can be repeated. */

/** mulberry32: small, and the same for the same seed everywhere. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(end: number): number {
    return Math.floor(this.next() * end);
  }
}

export const chance = (random: Random, probability: number): boolean => random.next() < probability;
export const pick = <T>(random: Random, from: readonly T[]): T => from[random.below(from.length)]!;

/** An element; constructed ones have children, others content. `header` replaces tag and length when it is there. */
interface Node {
  tag: number;
  header?: Buffer;
  content?: Buffer;
  children?: Node[];
}

/** The tree of a well-formed element. */
export function parsed(bytes: Buffer): Node | undefined {
  return elements(bytes)?.[0];
}

function elements(bytes: Buffer): Node[] | undefined {
  const nodes: Node[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at]!;
    let length = bytes[at + 1]!;
    let start = at + 2;
    if (length > 0x80) {
      const octets = length & 0x7f;
      length = bytes.readUIntBE(start, octets);
      start += octets;
    }
    const content = bytes.subarray(start, start + length);
    const children = (tag & 0x20) !== 0 ? elements(content) : undefined;
    nodes.push(children === undefined ? { tag, content } : { tag, children });
    at = start + length;
  }
  return nodes;
}

export function encoded({ tag, header, content, children }: Node): Buffer {
  const inside = content ?? Buffer.concat((children ?? []).map(encoded));
  return Buffer.concat([header ?? headerOf(tag, inside.length), inside]);
}

function headerOf(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.from([tag, length]);
  const digits = length.toString(16);
  const octets = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | octets.length]), octets]);
}

const LENGTHS = [
  '80',
  '00',
  '7f',
  '8100',
  '8180',
  '820001',
  '84ffffffff',
  '847fffffff',
  '8500ffffffff',
  'ff',
];
const TAGS = [0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x17, 0x18, 0x1f, 0x30, 0x31, 0x80, 0xa0, 0xa3];

/** A copy with one to four changes. @param others trees to take elements from */
export function mutated(node: Node, random: Random, others: readonly Node[]): Node {
  const copy = structuredCopy(node);
  for (let i = 1 + random.below(4); i > 0; i -= 1) change(pick(random, all(copy)), random, others);
  return copy;
}

function structuredCopy(node: Node): Node {
  return {
    ...node,
    ...(node.content === undefined ? {} : { content: Buffer.from(node.content) }),
    ...(node.children === undefined ? {} : { children: node.children.map(structuredCopy) }),
  };
}

function all(node: Node): Node[] {
  return [node, ...(node.children ?? []).flatMap(all)];
}

function change(node: Node, random: Random, others: readonly Node[]): void {
  const { children, content } = node;
  const kinds = children === undefined || children.length === 0 ? LEAF : TREE;
  switch (pick(random, kinds)) {
    case 'tag':
      node.tag = chance(random, 0.5) ? pick(random, TAGS) : random.below(256);
      return;
    case 'length':
      node.header = Buffer.from(`${node.tag.toString(16).padStart(2, '0')}${pick(random, LENGTHS)}`, 'hex');
      return;
    case 'bits':
      if (content !== undefined && content.length > 0)
        content[random.below(content.length)]! ^= 1 << random.below(8);
      return;
    case 'content':
      node.content = Buffer.from(Array.from({ length: random.below(70) }, () => random.below(256)));
      delete node.children;
      return;
    case 'drop':
      children?.splice(random.below(children.length), 1);
      return;
    case 'repeat':
      if (children !== undefined)
        children.splice(random.below(children.length), 0, structuredCopy(pick(random, children)));
      return;
    case 'swap':
      if (children !== undefined) children.push(...children.splice(random.below(children.length), 1));
      return;
    case 'graft':
      if (children !== undefined)
        children.splice(
          random.below(children.length),
          1,
          structuredCopy(pick(random, all(pick(random, others)))),
        );
      return;
    case 'deepen': {
      let inner: Node = structuredCopy(node);
      for (let i = random.below(40); i > 0; i -= 1) inner = { tag: 0x30, children: [inner] };
      node.children = [inner];
      delete node.content;
    }
  }
}

const LEAF = ['tag', 'length', 'bits', 'bits', 'content', 'deepen'] as const;
const TREE = ['tag', 'length', 'drop', 'repeat', 'swap', 'graft', 'deepen', 'content'] as const;
