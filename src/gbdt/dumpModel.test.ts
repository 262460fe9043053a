import { describe, expect, it } from 'vitest';
import { categoryListsOf, withCategoryLists } from './categoryLists.ts';
import { dumpModel } from './dumpModel.ts';
import { readModel } from './modelReader.ts';
import { writeModel } from './modelText.ts';
import { loadFixture } from './testing/fixtureData.ts';

const fixture = loadFixture('pandas');
const model = readModel(fixture.model);

describe('the structure of a model', () => {
  it("is LightGBM's dump_model, but for last digits that LightGBM reads inexactly", () => {
    const { pandas_categorical: _, ...theirs } = fixture.dump;
    const { pandas_categorical: lists, ...ours } = dumpModel(model);
    expectAlike(JSON.parse(JSON.stringify(ours)), theirs);
    expect(lists).toEqual([
      ['Aldgate "High", Street', 'north', '东四'],
      [3, 4, 5, 6, 7, 8],
    ]);
  });
});

describe('lists of categories', () => {
  it('are found in a model made on categories of pandas', () => {
    expect([...categoryListsOf(model)]).toEqual([
      [1, ['Aldgate "High", Street', 'north', '东四']],
      [2, [3, 4, 5, 6, 7, 8]],
    ]);
  });

  it('survive writing and reading', () => {
    const lists = new Map<number, (string | number | boolean)[]>([
      [0, ['"', 'a\nb', '东']],
      [3, [true, false]],
    ]);
    const read = readModel(writeModel(withCategoryLists(model, lists)));
    expect([...categoryListsOf(read)]).toEqual([...lists]);
  });

  it('are none where the file has none, or null', () => {
    expect(categoryListsOf({ ...model, trailer: '' }).size).toBe(0);
    expect(categoryListsOf({ ...model, trailer: '\npandas_categorical:null\n' }).size).toBe(0);
    expect(categoryListsOf({ ...model, trailer: '\npandas_categorical:[]\n' }).size).toBe(0);
  });

  it.each([
    ['[["a"]', /expected lists of categories as JSON/],
    ['{"a":1}', /expected lists of categories as JSON/],
    ['[["a", null], [1]]', /expected lists of categories as JSON/],
    ['[["a"]]', /lists the categories of 1 features, but has 2 categorical features/],
  ])('are refused where they are %s', (json, message) => {
    const broken = { ...model, trailer: `\npandas_categorical:${json}\n` };
    expect(() => categoryListsOf(broken, 'model.txt')).toThrow(message);
  });

  it('are refused where they belong to features that are not there', () => {
    const parameters = ['[categorical_feature: 1,9]'];
    expect(() => categoryListsOf({ ...model, parameters })).toThrow(/names feature 9 as categorical/);
  });
});

function expectAlike(ours: unknown, theirs: unknown, place = 'dump'): void {
  if (typeof theirs === 'number') {
    expect(Math.abs(Number(ours) - theirs), place).toBeLessThanOrEqual(1e-15 * Math.abs(theirs));
  } else if (theirs !== null && typeof theirs === 'object') {
    expect(Object.keys(ours as object).sort(), place).toEqual(Object.keys(theirs).sort());
    for (const [key, value] of Object.entries(theirs)) {
      expectAlike((ours as Record<string, unknown>)[key], value, `${place}.${key}`);
    }
  } else expect(ours, place).toBe(theirs);
}
