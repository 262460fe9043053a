import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { csvField } from '../core/csvText.ts';
import { createDataset } from '../gbdt/dataset.ts';
import { readModel } from '../gbdt/modelReader.ts';
import { writeModel } from '../gbdt/modelText.ts';
import { predict } from '../gbdt/predict.ts';
import { loadFixture } from '../gbdt/testing/fixtureData.ts';
import { train } from '../gbdt/train.ts';
import { temporaryFiles } from '../panel/testing/temporaryFiles.ts';
import { readTable } from '../tables/readTable.ts';
import { runCli } from './testing/runCli.ts';

const files = temporaryFiles();
const inFolder = (name: string) => join(files.folder, name);

// Two columns of numbers (one with missing cells) and a text; an id and a time to leave out.
const places = ['north', 'south', '东四, "x"'];
const rows = Array.from({ length: 600 }, (_, i) => {
  const wind = Math.abs(Math.sin(i * 12.9898) * 7);
  const warm = i % 9 === 0 ? Number.NaN : 15 + 10 * Math.sin(i / 37);
  const place = places[i % 3];
  return { id: `r${i}`, wind, warm, place, y: 3 * wind - (warm || 0) + (place === 'south' ? 5 : 0) };
});
const header = 'id,ds,wind,warm,place,y';
const lineOf = ({ id, wind, warm, place, y }: (typeof rows)[number]) =>
  `${id},2018-01-01 00:00:00,${wind},${Number.isNaN(warm) ? 'NA' : warm},"${place.replaceAll('"', '""')}",${y}`;
const data = files.write('train.csv', [header, ...rows.slice(0, 450).map(lineOf)]);
const later = files.write('later.csv.gz', `${[header, ...rows.slice(450).map(lineOf)].join('\n')}\n`);
const columns = ['--label', 'y', '--ignore-column', 'id,ds', '--categorical-feature', 'place'];

const gbdt = (...words: string[]) => runCli(['gbdt', ...words]);

