import { describe, expect, it } from 'vitest';
import { defaultParameters, parameterAliases } from '../gbdt/parameters.ts';
import { failureOf, temporaryFiles } from '../panel/testing/temporaryFiles.ts';
import { readConfig } from './gbdtConfig.ts';
import { camelCase, flagOf } from './gbdtParameters.ts';
import { gbdtTrainCommand } from './gbdtTrain.ts';

const files = temporaryFiles();

describe('config files of LightGBM', () => {
  it('give parameters by any of their names, files and columns', async () => {
    const path = files.write('train.conf', [
      '# what to do',
      'task = train',
      'boosting_type = gbdt',
      'objective = regression_l1 # absolute error',
      'metric = l1,binary_logloss',
      'num_trees=30',
      'colsample_bytree = 0.5',
      'use_missing = false',
      'monotone_constraints = 1,0,-1',
      '',
      'data = "my train.csv"',
      'test = a.csv,b.csv',
      'label = name:y',
      'num_threads = 8',
      'drop_rate = 0.10',
    ]);
    expect(await readConfig(path)).toEqual({
      parameters: {
        objective: 'regressionL1',
        metric: ['l1', 'binaryLogloss'],
        numIterations: 30,
        featureFraction: 0.5,
        useMissing: false,
        monotoneConstraints: [1, 0, -1],
        numThreads: 8,
      },
      settings: { data: 'my train.csv', valid: 'a.csv,b.csv', label_column: 'name:y' },
    });
  });

  it.each([
    ['boosting = dart', 'boosting = dart is not supported; expected gbdt', 'remove the line'],
    ['linear_tree = true', 'linear_tree = true is not supported; expected 0', 'remove the line'],
    ['learning_rat = 0.1', 'unknown key learning_rat', 'did you mean learning_rate?'],
    ['num_leaves = many', 'expected an integer from 2', undefined],
    ['num_leaves', '"num_leaves"; expected key = value', 'comments begin with #'],
    ['task = predict', 'task = predict; expected train', 'gbdt predict'],
    ['eta = 0.3\nlearning_rate = 0.2', 'learning_rate is set on line 2 already', 'keep one'],
    ['objective = lambdarank', 'expected one of regression', undefined],
  ])('name file and line of %j', async (lines, message, remedy) => {
    const path = files.write('bad.conf', `verbosity = 1\n${lines}\n`);
    const failure = await failureOf(readConfig(path));
    expect(failure.kind).toBe('usage');
    expect(failure.message).toContain(message);
    expect(failure.message).toMatch(/bad\.conf line [23]/);
    if (remedy) expect(failure.remedy).toContain(remedy);
  });
});

describe('the flags of gbdt train', () => {
  it('cover every parameter and alias, and turn back into their names', () => {
    const flags = gbdtTrainCommand().options.map(({ long }) => long);
    for (const name of [...Object.keys(defaultParameters), ...Object.keys(parameterAliases)]) {
      expect(flags).toContain(`--${flagOf(name)}`);
      expect(camelCase(flagOf(name))).toBe(name);
    }
  });

  it('differ from each other', () => {
    const flags = gbdtTrainCommand().options.map(({ long }) => long);
    expect(new Set(flags).size).toBe(flags.length);
  });
});
