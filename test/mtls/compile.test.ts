import type { Certificate } from '../../lambdas/mtls/core/certificate';
import { readCertificate } from '../../lambdas/mtls/core/certificate';
import { compileList } from '../../lambdas/mtls/core/compile';
import { Refusal } from '../../lambdas/mtls/core/refusal';
import { accepted, ask, Authority, bytesOf, RULES, ruleOf } from './authority';
import {
  BMP_STRING,
  CA_CONSTRAINTS,
  CA_USAGE,
  certificateIssuer,
  deltaOf,
  subjectKeyId,
  der,
  extension,
  issuingPoint,
  makeCertificate,
  name,
  NOW,
  pem,
  pointOf,
  PRINTABLE_STRING,
  sequence,
  type Kind,
  type ListParts,
} from './make-crl';

const ca = new Authority('CA');
const HOUR = 3600;
const revoked = (reason: string): object => ({ status: 'revoked', date: NOW - HOUR, reason });
const good = { status: 'good', freshness: 'fresh' };

describe('CRL-01 who signed', () => {
  const list = ca.list([{ serial: 7n }]);

  test('a list of the issuer is accepted', async () => {
    expect(ruleOf(await ca.compile(list))).toBe('accepted');
  });

  test.each<[string, Buffer, string]>([
    ['an empty list signed by another key', new Authority('CA').list(), 'signature_invalid'],
    ['a list of another issuer', new Authority('Other').list(), 'issuer_unknown'],
    ['a list whose key is of another kind', new Authority('CA', 'ed25519').list(), 'issuer_key_unknown'],
    [
      'a list that names another key',
      ca.list([], { extensions: [extension('2.5.29.35', sequence(der(0x80, [1, 2, 3])))] }),
      'issuer_key_unknown',
    ],
  ])('refuses %s', async (_case, forged, rule) => {
    const keyId = extension('2.5.29.14', der(0x04, [9, 9, 9]));
    const issuer = readCertificate(
      makeCertificate({
        subject: 'CA',
        keys: ca.keys,
        extensions: rule === 'issuer_key_unknown' ? [keyId] : [],
      }),
    );

    expect(ruleOf(await ca.compile(forged, { issuers: [issuer] }))).toBe(rule);
  });

  test('refuses a list with any one bit flipped', async () => {
    for (let bit = 0; bit < list.length * 8; bit += 5) {
      const flipped = Buffer.from(list);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(ruleOf(await ca.compile(flipped))).not.toBe('accepted');
    }
  });

  test('refuses an issuer without cRLSign, and accepts a separate key for lists', async () => {
    const parts = { subject: 'CA', keys: ca.keys };
    const usage = (bits: number[]): Buffer => extension('2.5.29.15', der(0x03, bits), true);
    const noSign = readCertificate(makeCertificate({ ...parts, extensions: [usage([2, 0x04])] }));
    const separate = readCertificate(makeCertificate({ ...parts, extensions: [usage([1, 0x02])] }));
    const leaf = readCertificate(
      makeCertificate({ ...parts, extensions: [extension('2.5.29.19', sequence())] }),
    );

    expect(ruleOf(await ca.compile(list, { issuers: [noSign] }))).toBe('issuer_may_not_sign_lists');
    expect(ruleOf(await ca.compile(list, { issuers: [leaf] }))).toBe('issuer_not_an_authority');
    expect(ruleOf(await ca.compile(list, { issuers: [separate] }))).toBe('accepted');
  });

  test('finds the key among several of one name', async () => {
    const other = new Authority('CA').certificate;

    expect(ruleOf(await ca.compile(list, { issuers: [other, ca.certificate] }))).toBe('accepted');
    expect(ruleOf(await ca.compile(list, { issuers: [other] }))).toBe('signature_invalid');
  });
});

