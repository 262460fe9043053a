import { describe, expect, it } from 'vitest';
import { graphOf } from '../graph.ts';
import { writeOnnx } from '../onnx/writeOnnx.ts';
import { applyOne } from '../operator.ts';
import { input } from '../tensor.ts';
import { conv, convolution, convTranspose } from './convolution.ts';
import { averagePool, globalAveragePool, maxPool, maxPoolWithIndices, pooling } from './pooling.ts';

const image = input('image', 'float32', ['batch', 4, 'height', 'width']);
const weight = input('weight', 'float32', [6, 4, 3, 3]);

describe('shapes of convolutions', () => {
  it('follow from kernel, strides, pads and dilations', () => {
    const x = input('x', 'float32', [2, 4, 9, 8]);
    expect(conv(x, weight).shape).toEqual([2, 6, 7, 6]);
    expect(conv(x, weight, undefined, { strides: [2, 3], pads: 1 }).shape).toEqual([2, 6, 5, 3]);
    expect(conv(x, weight, undefined, { dilations: 2, pads: [0, 1, 2, 3] }).shape).toEqual([2, 6, 7, 8]);
    expect(conv(x, weight, undefined, { pads: 'same', strides: 2 }).shape).toEqual([2, 6, 5, 4]);
    expect(applyOne(convolution.Conv, [x, weight], { auto_pad: 'VALID', strides: [2, 2] }).shape).toEqual([
      2, 6, 4, 3,
    ]);
    const back = input('back', 'float32', [4, 5, 3, 3]);
    expect(convTranspose(x, back, undefined, { strides: 2 }).shape).toEqual([2, 5, 19, 17]);
    expect(convTranspose(x, back, undefined, { strides: 2, pads: 1, outputPadding: [1, 0] }).shape).toEqual([
      2, 5, 18, 15,
    ]);
    expect(
      applyOne(convolution.ConvTranspose, [x, back], { strides: [2, 2], output_shape: [18, 17] }).shape,
    ).toEqual([2, 5, 18, 17]);
  });

  it('carry the names of sizes that are not known yet', () => {
    expect(conv(image, weight, undefined, { pads: 1 }).shape).toEqual(['batch', 6, 'height', 'width']);
    expect(conv(image, weight, undefined, { pads: 1, strides: 2 }).shape).toEqual([
      'batch',
      6,
      'floor((height + 1)/2)',
      'floor((width + 1)/2)',
    ]);
    expect(conv(image, weight, undefined, { pads: 'same', strides: 2 }).shape).toEqual([
      'batch',
      6,
      'floor((height + 1)/2)',
      'floor((width + 1)/2)',
    ]);
    expect(maxPool(image, 2).shape).toEqual(['batch', 4, 'floor(height/2)', 'floor(width/2)']);
    expect(maxPool(image, 3, { strides: 2, ceilMode: true }).shape[2]).toBe('floor(height/2)');
    expect(globalAveragePool(image).shape).toEqual(['batch', 4, 1, 1]);
  });
});

describe('convolutions that do not fit are named with what was met', () => {
  const x = input('x', 'float32', [2, 4, 9, 8]);

  it('for channels, groups and biases', () => {
    const narrow = input('narrow', 'float32', [6, 3, 3, 3]);
    expect(() => conv(x, narrow)).toThrow(/the weight is for 3 channels in 1 group, the input has 4, at /);
    expect(() => conv(x, input('w', 'float32', [3, 2, 1, 1]), undefined, { groups: 2 })).toThrow(
      /2 groups do not divide 3 outputs/,
    );
    expect(() => conv(x, weight, input('bias', 'float32', [5]))).toThrow(/expected a bias of \[6\]/);
    expect(() => conv(x, weight, undefined, { groups: 0 })).toThrow(/0 groups/);
    expect(() => convTranspose(x, weight)).toThrow(/the weight is for 6 channels, the input has 4/);
  });

  it('for types and numbers of axes', () => {
    expect(() => conv(x, input('w', 'float64', [6, 4, 3, 3]))).toThrow(/element types differ/);
    expect(() => conv(x, input('w', 'float32', [6, 4, 3]))).toThrow(/a weight of as many axes/);
    expect(() => conv(x, input('w', 'float32', [6, 4, 'kernel', 3]))).toThrow(
      /kernel_shape is \["kernel",3\]/,
    );
    expect(() => averagePool(input('ints', 'int32', [1, 1, 4]), 2)).toThrow(/expected floats/);
  });

  it('for windows', () => {
    expect(() => conv(x, weight, undefined, { dilations: 4 })).toThrow(
      /a window over 9 elements does not fit into the 8 of spatial axis 1/,
    );
    expect(() => conv(x, weight, undefined, { strides: 0 })).toThrow(/strides are \[0, 0\]/);
    expect(() => conv(x, weight, undefined, { strides: [1, 1, 1] })).toThrow(/expected 2 numbers above 0/);
    expect(() => conv(x, weight, undefined, { pads: -1 })).toThrow(/pads are \[-1, -1, -1, -1\]/);
    expect(() => maxPool(x, 2, { pads: 2 })).toThrow(/pads of spatial axis 0 are not below its kernel, 2/);
    expect(() => maxPool(x, [2])).toThrow(/a size for each spatial axis/);
    expect(() => applyOne(pooling.AveragePool, [x])).toThrow(/a size for each spatial axis/);
    expect(() =>
      convTranspose(x, input('w', 'float32', [4, 2, 3, 3]), undefined, { outputPadding: 1 }),
    ).toThrow(/an output padding of 1 is not below the stride/);
    expect(() => maxPool(image, 2, { strides: 3, ceilMode: true })).toThrow(
      /ceil_mode needs to know size height/,
    );
  });
});

it('leaves out the indices of MaxPool where nothing reads them, since computing them takes time', () => {
  const { values, indices } = maxPoolWithIndices(image, 2);
  const model = (outputs: Parameters<typeof graphOf>[0]) => writeOnnx(graphOf(outputs)).length;
  const text = (outputs: Parameters<typeof graphOf>[0]) =>
    new TextDecoder('latin1').decode(writeOnnx(graphOf(outputs)));
  expect(text({ values })).not.toContain('maxpool_2');
  expect(text({ values, indices })).toContain('indices');
  expect(model({ values })).toBeLessThan(model({ values, indices }));
});
