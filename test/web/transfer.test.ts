/** From the texts of the transfer's form to what is sent. */
import { join } from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020';
import fc from 'fast-check';

import { readDocument } from '../../lib/api';
import { amountText } from '../../web/src/amount';
import { transferOf } from '../../web/src/transfer';

const IBAN = 'DE89370400440532013000';

interface Components {
  readonly schemas: { readonly TransferInput: object };
}

function documented(): (value: unknown) => boolean {
  const { schemas } = readDocument(join(__dirname, '../../openapi.yaml'))[
    'components'
  ] as unknown as Components;
  const validate = new Ajv2020({ strict: false }).compile(schemas.TransferInput);
  return (value) => validate(value);
}

test('what the form lets through, the document does too, and the other way round: no proof is wasted', () => {
  const fits = documented();
  const account = fc.oneof(
    fc.stringMatching(/^[A-Z]{2}[0-9]{2}[A-Z0-9]{8,32}$/),
    fc.stringMatching(/^[A-Z0-9?-]{10,34}$/),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000_005 }), account, (amountCents, to) => {
      const read = transferOf({ amount: amountText(amountCents), to });
      expect(read.ok).toBe(fits({ amountCents, to }));
    }),
  );
  expect(fits({ amountCents: 1, to: IBAN })).toBe(true);
});

test.each([
  ['12.95', 'de89 3704 0044 0532 0130 00', { amountCents: 1295, to: IBAN }],
  [' 1 ', ` ${IBAN}\n`, { amountCents: 100, to: IBAN }],
])('%j to %j is read', (amount, to, input) => {
  expect(transferOf({ amount, to })).toEqual({ ok: true, input });
});

test.each([
  ['', IBAN, ['/amountCents']],
  ['0', IBAN, ['/amountCents']],
  ['1000000.01', IBAN, ['/amountCents']],
  ['1', '', ['/to']],
  ['a lot', 'me', ['/amountCents', '/to']],
])('%j to %j names the fields', (amount, to, fields) => {
  expect(transferOf({ amount, to })).toMatchObject({ fields: fields.map((field) => ({ field })) });
});