describe('CRL-02 freshness', () => {
  const late = { thisUpdate: NOW - 48 * HOUR, nextUpdate: NOW - 2 * HOUR };

  test.each([
    ['hard', { kind: 'hard' } as const, 'list_expired'],
    ['grace of an hour', { kind: 'grace', hours: 1 } as const, 'list_expired'],
    ['grace of three hours', { kind: 'grace', hours: 3 } as const, 'accepted'],
    ['soft', { kind: 'soft' } as const, 'accepted'],
  ])('a list two hours late under %s', async (_case, freshness, rule) => {
    expect(ruleOf(await ca.compile(ca.list([], late), { rules: { ...RULES, freshness } }))).toBe(rule);
  });

  test('a list in force stops counting when its time has passed, and says why it still counts', async () => {
    const list = accepted(await ca.compile(ca.list([{ serial: 7n }])));
    const later = NOW + 25 * HOUR;

    expect(ask([list], ca.client(8n))).toEqual(good);
    expect(ask([list], ca.client(8n), later)).toEqual({ status: 'unknown', reason: 'list_expired' });
    expect(ask([list], ca.client(8n), later, { ...RULES, freshness: { kind: 'grace', hours: 2 } })).toEqual({
      status: 'good',
      freshness: 'late_within_grace',
    });
    expect(ask([list], ca.client(7n), later, { ...RULES, freshness: { kind: 'soft' } })).toEqual(
      revoked('unspecified'),
    );
  });

  test('an expired list does not hide a current one', async () => {
    const old = accepted(await ca.compile(ca.list([], late), { now: NOW - 24 * HOUR }));
    const current = accepted(await ca.compile(ca.list()));

    expect(ask([old, current], ca.client(8n))).toEqual(good);
    expect(ask([old], ca.client(8n))).toEqual({ status: 'unknown', reason: 'list_expired' });
  });

  test('a list of the future, one too old, and one without an end', async () => {
    const endless = ca.list([], { nextUpdate: null });
    const bounded = { ...RULES, maximumAge: HOUR, withoutNextUpdate: 'acceptUntilMaximumAge' } as const;

    expect(ruleOf(await ca.compile(ca.list([], { thisUpdate: NOW + 2 * HOUR })))).toBe('list_not_yet_valid');
    expect(ruleOf(await ca.compile(endless))).toBe('next_update_missing');
    expect(ruleOf(await ca.compile(endless, { rules: bounded }))).toBe('accepted');
    expect(ruleOf(await ca.compile(endless, { rules: bounded, now: NOW + 2 * HOUR }))).toBe('list_too_old');
    expect(ruleOf(await ca.compile(ca.list([], { nextUpdate: NOW - 120 })))).toBe(
      'next_update_before_this_update',
    );
  });
});

describe('CRL-03 replay', () => {
  const first = { number: 255n, thisUpdate: NOW - 600 };

  test.each<[string, Partial<ListParts>, string]>([
    // as texts 1000 would come before 255
    ['a higher number', { number: 1000n }, 'accepted'],
    ['the same list again', first, 'accepted'],
    ['a number of 20 octets', { number: (1n << 159n) - 1n }, 'accepted'],
    ['a lower number', { number: 254n }, 'number_backwards'],
    ['an earlier thisUpdate', { number: 256n, thisUpdate: NOW - 700 }, 'this_update_backwards'],
  ])('%s', async (_case, parts, rule) => {
    const { manifest } = accepted(await ca.compile(ca.list([], first)));
    const previous = async (series: string) => (series === manifest.series ? manifest : undefined);

    expect(ruleOf(await ca.compile(ca.list([], parts), { previous }))).toBe(rule);
  });

  test('numbers of another partition do not matter', async () => {
    const { manifest } = accepted(await ca.compile(ca.list([], first)));
    const previous = async (series: string) => (series === manifest.series ? manifest : undefined);
    const list = ca.list([], { number: 3n, extensions: [issuingPoint('http://crl/1')] });

    expect(ruleOf(await ca.compile(list, { previous }))).toBe('accepted');
  });
});

test('CRL-04 the same serial under another issuer is not confused', async () => {
  const other = new Authority('Other');
  const lists = [
    accepted(await ca.compile(ca.list([{ serial: 7n, reason: 1 }]))),
    accepted(await other.compile(other.list())),
  ];

  expect(ask(lists, ca.client(7n))).toEqual(revoked('keyCompromise'));
  expect(ask(lists, other.client(7n))).toEqual(good);
  expect(ask(lists, new Authority('Third').client(7n))).toEqual({
    status: 'unknown',
    reason: 'issuer_differs',
  });
});

