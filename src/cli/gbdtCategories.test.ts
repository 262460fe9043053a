import { describe, expect, it } from 'vitest';
import { encodeCategories, listCategories } from './gbdtCategories.ts';

function column(...cells: (string | null)[]) {
  const words = [...new Set(cells.filter((cell) => cell !== null))];
  return {
    words,
    codes: Int32Array.from(cells, (cell) => (cell === null ? -1 : words.indexOf(cell))),
    type: 'VARCHAR',
  };
}

describe('categories of a table', () => {
  it('are codes already where all are whole numbers', () => {
    const numbers = column('3', '0', null, 'NA', '3');
    expect(listCategories([numbers])).toBeUndefined();
    expect([...encodeCategories(numbers, undefined).values]).toEqual([3, 0, Number.NaN, Number.NaN, 3]);
  });

  it('get lists, all of them, where one column holds texts', () => {
    expect(listCategories([column('b', 'a', 'b'), column('10', '9', null)])).toEqual([
      ['a', 'b'],
      [9, 10],
    ]);
  });

  it.each([['-1'], ['0.5'], ['123456789']])('get a list where %s is no code', (cell) => {
    expect(listCategories([column('2', cell)])).toEqual([[Number(cell), 2].sort((a, b) => a - b)]);
  });

  it('count as missing where they are not in the list, and are counted', () => {
    const { values, unseen } = encodeCategories(column('a', 'new', null, 'b', 'new'), ['a', 'b']);
    expect([...values]).toEqual([0, Number.NaN, Number.NaN, 1, Number.NaN]);
    expect(unseen).toBe(2);
  });

  it('are found whether a list holds numbers, texts or booleans', () => {
    expect([...encodeCategories(column('3', '3.0', '4'), [3, 4]).values]).toEqual([0, 0, 1]);
    expect([...encodeCategories(column('3', 'x'), ['3', 'x']).values]).toEqual([0, 1]);
    expect([...encodeCategories(column('true', 'False'), [false, true]).values]).toEqual([1, 0]);
    expect([...encodeCategories(column('007', '7'), ['007', '7']).values]).toEqual([0, 1]);
  });
});
