import { decodeCursor, encodeCursor } from '../../lambdas/widgets/core/cursor';
import { newWidget, replacementOf, widgetOf } from '../../lambdas/widgets/core/widget';

const ID = '3f1c9a52-6d0e-4b7a-9c44-2f6b8f0f9a11';
const NOW = '2026-11-21T05:00:00.000Z';

describe('a widget', () => {
  it('is new with the given id at the given time', () => {
    expect(newWidget({ name: 'flange', tags: ['a'] }, { id: ID, now: NOW })).toEqual({
      id: ID,
      name: 'flange',
      tags: ['a'],
      createdAt: NOW,
      updatedAt: NOW,
    });
  });

  it('loses on replacement what the input leaves out', () => {
    expect(replacementOf({ name: 'gasket', priceCents: 0 }, NOW)).toEqual({
      set: { name: 'gasket', priceCents: 0, updatedAt: NOW },
      remove: ['description', 'tags'],
    });
  });

  it('is read from an item without what the document does not know', () => {
    expect(widgetOf({ id: ID, name: 'a', createdAt: NOW, updatedAt: NOW, secret: 1 })).toEqual({
      id: ID,
      name: 'a',
      createdAt: NOW,
      updatedAt: NOW,
    });
  });
});

describe('a cursor', () => {
  const good = encodeCursor(ID);

  it('leads back to its id', () => {
    expect(decodeCursor(good)).toBe(ID);
  });

  it.each([
    ['nothing', ''],
    ['a bare id', ID],
    ['a cursor cut short', good.slice(0, -1)],
    ['a cursor with more behind it', `${good}A`],
    ['a padded cursor', `${good}=`],
    ['a cursor with a space', ` ${good}`],
    [
      'a cursor with other last bits',
      `${good.slice(0, -1)}${good.endsWith('E') ? 'F' : 'E'}`.replace(/E$/, 'F'),
    ],
    ['a cursor of another version', `Ag${good.slice(2)}`],
    ['base64 of another alphabet', good.replace(/.$/, '+')],
  ])('is refused when it is %s', (_case, cursor) => {
    expect(decodeCursor(cursor)).toBeUndefined();
  });
});