describe('CRL-04 an issuer whose name is written otherwise (RFC 5280 section 7.1)', () => {
  const acme = new Authority('Acme  Root CA');
  const by = (issuer: Buffer): Certificate =>
    readCertificate(makeCertificate({ subject: 'client', issuer, serial: 7n, keys: acme.keys }));

  test.each<[string, Buffer]>([
    ['another string type', name('Acme  Root CA', PRINTABLE_STRING)],
    ['two octets for each character', name('Acme Root CA', BMP_STRING)],
    ['another case', name('ACME root ca')],
    ['other spaces', name(' Acme Root   CA ')],
    ['all of it', name('acme ROOT CA', PRINTABLE_STRING)],
  ])('CRL-04 in %s is the same', async (_name, issuer) => {
    const [revoking, empty] = [
      accepted(await acme.compile(acme.list([{ serial: 7n }]))),
      accepted(await acme.compile(acme.list())),
    ];

    expect(ask([revoking], by(issuer))).toEqual(revoked('unspecified'));
    expect(ask([empty], by(issuer))).toEqual(good);
  });

  test.each(['AcmeRootCA', 'Acme Root CB', 'Acme Root CA.'])('CRL-04 %s is another', async (issuer) => {
    const list = accepted(await acme.compile(acme.list()));

    expect(ask([list], by(name(issuer)))).toEqual({ status: 'unknown', reason: 'issuer_differs' });
  });
});

describe('CRL-05 critical extensions', () => {
  const unknown = (critical: boolean): Buffer => extension('1.2.3.4', der(0x05), critical);

  test.each([
    [true, 'extension_critical_unknown', 'entry_extension_critical_unknown'],
    [false, 'accepted', 'accepted'],
  ])('an unknown extension, critical: %s', async (critical, inList, inEntry) => {
    const entries = [{ serial: 1n }, { serial: 7n, extensions: [unknown(critical)] }];

    expect(ruleOf(await ca.compile(ca.list([], { extensions: [unknown(critical)] })))).toBe(inList);
    expect(ruleOf(await ca.compile(ca.list(entries)))).toBe(inEntry);
  });
});

