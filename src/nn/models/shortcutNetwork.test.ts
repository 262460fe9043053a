import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { numbersOf, tensorData } from '../../graph/dataType.ts';
import { graphOf } from '../../graph/graph.ts';
import { add } from '../../graph/operators/elementwise.ts';
import { input } from '../../graph/tensor.ts';
import { adam } from '../../optim/optimizers.ts';
import { compile } from '../../runtime/compile.ts';
import { createTrainingStep } from '../../train/trainingStep.ts';
import { l2Penalty, symmetricError } from '../losses/regression.ts';
import { initialise, parameterCount, valuesOf } from '../parameters.ts';
import { moveStatistics, sampleKeys, trainingPass } from '../trainingPass.ts';
import { shortcutNetwork, shortcutNetworkParameters } from './shortcutNetwork.ts';

describe('shortcutNetwork', () => {
  it('has the layers that were published', () => {
    // 8,640 hours of history, two medians of 24 hours for each of 8 windows, five indicators.
    const inputs = 8640 + 2 * 24 * 8 + 5;
    const expected = (inputs + 1) * 48 + (48 + inputs + 1) * 48 + 2 * 48 + 2 * (48 + 1) * 48 + (48 + 1) * 48;
    expect(parameterCount(shortcutNetworkParameters(inputs))).toBe(expected);
  });

  it('learns to forecast, and does in use what it learned in training', async () => {
    const [inputs, outputs, batch] = [24, 6, 64];
    const random = randomStream(4, 'shortcutNetwork');
    const level = (hour: number) => 3 + 2 * Math.sin((hour * Math.PI) / 12);
    const starts = Array.from({ length: batch }, () => random.integer(24));
    const rows = (count: number, from: number) =>
      tensorData(
        'float32',
        starts.flatMap((start) => Array.from({ length: count }, (_, h) => level(start + from + h))),
        [batch, count],
      );
    const feeds = { x: rows(inputs, 0), y: rows(outputs, inputs) };

    const plans = shortcutNetworkParameters(inputs, { units: 16, outputs });
    const { parameters, trained, state } = initialise(plans, { seed: 2 });
    const [x, y] = [input('x', 'float32', ['batch', inputs]), input('y', 'float32', ['batch', outputs])];
    const training = trainingPass({ keys: input('keys', 'int64', ['batch']) });
    const weights = Object.entries(trained).filter(([name]) =>
      /(first|second|third|fourth|output)\.weight/.test(name),
    );
    const penalty = l2Penalty(
      weights.map(([, weight]) => weight),
      1e-4,
    );
    const loss = add(
      symmetricError(shortcutNetwork(parameters, x, { dropout: 0.2, training }), y).mean,
      penalty,
    );
    const step = await createTrainingStep(loss, trained, adam({ learningRate: 0.005 }), {
      clipNorm: 1,
      clipValue: 1,
      watch: training.statistics,
    });
    const running = valuesOf(state);
    const first = (await step.run({ ...feeds, keys: sampleKeys(1, 0, Array.from(starts.keys())) })).loss;
    for (let epoch = 0; epoch < 300; epoch++) {
      const keys = sampleKeys(1, epoch, Array.from(starts.keys()));
      const { watched } = await step.run({ ...feeds, keys });
      moveStatistics(running, watched);
    }
    const program = await compile(graphOf({ error: symmetricError(shortcutNetwork(parameters, x), y).mean }));
    const { error } = await program.run({ ...feeds, ...step.parameters(), ...running });
    expect(first).toBeGreaterThan(0.5);
    expect(numbersOf(error)[0]).toBeLessThan(0.1);
    await Promise.all([step.release(), program.release()]);
  });
});
