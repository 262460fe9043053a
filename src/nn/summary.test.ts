import { describe, expect, it } from 'vitest';
import { relu } from '../graph/operators/activation.ts';
import { mul } from '../graph/operators/elementwise.ts';
import { input } from '../graph/tensor.ts';
import { attentionParameters, multiHeadAttention } from './layers/attention.ts';
import { linear, linearParameters } from './layers/linear.ts';
import { mlp, mlpParameters } from './layers/mlp.ts';
import { nasNet, nasNetParameters, nasNetSizes } from './models/nasNet.ts';
import { resNet, resNet18Parameters, resNet50Parameters } from './models/resNet.ts';
import { formatSummary, summarise } from './summary.ts';

describe('summarise', () => {
  it('counts a small network by hand', () => {
    const x = input('x', 'float32', ['batch', 4]);
    const summary = summarise(mlpParameters([4, 8, 3]), (p) => mlp(p, mul(x, 2)), { sizes: { batch: 10 } });
    expect(summary).toEqual({
      rows: [
        {
          name: '(input)',
          operators: ['Mul'],
          shape: ['batch', 4],
          parameters: 0,
          flops: 40,
          activationBytes: 160,
        },
        {
          name: '0',
          operators: ['Gemm', 'Relu'],
          shape: ['batch', 8],
          parameters: 40,
          flops: 2 * 10 * 4 * 8 + 80,
          activationBytes: 2 * 320,
        },
        {
          name: '1',
          operators: ['Gemm'],
          shape: ['batch', 3],
          parameters: 27,
          flops: 2 * 10 * 8 * 3,
          activationBytes: 120,
        },
      ],
      parameters: 67,
      flops: 40 + 720 + 480,
      activationBytes: 160 + 640 + 120,
    });
    expect(formatSummary(summary)).toBe(
      [
        'layer    operators  shape       parameters  flops  activations',
        '(input)  Mul        [batch, 4]           0     40        160 B',
        '0        Gemm Relu  [batch, 8]          40    720        640 B',
        '1        Gemm       [batch, 3]          27    480        120 B',
        'total                                   67  1.2 k        920 B',
      ].join('\n'),
    );
  });

  it.each([
    // Multiplications with additions as torchvision lists them, and as the NASNet paper has them (564 M, 23.8 G).
    ['ResNet-18', 1.814e9, 0.01, summariseResNet(resNet18Parameters())],
    ['ResNet-50', 4.089e9, 0.015, summariseResNet(resNet50Parameters())],
    ['NASNet-A Mobile', 564e6, 0.03, summariseNasNet('mobile', 224)],
    ['NASNet-A Large', 23.8e9, 0.03, summariseNasNet('large', 331)],
  ] as const)('comes to the published costs of %s', (_, multiplyAdds, tolerance, { flops }) => {
    expect(Math.abs(flops / 2 / multiplyAdds - 1)).toBeLessThan(tolerance);
  });

  it('joins rows by the first parts of their names', () => {
    const { rows } = summariseResNet(resNet18Parameters(), 1);
    expect(rows.map(({ name }) => name)).toEqual([
      'conv1',
      'bn1',
      'layer1',
      'layer2',
      'layer3',
      'layer4',
      'fc',
    ]);
    expect(rows.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(11_689_512);
  });

  it('takes named sizes, and a model that is one layer', () => {
    const x = input('x', 'float32', ['batch', 'steps', 8]);
    const attention = summarise(attentionParameters(8), (p) => multiHeadAttention(p, x, { heads: 2 }), {
      sizes: { batch: 2, steps: 5 },
    });
    // Four layers, then scores and values.
    const products = 4 * (2 * 2 * 5 * 8 * 8) + 2 * (2 * 2 * 5 * 5 * 8);
    expect(attention.flops).toBeGreaterThan(products);
    expect(attention.flops).toBeLessThan(1.3 * products);
    const single = summarise(linearParameters(8, 2), (p) => relu(linear(p, x)));
    expect(single.rows.map(({ name, parameters }) => [name, parameters])).toContainEqual(['(model)', 18]);
  });
});

function summariseResNet(plans: ReturnType<typeof resNet18Parameters>, depth?: number) {
  const images = input('images', 'float32', ['batch', 3, 224, 224]);
  return summarise(plans, (parameters) => resNet(parameters, images), { depth });
}

function summariseNasNet(size: keyof typeof nasNetSizes, pixels: number) {
  const images = input('images', 'float32', ['batch', 3, pixels, pixels]);
  return summarise(nasNetParameters(nasNetSizes[size]), (p) => nasNet(nasNetSizes[size], p, images), {
    depth: 2,
  });
}