describe('CRL-06 partitioned, delta and indirect lists', () => {
  test('a partition answers for the certificates that name it, and for no other', async () => {
    const list = accepted(
      await ca.compile(ca.list([{ serial: 7n }], { extensions: [issuingPoint('http://crl/1', 1)] })),
    );

    expect(ask([list], ca.client(7n, pointOf('http://crl/1')))).toEqual(revoked('unspecified'));
    expect(ask([list], ca.client(8n, pointOf('http://crl/1')))).toEqual(good);
    expect(ask([list], ca.client(8n, pointOf('http://crl/2')))).toEqual({
      status: 'unknown',
      reason: 'distribution_point_differs',
    });
    expect(ask([list], ca.client(8n)).status).toBe('unknown');
  });

  test('a complete list answers whatever distribution point a certificate names, but not for another issuer of lists', async () => {
    const list = accepted(await ca.compile(ca.list([{ serial: 7n }])));

    expect(ask([list], ca.client(7n, pointOf('http://crl/1')))).toEqual(revoked('unspecified'));
    expect(ask([list], ca.client(8n, pointOf('http://crl/1')))).toEqual(good);
    expect(ask([list], ca.client(8n, pointOf('http://crl/1', 'CA')))).toEqual({
      status: 'unknown',
      reason: 'list_issuer_differs',
    });
  });

  test('kinds of certificates', async () => {
    const users = accepted(await ca.compile(ca.list([], { extensions: [issuingPoint(undefined, 1)] })));
    const authorities = accepted(await ca.compile(ca.list([], { extensions: [issuingPoint(undefined, 2)] })));
    const attributes = accepted(await ca.compile(ca.list([], { extensions: [issuingPoint(undefined, 5)] })));

    expect(ask([users], ca.client(8n))).toEqual(good);
    expect(ask([users], ca.certificate).status).toBe('unknown');
    expect(ask([authorities], ca.certificate)).toEqual(good);
    expect(ask([authorities], ca.client(8n)).status).toBe('unknown');
    expect(ask([attributes], ca.client(8n)).status).toBe('unknown');
    expect(ruleOf(await ca.compile(ca.list([], { extensions: [issuingPoint(undefined, 1, 2)] })))).toBe(
      'scope_contradictory',
    );
  });

  test('a list for some reasons only is refused', async () => {
    const some = extension('2.5.29.28', sequence(der(0x83, [1, 0x40])), true);

    expect(ruleOf(await ca.compile(ca.list([], { extensions: [some] })))).toBe('some_reasons_only');
  });

  const keyed = new Authority('CA', 'ecdsa-p256', [CA_USAGE, CA_CONSTRAINTS, subjectKeyId('one')]);

  test('a delta is merged into the complete list that is in force', async () => {
    const base = accepted(
      await keyed.compile(
        keyed.list([{ serial: 1n, reason: 6 }, { serial: 2n, reason: 6 }, { serial: 3n }], { number: 9n }),
      ),
    );
    const list = keyed.list([{ serial: 1n, reason: 8 }, { serial: 2n, reason: 1 }, { serial: 4n }], {
      number: 11n,
      extensions: [deltaOf(9n)],
    });
    const ports = { previous: async () => base.manifest, readIndex: async () => bytesOf(base) };
    const merged = accepted(await keyed.compile(list, ports));

    expect(ask([merged], keyed.client(1n))).toEqual(good);
    expect(ask([merged], keyed.client(2n))).toEqual(revoked('keyCompromise'));
    expect(ask([merged], keyed.client(3n))).toEqual(revoked('unspecified'));
    expect(ask([merged], keyed.client(4n))).toEqual(revoked('unspecified'));
    expect([merged.manifest.entries, merged.manifest.number, merged.manifest.baseNumber]).toEqual([
      3,
      11n,
      9n,
    ]);
  });

  test('a delta without its base is refused, and so is removeFromCRL in a complete list', async () => {
    const base = accepted(await keyed.compile(keyed.list([], { number: 8n })));
    const delta = keyed.list([{ serial: 1n }], { number: 11n, extensions: [deltaOf(9n)] });
    const ports = { previous: async () => base.manifest, readIndex: async () => bytesOf(base) };

    expect(ruleOf(await keyed.compile(delta))).toBe('delta_base_missing');
    expect(ruleOf(await keyed.compile(delta, ports))).toBe('delta_base_too_old');
    expect(ruleOf(await keyed.compile(keyed.list([{ serial: 1n, reason: 8 }])))).toBe(
      'entry_reason_only_in_delta',
    );
  });

  test('a delta of another key of the same name takes no revocation back', async () => {
    const base = accepted(await keyed.compile(keyed.list([{ serial: 1n, reason: 6 }], { number: 9n })));
    const ports = { previous: async () => base.manifest, readIndex: async () => bytesOf(base) };
    const other = new Authority('CA', 'ecdsa-p256', [CA_USAGE, CA_CONSTRAINTS, subjectKeyId('two')]);
    const takingBack = { number: 11n, extensions: [deltaOf(9n)] };
    const entries = [{ serial: 1n, reason: 8 }];

    expect(ruleOf(await keyed.compile(keyed.list(entries, takingBack), ports))).toBe('accepted');
    expect(ruleOf(await other.compile(other.list(entries, takingBack), ports))).toBe('delta_key_differs');
    expect(ruleOf(await ca.compile(ca.list(entries, takingBack), ports))).toBe('delta_key_differs');
  });

  test('an indirect list answers for the issuers its entries name', async () => {
    const entries = [
      { serial: 1n },
      { serial: 2n, extensions: [certificateIssuer('Other')] },
      // has the issuer of the entry before it
      { serial: 3n },
      { serial: 4n, extensions: [certificateIssuer('CA')] },
    ];
    const list = accepted(
      await ca.compile(ca.list(entries, { extensions: [issuingPoint('http://crl/i', 4)] })),
    );
    const other = new Authority('Other');
    const of = (authority: Authority, serial: bigint): Certificate =>
      authority.client(serial, pointOf('http://crl/i', 'CA'));

    expect(ask([list], of(other, 2n))).toEqual(revoked('unspecified'));
    expect(ask([list], of(other, 3n))).toEqual(revoked('unspecified'));
    expect(ask([list], of(other, 1n))).toEqual(good);
    expect(ask([list], of(ca, 1n))).toEqual(revoked('unspecified'));
    expect(ask([list], of(ca, 4n))).toEqual(revoked('unspecified'));
    expect(ask([list], of(ca, 3n))).toEqual(good);
    expect(ask([list], other.client(2n, pointOf('http://crl/i'))).status).toBe('unknown');
  });

  test('entries of other issuers need the list to say that it is indirect', async () => {
    const entries = [{ serial: 2n, extensions: [certificateIssuer('Other')] }];

    expect(ruleOf(await ca.compile(ca.list(entries)))).toBe('entry_issuer_without_indirect');
  });
});