describe('trainyard gbdt train', () => {
  it('writes the model that the library trains, and says on stderr how good it is', async () => {
    const out = inFolder('model.txt');
    const words = ['--num-iterations', '20', '--eta', '0.2', '--min-data-per-group', '10'];
    const { code, stdout, stderr } = await gbdt('train', data, ...columns, ...words, '--out', out);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('train.csv: 450 rows, 3 features, 1 of them categorical');
    expect(stderr).toMatch(/trained 20 iterations in [\d.]+ s\ntraining: l2 [\d.]+\nwrote /);
    const part = rows.slice(0, 450);
    const sorted = [...places].sort();
    const dataset = createDataset(
      {
        columns: [
          part.map(({ wind }) => wind),
          part.map(({ warm }) => warm),
          part.map(({ place }) => sorted.indexOf(place)),
        ],
        label: part.map(({ y }) => y),
        featureNames: ['wind', 'warm', 'place'],
        categoricalFeatures: ['place'],
      },
      {},
    );
    const expected = train(dataset, { numIterations: 20, learningRate: 0.2, minDataPerGroup: 10 }).model;
    const text = readFileSync(out, 'utf8');
    expect(text.split('\nparameters:')[0]).toBe(writeModel(expected).split('\nparameters:')[0]);
    expect(text).toContain(`\npandas_categorical:${JSON.stringify([sorted])}\n`);
  });

  it('stops early, keeps the best iteration, and tells all of it as JSON and as a file', async () => {
    const [out, history] = [inFolder('early.txt'), inFolder('history.csv')];
    const words = [
      '--valid',
      later,
      '--early-stopping-round',
      '5',
      '--learning-rate',
      '0.5',
      '--json',
      '--quiet',
    ];
    const run = await gbdt('train', data, ...columns, ...words, '--save-history', history, '--out', out);
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
    const summary = JSON.parse(run.stdout);
    expect(summary).toMatchObject({
      rows: 450,
      features: ['wind', 'warm', 'place'],
      categoricalFeatures: ['place'],
      trained: summary.bestIteration + 5,
      iterations: summary.bestIteration,
      warnings: [],
    });
    expect(readModel(readFileSync(out, 'utf8')).trees).toHaveLength(summary.bestIteration);
    const lines = readFileSync(history, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(1 + summary.trained);
    expect(lines[summary.bestIteration]).toBe(
      `${summary.bestIteration},later.csv.gz,l2,${summary.metrics['later.csv.gz'].l2}`,
    );
  });

  it('takes a LightGBM config file, flags before it', async () => {
    const out = inFolder('config.txt');
    const config = files.write('train.conf', [
      'task = train # as LightGBM',
      `data = ${data}`,
      'objective = regression_l1',
      'num_trees = 7',
      'num_leaves = 5',
      'label = name:y',
      'ignore_column = name:id,ds,place',
      `output_model = ${out}`,
    ]);
    const { code } = await gbdt('train', '--config', config, '--num-iterations', '3', '--quiet');
    expect(code).toBe(0);
    const model = readModel(readFileSync(out, 'utf8'));
    expect(model.trees.map(({ numLeaves }) => numLeaves)).toEqual([5, 5, 5]);
    expect(model.objective).toBe('regression_l1');
  });

  it('keeps finished iterations on Ctrl-C, and goes on from them with --init-model', async () => {
    const out = inFolder('stopped.txt');
    const words = ['--num-leaves', '4', '--learning-rate', '0.001'];
    const endless = ['--num-iterations', '2000000', '--metric-freq', '1', '--out', out];
    const stopped = await runCli(['gbdt', 'train', data, ...columns, ...words, ...endless], {
      interruptWhen: (stderr) => stderr.includes('[2] training l2 '),
    });
    expect(stopped.code).toBe(130);
    const trained = Number(/stopped after (\d+) of 2000000 iterations/.exec(stopped.stderr)?.[1]);
    expect(readModel(readFileSync(out, 'utf8')).trees).toHaveLength(trained);
    expect(stopped.stderr).toContain(`--init-model ${out} --num-iterations ${2_000_000 - trained}`);
    const more = inFolder('more.txt');
    const onwards = ['--num-iterations', '5', '--init-model', out, '--out', more];
    const { code } = await gbdt('train', data, ...columns, ...words, ...onwards);
    expect(code).toBe(0);
    expect(readModel(readFileSync(more, 'utf8')).trees).toHaveLength(trained + 5);
  });

  it('leaves out rows without a label where asked', async () => {
    const path = files.write('holes.csv', ['x,y', '1,2', '2,', '3,NA', '4,8']);
    const out = inFolder('holes.txt');
    const refused = await gbdt('train', path, '--label', 'y', '--out', out);
    expect(refused.stderr).toContain('holes.csv, row 3: the label y is missing; expected a finite number');
    expect(refused.stderr).toContain('fix: add --drop-unlabelled');
    expect({ code: refused.code, written: existsSync(out) }).toEqual({ code: 2, written: false });
    const { code, stderr } = await gbdt('train', path, '--label', 'y', '--drop-unlabelled', '--out', out);
    expect(code).toBe(0);
    expect(stderr).toContain('holes.csv: left out 2 rows without a label');
    expect(stderr).toContain('warning: no usable feature');
  });

  const out = inFolder('never.txt');
  it.each<[string[], string, string]>([
    [[data, '--out', out], 'no label', 'the columns of'],
    [[data, '--label', 'yy', '--out', out], 'no column yy, which --label names', 'its columns|the columns'],
    [[data, ...columns], 'no model file to write', 'add --out model.txt'],
    [
      [data, '--label', 'y', '--out', out],
      '"r0" in column id is a text',
      'name it by --categorical-feature "id"',
    ],
    [
      [data, '--label', 'place', '--ignore-column', 'id,ds', '--out', out],
      'in column place is a text',
      'the label must',
    ],
    [
      [data, ...columns, '--out', out, '--num-leaves', '1'],
      'invalid --num-leaves: 1; expected an integer',
      '',
    ],
    [
      [data, ...columns, '--out', out, '--eta', '1', '--learning-rate', '1'],
      '--learning-rate and --eta mean',
      '',
    ],
    [[data, ...columns, '--out', out, '--early-stopping-round', '3'], 'early stopping needs', 'add --valid'],
    [[data, ...columns, '--out', data], 'is both read and written', 'another output path'],
    [['/nowhere.csv', ...columns, '--out', out], 'no such file: /nowhere.csv', 'check the path'],
  ])('fails on %j with a message, a remedy and exit code 2', async (words, message, remedy) => {
    const { code, stdout, stderr } = await gbdt('train', ...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(new RegExp(remedy));
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(files.folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('trainyard gbdt predict', () => {
  const fixture = loadFixture('pandas');
  const model = files.write('pandas.txt', fixture.model);
  const table = files.write('pandas.csv', fixture.csv);

  it('predicts as LightGBM does on categories of pandas, to the last bit', async () => {
    const { code, stdout } = await gbdt('predict', model, table);
    expect(code).toBe(0);
    const [name, ...values] = stdout.trim().split('\n');
    expect(name).toBe('prediction');
    expect(values.map(Number)).toEqual(fixture.predictions);
    const leaves = await gbdt('predict', model, table, '--leaf-index');
    const lines = leaves.stdout.trim().split('\n');
    expect(lines[0]).toBe('tree_0,tree_1,tree_2,tree_3,tree_4');
    expect(lines.slice(1).map((line) => line.split(',').map(Number))).toEqual(fixture.leaves);
  });

  it('finds columns by name in any order, and carries others along', async () => {
    const { texts, rowCount } = await readTable(table, (names) => ({ numbers: [], texts: names }));
    const cell = (name: string, row: number) => {
      const column = texts.get(name);
      return csvField(column?.words[column.codes[row]] ?? '');
    };
    const lines = Array.from({ length: rowCount }, (_, row) =>
      ['zone', 'raining', 'station', 'temperature']
        .map((name) => cell(name, row))
        .concat('é')
        .join(','),
    );
    const turned = files.write('turned.csv', ['zone,raining,station,temperature,note', ...lines]);
    const out = inFolder('turned.parquet');
    const { code, stderr } = await gbdt('predict', model, turned, '--keep', 'note,zone', '--out', out);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `predicted 60 rows; wrote ${out}\n` });
    const read = await readTable(out, () => ({ numbers: ['prediction', 'zone'], texts: ['note'] }));
    expect([...(read.numbers.get('prediction') ?? [])]).toEqual(fixture.predictions);
    expect(read.texts.get('note')?.words).toEqual(['é']);
  });

  it('counts categories it does not know as missing, and says so', async () => {
    const path = files.write('new.csv', [
      'temperature,station,zone,raining',
      '3,elsewhere,99,true',
      '3,,,true',
    ]);
    const { stdout, stderr } = await gbdt('predict', model, path);
    const [, first, second] = stdout.split('\n');
    expect(first).toBe(second);
    expect(stderr).toContain('new.csv: 1 row of column station with a category unknown to the model');
  });

  it('gives raw scores, parts of the model and contributions that sum to them', async () => {
    const part = ['--start-iteration', '1', '--num-iterations', '2'];
    const raw = await gbdt('predict', model, table, '--raw-score', ...part);
    const shares = await gbdt('predict', model, table, '--contributions', ...part);
    const [names, ...lines] = shares.stdout.trim().split('\n');
    expect(names).toBe('temperature,station,zone,raining,bias');
    for (const [i, score] of raw.stdout.trim().split('\n').slice(1).entries()) {
      const sum = lines[i].split(',').reduce((total, share) => total + Number(share), 0);
      expect(sum).toBeCloseTo(Number(score), 10);
    }
  });

  it('takes columns by position where asked, and predicts classes apart', async () => {
    const x = Float64Array.from({ length: 90 }, (_, i) => i % 30);
    const trained = train(createDataset({ columns: [x], label: x.map((v) => Math.floor(v / 10)) }), {
      objective: 'multiclass',
      numClass: 3,
      numIterations: 3,
    }).model;
    const classes = files.write('classes.txt', writeModel(trained));
    const path = files.write('x.csv', ['value,id', '5,a', '15,b', 'NA,c']);
    const words = ['--by-position', '--ignore-column', 'id'];
    const { code, stdout } = await gbdt('predict', classes, path, ...words);
    expect(code).toBe(0);
    const [names, ...lines] = stdout.trim().split('\n');
    expect(names).toBe('prediction_0,prediction_1,prediction_2');
    const expected = predict(trained, { columns: [[5, 15, Number.NaN]] });
    expect(lines.flatMap((line) => line.split(',').map(Number))).toEqual([...expected]);
    const wrong = await gbdt('predict', classes, path, '--by-position');
    expect(wrong.stderr).toContain('x.csv has 2 columns; expected 1, the features of');
    expect(wrong.code).toBe(2);
  });

  const out = inFolder('never.csv');
  const lacking = files.write('lacking.csv', ['temperature,zone,Raining', '1,2,3']);
  const texts = files.write('texts.csv', [
    'temperature,station,zone,raining',
    '1,north,5,true',
    'hot,north,5,true',
  ]);
  const cut = files.write('cut.txt', fixture.model.slice(0, 2500));
  const swapped = files.write('swapped.txt', fixture.model.replace('Tree=1', 'Tree=2'));
  it.each([
    [[model, lacking], 'lacks 2 of the 4 features', 'station, raining'],
    [[model, texts], 'row 3: "hot" in column temperature is a text', 'takes temperature as numbers'],
    [[cut, table], 'cut.txt ends on line', 'cut off'],
    [[swapped, table], 'Tree=2', 'out of order'],
    [[model, table, '--keep', 'nope'], 'no column nope, which --keep names', 'fix:'],
    [[model, table, '--raw-score', '--leaf-index'], '--raw-score and --leaf-index exclude each other', 'one'],
    [
      [model, table, '--start-iteration', '9'],
      'invalid startIteration: 9; expected an integer from 0 to 5',
      '',
    ],
    [[model, '/nowhere.csv'], 'no such file: /nowhere.csv', 'check the path'],
  ])('fails on %j with a message, a remedy and exit code 2', async (words, message, remedy) => {
    const { code, stdout, stderr } = await gbdt('predict', ...words, '--out', out);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(remedy);
    expect(existsSync(out)).toBe(false);
  });

  it('leaves an older result as it is when it fails', async () => {
    const old = inFolder('old.csv');
    writeFileSync(old, 'as it was');
    expect((await gbdt('predict', model, lacking, '--out', old)).code).toBe(2);
    expect(readFileSync(old, 'utf8')).toBe('as it was');
  });
});

describe('trainyard gbdt inspect', () => {
  const { model: text, dump } = loadFixture('pandas');
  const model = files.write('inspected.txt', text);

  it('sums up the model and shows which features matter', async () => {
    const { code, stdout, stderr } = await gbdt('inspect', model);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/trees +5\nleaves +30 \(6 to 6 a tree/);
    expect(stdout).toMatch(/\ntemperature +\d+\.\d% +█{20} +\d+ /);
  });

  it('draws a tree as text and pictures as SVG', async () => {
    const [tree, bars] = [inFolder('tree.svg'), inFolder('bars.svg')];
    const words = ['--tree', '2', '--svg', tree, '--importances-svg', bars];
    const { stdout, stderr } = await gbdt('inspect', model, ...words);
    expect(stdout).toMatch(/^tree 2: 6 leaves, depth \d\n/);
    expect(stderr).toBe(`wrote ${tree}\nwrote ${bars}\n`);
    expect(readFileSync(tree, 'utf8')).toContain('Tree 2 of 5');
    expect(readFileSync(bars, 'utf8')).toContain('Importances of features');
  });

  it("prints the structure as LightGBM's dump_model", async () => {
    const { stdout } = await gbdt('inspect', model, '--json');
    const { tree_info: ours, ...rest } = JSON.parse(stdout);
    const { tree_info: theirs, ...others } = dump;
    expect(rest).toEqual(others);
    expect(ours).toHaveLength(theirs.length);
  });

  it.each([
    [['--tree', '9'], 'no tree 9: the model has 5'],
    [['--tree', 'x'], 'invalid --tree: x'],
    [['--svg', 'a.png'], 'cannot tell the form of a.png'],
  ])('fails on %j with exit code 2', async (words, message) => {
    const { code, stderr } = await gbdt('inspect', model, ...words);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});
