/** From the texts of the form to what is sent, and back. */
import fc from 'fast-check';

import { amountText } from '../../web/src/amount';
import { draftOf, EMPTY_DRAFT, inputOf } from '../../web/src/widget-draft';

test('every amount survives the form without a fraction being lost', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000_000 }), (priceCents) => {
      expect(inputOf({ ...EMPTY_DRAFT, name: 'a', price: amountText(priceCents) })).toEqual({
        ok: true,
        input: { name: 'a', priceCents },
      });
    }),
  );
});

test.each([
  ['12', 1200],
  ['12.9', 1290],
  ['12,95', 1295],
  [' 0.05 ', 5],
  ['007', 700],
])('%j is an amount', (price, priceCents) => {
  expect(inputOf({ ...EMPTY_DRAFT, name: 'a', price })).toMatchObject({ input: { priceCents } });
});

test.each(['a lot', '1.234', '-1', '1e3', '.5', '1.', '1 000', '１２', '9999999999'])(
  '%j is no amount, and the field is named',
  (price) => {
    expect(inputOf({ ...EMPTY_DRAFT, name: 'a', price })).toMatchObject({
      ok: false,
      fields: [{ field: '/priceCents' }],
    });
  },
);

test('what is left empty is not sent, and a name that is missing is for the service to refuse', () => {
  expect(inputOf({ name: '  ', description: ' \n', price: ' ', tags: ' , ,' })).toEqual({
    ok: true,
    input: { name: '' },
  });
});

test('a widget comes back as it was, tags trimmed', () => {
  const widget = {
    id: 'x',
    createdAt: '',
    updatedAt: '',
    name: 'a',
    description: 'b',
    priceCents: 5,
    tags: ['c', 'd'],
  };

  expect(inputOf(draftOf(widget))).toEqual({
    ok: true,
    input: { name: 'a', description: 'b', priceCents: 5, tags: ['c', 'd'] },
  });
  expect(draftOf({ id: 'x', createdAt: '', updatedAt: '', name: 'a' })).toEqual({
    ...EMPTY_DRAFT,
    name: 'a',
  });
});