describe('CRL-07 encodings', () => {
  const list = ca.list([{ serial: 7n }, { serial: -5n }, { serial: 1n << 300n }]);

  test.each<Kind>(['rsa-sha256', 'rsa-pss-sha256', 'ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'ed25519'])(
    'signed with %s',
    async (kind) => {
      const authority = new Authority('CA', kind);
      const signedList = authority.list([{ serial: 7n }]);
      const broken = Buffer.from(signedList);
      broken[broken.length - 1]! ^= 1;

      expect(ask([accepted(await authority.compile(signedList))], authority.client(7n))).toEqual(
        revoked('unspecified'),
      );
      expect(ruleOf(await authority.compile(broken))).toBe('signature_invalid');
    },
  );

  test('SHA-1 only where it is asked for by its name', async () => {
    const authority = new Authority('CA', 'rsa-sha1');

    expect(ruleOf(await authority.compile(authority.list()))).toBe('signature_algorithm_weak');
    expect(ruleOf(await authority.compile(authority.list(), { insecureSha1: true }))).toBe('accepted');
  });

  test('negative serials and those longer than 20 octets', async () => {
    const compiled = accepted(await ca.compile(list));

    expect(ask([compiled], ca.client(-5n)).status).toBe('revoked');
    expect(ask([compiled], ca.client(1n << 300n)).status).toBe('revoked');
    expect(ask([compiled], ca.client(251n)).status).toBe('good');
    expect(ruleOf(await ca.compile(ca.list([{ serial: 1n << 520n }])))).toBe('serial_too_long');
  });

  test('PEM and DER say the same', async () => {
    const text = Buffer.from(`a comment\n${pem('X509 CRL', list)}\n \n`);
    const [fromDer, fromPem] = [accepted(await ca.compile(list)), accepted(await ca.compile(text))];

    expect(fromPem.manifest).toEqual(fromDer.manifest);
  });

  const text = pem('X509 CRL', list);
  test.each<[string, Uint8Array, string]>([
    ['trailing bytes', Buffer.concat([list, Buffer.from([0])]), 'der_trailing_bytes'],
    ['a cut', list.subarray(0, -1), 'der_truncated'],
    ['nothing', Buffer.alloc(0), 'der_truncated'],
    ['a claim of 10 GB', Buffer.from('308502540be40030', 'hex'), 'der_length_too_large'],
    ['a claim of 4 GB', Buffer.from('3084ffffffff30', 'hex'), 'list_too_large'],
    ['an indefinite length', Buffer.from('30803000', 'hex'), 'der_length_indefinite'],
    ['a padded length', Buffer.from('3081053003020101', 'hex'), 'der_length_not_minimal'],
    ['two lists', Buffer.from(text + text), 'pem_malformed'],
    ['no END line', Buffer.from(text.replace(/-----END[^]*/, '')), 'pem_malformed'],
    ['characters that are not base64', Buffer.from(text.replace('M', '!')), 'pem_malformed'],
    ['HTML', Buffer.from('<html></html>'), 'pem_malformed'],
  ])('refuses %s', async (_case, bytes, rule) => {
    expect(ruleOf(await ca.compile(bytes))).toBe(rule);
  });

  test('refuses a list that claims another size than the file has, at its first bytes', async () => {
    const compiled = await ca.compile(list.subarray(0, 40), { size: 40 });

    expect(compiled).toMatchObject({ accepted: false, refusal: { code: 'der_truncated', offset: 1 } });
    expect(ruleOf(await ca.compile(list, { size: list.length }))).toBe('accepted');
  });

  test.each<[string, string, number]>([
    ['HTML', '<html></html>', 0],
    ['a character that is not base64', text.replace('M', '!'), text.indexOf('M')],
    ['another END line', text.replace('-----END X', '-----END Y'), text.indexOf('-----END')],
    ['no END line', text.slice(0, text.indexOf('-----END')), text.indexOf('-----END')],
    ['a second list', text + text, text.length],
  ])('says in which byte of a text: %s', async (_case, wrong, offset) => {
    const refused = { accepted: false, refusal: { code: 'pem_malformed', offset } };
    expect(await ca.compile(Buffer.from(wrong))).toMatchObject(refused);
  });

  test('refuses nesting without end', async () => {
    let nested = der(0x05);
    for (let i = 0; i < 5000; i += 1) nested = der(0x30, nested);
    const deep = ca.list([], { extensions: [extension('2.5.29.28', nested, true)] });

    expect(ruleOf(await ca.compile(deep))).not.toBe('accepted');
  });

  test('the size of the pieces does not matter', async () => {
    const whole = accepted(await ca.compile(list));
    for (const size of [1, 2, 3, 7, 64, 100]) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < list.length; at += size) pieces.push(list.subarray(at, at + size));
      const compiled = await compileList(pieces, { issuers: [ca.certificate], now: NOW, rules: RULES });
      expect(accepted(compiled).manifest).toEqual(whole.manifest);
    }
  });
});

