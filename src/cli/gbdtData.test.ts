import { describe, expect, it } from 'vitest';
import { failureOf, temporaryFiles } from '../panel/testing/temporaryFiles.ts';
import { columnList, columnRoles } from './gbdtColumns.ts';
import { findFeatures, readTrainingTable, type TrainingTableOptions } from './gbdtData.ts';
import { openTerminal } from './terminal.ts';

const files = temporaryFiles();
const context = { terminal: openTerminal({ quiet: true }), signal: new AbortController().signal };

function options(change: Partial<TrainingTableOptions> = {}): TrainingTableOptions {
  const columns = { label: 'y', weight: undefined, ignore: [], categorical: [] };
  return { columns, header: true, dropUnlabelled: false, ...change };
}

describe('a table to train on', () => {
  it('holds features in the order of the file, labels, weights and codes of categories', async () => {
    const path = files.write('good.csv', ['b c,y,w,a', '1,10,1,u', ',20,2,', 'inf,30,0,t']);
    const columns = { label: 'y', weight: 'w', ignore: [], categorical: ['a'] };
    const table = await readTrainingTable(path, options({ columns }), context);
    expect(table).toMatchObject({
      featureNames: ['b_c', 'a'],
      categoricalFeatures: [1],
      categoryLists: new Map([[1, ['t', 'u']]]),
    });
    expect(table.columns.map((column) => [...column])).toEqual([
      [1, Number.NaN, Number.POSITIVE_INFINITY],
      [1, Number.NaN, 0],
    ]);
    expect([[...table.label], [...(table.weight ?? [])]]).toEqual([
      [10, 20, 30],
      [1, 2, 0],
    ]);
  });

  it('has the features of a model in their order, and its categories', async () => {
    const path = files.write('known.csv', ['y,x,kind', '1,5,new', '2,6,old']);
    const known = {
      source: 'model.txt',
      featureNames: ['kind', 'x'],
      categoricalFeatures: new Set([0]),
      categoryLists: new Map([[0, ['older', 'old']]]),
    };
    const table = await readTrainingTable(path, options({ known }), context);
    expect(table.columns.map((column) => [...column])).toEqual([
      [Number.NaN, 1],
      [5, 6],
    ]);
    const extra = files.write('extra.csv', ['y,x,kind,more', '1,5,old,2']);
    const { message, remedy } = await failureOf(readTrainingTable(extra, options({ known }), context));
    expect(message).toContain('extra.csv has 1 columns that model.txt lacks: more');
    expect(remedy).toBe('leave them out by --ignore-column "more"');
  });

  it('loses rows without a label where asked', async () => {
    const path = files.write('holes.csv', ['x,y', '1,2', '2,', '3,NA', '4,8']);
    const table = await readTrainingTable(path, options({ dropUnlabelled: true }), context);
    expect([[...table.columns[0]], [...table.label]]).toEqual([
      [1, 4],
      [2, 8],
    ]);
  });

  it.each([
    [['a,w,y', '1,-2,3', '2,0,1'], 'row 2: the weight w is -2; expected a finite number of at least 0'],
    [['a,w,y', '1,1,3', '2,,1'], 'row 3: the weight w is NaN'],
    [['a,w,y', '1,0,3', '2,0,1'], 'the weight w is 0 in every row'],
    [['a,w,y', '1,1,inf', '2,1,1'], 'row 2: the label y is Infinity'],
    [['a,w,y', '1,1,4', '2,1,'], 'row 3: the label y is missing'],
    [['w,y', '1,2'], 'no feature left beside y, w'],
    [['a,w,y'], 'has no row below its header'],
    [['1,2,3', '4,5,6'], 'the first row holds numbers, no names of columns'],
    [['a,w', '1,2'], 'has no column y, which --label names'],
  ])('is refused for %j', async (lines, message) => {
    const path = files.write('bad.csv', lines);
    const columns = { label: 'y', weight: 'w', ignore: [], categorical: [] };
    const failure = await failureOf(readTrainingTable(path, options({ columns }), context));
    expect(failure.message).toContain(message);
    expect(failure.remedy).not.toBe('');
  });
});

describe('columns', () => {
  const names = ['id', 'y', 'wind', '7'];

  it('are named, named as LightGBM names them, or counted without the label', () => {
    const flags = { label: '1', weight: '0', ignore: columnList('name:7'), categorical: ['1'] };
    expect(columnRoles('t.csv', names, flags)).toEqual({
      label: 'y',
      weight: 'id',
      features: ['wind'],
      categorical: new Set(['wind']),
    });
    expect(columnList('name:a, b,')).toEqual(['name:a', 'name:b']);
    expect(columnList(undefined)).toEqual([]);
  });

  it('cannot be two things at once', () => {
    const flags = { label: 'y', weight: undefined, ignore: ['wind'], categorical: ['wind'] };
    expect(() => columnRoles('t.csv', names, flags)).toThrow(
      'column wind is ignored and a categorical feature',
    );
  });

  it('are matched with names in which blanks have become _', () => {
    const known = { featureNames: ['wind_speed', 'x'], source: 'm.txt' };
    expect(findFeatures('t.csv', ['x', 'wind speed'], known)).toEqual(['wind speed', 'x']);
    expect(() => findFeatures('t.csv', ['x'], known)).toThrow(
      't.csv lacks 1 of the 2 features of m.txt: wind_speed',
    );
  });
});
