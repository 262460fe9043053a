import { describe, expect, it } from 'vitest';
import { defaultParameters, type GbdtParameters, resolveParameters } from './parameters.ts';

describe('parameters', () => {
  it('are LightGBM defaults where nothing is given', () => {
    expect(resolveParameters({})).toEqual(defaultParameters);
    expect(resolveParameters({ numLeaves: undefined })).toEqual(defaultParameters);
  });

  it('may be given by LightGBM aliases', () => {
    const resolved = resolveParameters({
      nEstimators: 7,
      eta: 0.5,
      objective: 'regressionL1',
      metrics: 'l2,l1',
    });
    expect(resolved).toMatchObject({ numIterations: 7, learningRate: 0.5, metric: ['l2', 'l1'] });
  });

  it('draws seeds from one seed, but keeps those that are given', () => {
    const { baggingSeed, featureFractionSeed, dataRandomSeed } = resolveParameters({
      seed: 42,
      baggingSeed: 3,
    });
    // As LightGBM writes them into a model trained with seed=42.
    expect([dataRandomSeed, baggingSeed, featureFractionSeed]).toEqual([175, 3, 30056]);
  });

  it.each<[GbdtParameters | Record<string, unknown>, RegExp]>([
    [{ numLeafs: 3 }, /unknown or unsupported parameter: numLeafs/],
    [{ numLeaves: 1 }, /invalid numLeaves: 1; expected an integer from 2/],
    [{ numLeaves: 2.5 }, /invalid numLeaves: 2\.5/],
    [{ learningRate: 0 }, /invalid learningRate: 0; expected a number above 0/],
    [{ learningRate: Number.NaN }, /invalid learningRate/],
    [{ baggingFraction: 1.5 }, /at most 1/],
    [{ objective: 'squared' }, /invalid objective: "squared"; expected one of regression/],
    [{ eta: 0.1, learningRate: 0.1 }, /parameters eta and learningRate mean the same/],
    [{ objective: 'multiclass' }, /invalid numClass: 1/],
    [{ objective: 'regression', numClass: 3 }, /expected 1 for regression/],
    [{ objective: 'quantile', alpha: 1 }, /between 0 and 1/],
    [{ objective: 'regressionL1', monotoneConstraints: [1] }, /cannot be used with regressionL1/],
    [{ monotoneConstraints: [2] }, /a list of -1, 0 and 1/],
    [{ isUnbalance: true, scalePosWeight: 2 }, /cannot be used together/],
    [{ linearTree: true }, /unknown or unsupported parameter: linearTree/],
  ])('refuses %j', (given, message) => {
    expect(() => resolveParameters(given as GbdtParameters)).toThrow(message);
  });

  it('suggests the parameter that was meant', () => {
    try {
      resolveParameters({ learningrate: 1 } as GbdtParameters);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ kind: 'usage', remedy: 'did you mean learningRate?' });
    }
  });
});