test('every refusal says what to do', async () => {
  const list = ca.list([{ serial: 7n }]);
  const wrong = [
    ...Array.from(list.keys(), (at) => list.with(at, list[at]! ^ 0x55)),
    ...[0, 1, 30, list.length - 1].map((end) => list.subarray(0, end)),
    ca.list([], { extensions: [issuingPoint(undefined)] }),
    ca.list([{ serial: 7n, reason: 7 }]),
    ca.list([{ serial: 1n << 600n }]),
    Buffer.from('-----BEGIN X509 CRL-----\n?'),
  ];
  const refusals = (await Promise.all(wrong.map((one) => ca.compile(one)))).flatMap((compiled) =>
    compiled.accepted ? [] : [compiled.refusal],
  );

  expect(refusals.length).toBeGreaterThan(list.length / 2);
  expect(refusals.map(({ message }) => message).filter((message) => !/; .{10}/.test(message))).toEqual([]);
});

describe('CRL-09 certificates', () => {
  const client = makeCertificate({ subject: 'client', issuer: 'CA', serial: 255n, keys: ca.keys });
  const text = pem('CERTIFICATE', client);

  test('the first of a chain counts', () => {
    const chain = readCertificate(text + pem('CERTIFICATE', ca.der));

    expect(chain).toEqual(readCertificate(text));
    expect(chain).toMatchObject({ subject: { text: 'CN=client' }, issuer: { text: 'CN=CA' }, version: 3 });
    expect(chain.serial).toEqual(Uint8Array.from([0, 255]));
  });

  test.each([
    ['empty', ''],
    ['no certificate', 'CN=client'],
    ['cut short', text.replace(/.{80}(?=\n-----END)/s, '')],
    ['with bytes behind it', pem('CERTIFICATE', Buffer.concat([client, Buffer.from([0])]))],
  ])('is refused when it is %s', (_case, value) => {
    expect(() => readCertificate(value)).toThrow(Refusal);
  });
});
