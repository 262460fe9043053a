import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type TensorData, tensorData } from '../graph/dataType.ts';
import { createOptimizer, type OptimizerOptions } from './optimizer.ts';
import { type AdamOptions, adagrad, adam, adamW, rmsProp, sgd } from './optimizers.ts';
import { cosineSchedule, oneCycleSchedule, reduceOnPlateau, stepSchedule, withWarmUp } from './schedules.ts';

interface Fixture {
  start: number[];
  gradients: number[][];
  cases: Record<
    string,
    {
      rule: keyof typeof rules;
      options: OptimizerOptions & AdamOptions;
      weights: Record<string, number[]>;
    }
  >;
  schedules: {
    step: number[];
    cosine: number[];
    oneCycle: number[];
    plateau: { values: number[]; factors: number[] };
  };
}

const rules = { sgd, adam, adamW, rmsProp, adagrad };
const url = new URL('../../fixtures/optim/torch.json', import.meta.url);
const fixture: Fixture = JSON.parse(readFileSync(url, 'utf8'));

/** One vector cut into parameters of odd sizes. */
const cut = (values: readonly number[]): Record<string, TensorData> => ({
  a: tensorData('float32', values.slice(0, 3)),
  b: tensorData('float32', values.slice(3, 4)),
  c: tensorData('float32', values.slice(4)),
});

describe('optimisers', () => {
  it.each(Object.entries(fixture.cases))(
    'do what PyTorch does for 100 updates: %s',
    (_, { rule, options, weights }) => {
      const optimizer = createOptimizer(cut(fixture.start), rules[rule](options), options);
      for (const [step, gradient] of fixture.gradients.entries()) {
        for (const [name, { data }] of Object.entries(cut(gradient))) {
          optimizer.gradients[name].set(data as Float32Array);
        }
        optimizer.update();
        const expected = weights[step + 1];
        if (!expected) continue;
        const found = ['a', 'b', 'c'].flatMap((name) => [...optimizer.weights[name]]);
        for (const [i, value] of expected.entries()) {
          // A few roundings of float32 an update.
          expect(Math.abs(found[i] - value)).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(value)));
        }
      }
    },
  );

  it('train groups by settings of their own', () => {
    const optimizer = createOptimizer(cut([1, 1, 1, 1, 1, 1, 1]), sgd({ learningRate: 1 }), {
      weightDecay: 0.5,
      groups: [
        { matches: (name) => name === 'a', weightDecay: 0 },
        { matches: (name) => name === 'b', learningRateScale: 0 },
      ],
    });
    const { learningRate, gradientNorm } = optimizer.update();
    expect([learningRate, gradientNorm]).toEqual([1, 0]);
    expect([...optimizer.weights.a, ...optimizer.weights.b, ...optimizer.weights.c]).toEqual([
      1, 1, 1, 1, 0.5, 0.5, 0.5,
    ]);
  });

  it('average weights over time', () => {
    const optimizer = createOptimizer({ w: tensorData('float32', [1]) }, sgd({ learningRate: 1 }), {
      averageDecay: 0.75,
    });
    optimizer.gradients.w[0] = 1;
    optimizer.update();
    expect(optimizer.averages?.w[0]).toBe(0.75);
    optimizer.update();
    expect(optimizer.averages?.w[0]).toBe(0.75 * 0.75 - 0.25);
  });

  it('scale gradients before they are clipped, and report their length', () => {
    const optimizer = createOptimizer({ w: tensorData('float32', [0, 0]) }, sgd({ learningRate: 1 }), {
      clipNorm: 1,
    });
    optimizer.gradients.w.set([30, 40]);
    expect(optimizer.update({ gradientScale: 0.1 }).gradientNorm).toBeCloseTo(5, 6);
    expect(optimizer.weights.w[0]).toBeCloseTo(-0.6, 6);
    expect(optimizer.weights.w[1]).toBeCloseTo(-0.8, 6);
  });

  it('go on from what was saved as if never stopped', () => {
    const train = (updates: number, from?: ReturnType<ReturnType<typeof createOptimizer>['save']>) => {
      const optimizer = createOptimizer(cut(fixture.start), adam(), { averageDecay: 0.9 });
      if (from) optimizer.load(from);
      for (let i = 0; i < updates; i++) {
        for (const [name, { data }] of Object.entries(cut(fixture.gradients[optimizer.step]))) {
          optimizer.gradients[name].set(data as Float32Array);
        }
        optimizer.update();
      }
      return optimizer.save();
    };
    expect(train(7, train(5))).toEqual(train(12));
    expect(() => createOptimizer(cut(fixture.start), sgd()).load(train(1))).toThrow(
      'the state is of adam, not of sgd',
    );
    const other = createOptimizer({ a: tensorData('float32', [1]) }, adam(), { averageDecay: 0.9 });
    expect(() => other.load(train(1))).toThrow('the state has 3 weight values of a; expected 1');
  });

  it('refuse gradients that are not finite and leave the weights alone', () => {
    const optimizer = createOptimizer(cut(fixture.start), adam());
    optimizer.gradients.c[1] = Number.NaN;
    expect(() => optimizer.update()).toThrow('gradient of c is NaN at element 1');
    expect([...optimizer.weights.a]).toEqual(fixture.start.slice(0, 3));
    expect(optimizer.step).toBe(0);
  });

  it('refuse parameters and settings that make no sense', () => {
    expect(() => createOptimizer({ w: tensorData('float64', [1]) }, sgd())).toThrow('parameter w is float64');
    expect(() => adam({ beta1: 1 })).toThrow('invalid beta1: 1; expected at least 0 and less than 1');
    expect(() => sgd({ learningRate: Number.NaN })).toThrow('invalid learningRate: NaN');
  });
});

describe('schedules', () => {
  const { step, cosine, oneCycle, plateau } = fixture.schedules;
  const close = (found: readonly number[], expected: readonly number[]) => {
    expect(found).toHaveLength(expected.length);
    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 12);
  };

  it('give the factors that PyTorch gives', () => {
    close(
      step.map((_, i) => stepSchedule({ every: 3, factor: 0.5 })(i)),
      step,
    );
    close(
      cosine.map((_, i) => cosineSchedule({ total: 10, final: 0.1 })(i)),
      cosine,
    );
    close(
      oneCycle.map((_, i) => oneCycleSchedule({ total: 20 })(i)),
      oneCycle,
    );
    const reduce = reduceOnPlateau({ patience: 2 });
    close(
      plateau.values.map((value) => reduce.next(value)),
      plateau.factors,
    );
  });

  it('warm up in a straight line and then go on', () => {
    const schedule = withWarmUp(4, stepSchedule({ every: 2, factor: 0.5 }));
    expect([0, 1, 2, 3, 4, 5, 6].map(schedule)).toEqual([0.25, 0.5, 0.75, 1, 1, 1, 0.5]);
  });

  it('stay at their end', () => {
    expect(cosineSchedule({ total: 5 })(50)).toBe(0);
    expect(oneCycleSchedule({ total: 5, final: 0.01 })(50)).toBeCloseTo(0.01, 12);
    expect(() => stepSchedule({ every: 0 })).toThrow('invalid every: 0');
  });
});
