import { describe, expect, it } from 'vitest';
import { tensorData } from '../graph/dataType.ts';
import { normal } from './initialisers.ts';
import { batchNormParameters } from './layers/batchNorm.ts';
import { linearParameters } from './layers/linear.ts';
import { mlpParameters } from './layers/mlp.ts';
import { initialise, parameterCount, placeholders, planned } from './parameters.ts';

describe('initialise', () => {
  const plans = {
    body: mlpParameters([4, 8, 3]),
    norm: batchNormParameters(3),
    head: linearParameters(3, 2, { bias: false }),
  };

  it('names parameters by their path and tells those that learn from state', () => {
    const { parameters, trained, state } = initialise(plans);
    expect(Object.keys(trained)).toEqual([
      'body.0.weight',
      'body.0.bias',
      'body.1.weight',
      'body.1.bias',
      'norm.weight',
      'norm.bias',
      'head.weight',
    ]);
    expect(Object.keys(state)).toEqual(['norm.runningMean', 'norm.runningVariance']);
    expect(parameters.body[1].weight).toBe(trained['body.1.weight']);
    expect(parameters.body[1].weight.node.name).toBe('body.1.weight');
    expect(parameters.head.bias).toBeUndefined();
    expect(parameterCount(plans)).toBe(4 * 8 + 8 + 8 * 3 + 3 + 6 + 6);
    expect(parameterCount(plans, { isTrained: false })).toBe(6);
  });

  it('draws by seed and name, whatever stands beside', () => {
    const values = (of: ReturnType<typeof initialise>['trained'], name: string) => of[name].node.value?.data;
    const first = initialise(plans, { seed: 1 }).trained;
    expect(values(initialise({ head: plans.head }, { seed: 1 }).trained, 'head.weight')).toEqual(
      values(first, 'head.weight'),
    );
    expect(values(initialise(plans, { seed: 2 }).trained, 'head.weight')).not.toEqual(
      values(first, 'head.weight'),
    );
    const twins = initialise({ a: planned([4], normal()), b: planned([4], normal()) }).trained;
    expect(values(twins, 'a')).not.toEqual(values(twins, 'b'));
  });

  it('takes values in place of draws if they fit', () => {
    const weight = tensorData('float32', [1, 2, 3, 4, 5, 6], [2, 3]);
    expect(initialise(plans, { values: { 'head.weight': weight } }).parameters.head.weight.node.value).toBe(
      weight,
    );
    expect(() => initialise(plans, { values: { 'head.weight': tensorData('float32', [1, 2]) } })).toThrow(
      'parameter head.weight is given float32[2]; expected float32[2, 3]',
    );
    expect(() => initialise(plans, { values: { 'haed.weight': weight } })).toThrow(
      'the model has no parameter haed.weight',
    );
  });

  it('leaves values out of placeholders', () => {
    const { norm } = placeholders(plans);
    expect([norm.weight.shape, norm.weight.node.value]).toEqual([[3], undefined]);
  });
});
