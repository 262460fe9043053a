import { describe, expect, it } from 'vitest';
import { tensorData } from '../../graph/dataType.ts';
import { conv } from '../../graph/operators/convolution.ts';
import { constant, input } from '../../graph/tensor.ts';
import { initialise, parameterCount, plansOf } from '../parameters.ts';
import { evaluate } from '../testing/evaluate.ts';
import {
  convolution,
  convolutionParameters,
  depthwiseConvolution,
  depthwiseParameters,
  separableConvolution,
  separableParameters,
} from './convolution.ts';

const image = tensorData(
  'float32',
  Array.from({ length: 2 * 3 * 5 * 4 }, (_, i) => Math.sin(i)),
  [2, 3, 5, 4],
);
const x = input('x', 'float32', ['batch', 3, 5, 4]);

describe('convolutions', () => {
  it('plan weights of groups and of any number of axes', () => {
    const shapes = [
      convolutionParameters(6, 4, 3, { groups: 2 }),
      convolutionParameters(6, 4, [5]),
      depthwiseParameters(6, 3, { multiplier: 2, bias: false }),
    ].map((plans) => Array.from(plansOf(plans).values(), ({ shape }) => shape));
    expect(shapes).toEqual([[[4, 3, 3, 3], [4]], [[4, 6, 5], [4]], [[12, 1, 3, 3]]]);
    expect(parameterCount(separableParameters(6, 4, 3))).toBe(6 * 9 + 6 * 4 + 4);
  });

  it('see each channel by itself when depthwise: one group a channel', async () => {
    const { parameters } = initialise(depthwiseParameters(3, 3));
    const weight = parameters.weight;
    const apart = await evaluate(
      {
        y: depthwiseConvolution(parameters, x, { pads: 1 }),
        grouped: conv(x, weight, undefined, { pads: 1, groups: 3 }),
      },
      { x: image },
    );
    expect(apart.y).toEqual(apart.grouped);
  });

  it('are products of a depthwise and a pointwise kernel when separable', async () => {
    const { parameters } = initialise(separableParameters(3, 2, 3), { seed: 4 });
    const [depthwise, pointwise] = [parameters.depthwise, parameters.pointwise].map(
      ({ weight }) => weight.node.value?.data as Float32Array,
    );
    // weight[o][i][k] = pointwise[o][i] depthwise[i][k]
    const whole = Float32Array.from({ length: 2 * 3 * 9 }, (_, at) => {
      const [o, i, k] = [Math.floor(at / 27), Math.floor(at / 9) % 3, at % 9];
      return pointwise[o * 3 + i] * depthwise[i * 9 + k];
    });
    const dense = { weight: constant(tensorData('float32', whole, [2, 3, 3, 3])) };
    const { y, expected } = await evaluate(
      {
        y: separableConvolution(parameters, x, { strides: 2 }),
        expected: convolution(dense, x, { strides: 2 }),
      },
      { x: image },
    );
    expect(y).toHaveLength(2 * 2 * 2);
    for (const [i, value] of expected.entries()) expect(y[i]).toBeCloseTo(value, 5);
  });

  it('refuse weights for another number of channels', () => {
    const { parameters } = initialise(convolutionParameters(2, 4, 3));
    expect(() => convolution(parameters, x)).toThrow(
      'the weight is for 2 channels in 1 group, the input has 3',
    );
  });
});
