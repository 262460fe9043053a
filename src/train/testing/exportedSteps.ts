import { randomStream } from '../../core/random.ts';
import { sizeOf, tensorData } from '../../graph/dataType.ts';
import { relu, tanh } from '../../graph/operators/activation.ts';
import { conv } from '../../graph/operators/convolution.ts';
import { add, mul, neg } from '../../graph/operators/elementwise.ts';
import { gemm } from '../../graph/operators/linearAlgebra.ts';
import { reshape } from '../../graph/operators/movement.ts';
import { batchNormalizationTraining, logSoftmax } from '../../graph/operators/normalization.ts';
import { maxPool } from '../../graph/operators/pooling.ts';
import { reduceMean, reduceSum } from '../../graph/operators/reduction.ts';
import { input, parameter, type Tensor } from '../../graph/tensor.ts';
import type { OptimizerOptions } from '../../optim/optimizer.ts';
import type { OptimizerRule } from '../../optim/optimizerRule.ts';
import { adagrad, adam, adamW, rmsProp, sgd } from '../../optim/optimizers.ts';

/** A model with its loss and how it is trained. */
export interface ExportedStep {
  readonly loss: Tensor;
  readonly parameters: readonly Tensor[];
  readonly rule: OptimizerRule;
  readonly options: OptimizerOptions;
}

/**
 * What fixtures/engine/trainingSteps.py trains with Python's ONNX Runtime: every optimiser, every option of updates. The
 * inputs are `image` [batch, 1, 8, 8] and `target` [batch, 3], one 1 a row.
 */
export const exportedSteps: Readonly<Record<string, () => ExportedStep>> = {
  adam: () => ({ ...network('adam'), rule: adam({ learningRate: 0.01 }), options: { weightDecay: 0.01 } }),
  adamClipped: () => ({
    ...network('adamClipped'),
    rule: adam(),
    options: {
      clipNorm: 0.5,
      averageDecay: 0.9,
      groups: [{ matches: (name) => name.includes('bias'), weightDecay: 0, learningRateScale: 10 }],
    },
  }),
  adamW: () => ({ ...network('adamW'), rule: adamW({ beta2: 0.99 }), options: { weightDecay: 0.1 } }),
  sgd: () => ({
    ...network('sgd'),
    rule: sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true }),
    options: { clipValue: 0.1 },
  }),
  rmsProp: () => ({ ...network('rmsProp'), rule: rmsProp({ momentum: 0.5 }), options: {} }),
  adagrad: () => ({ ...network('adagrad'), rule: adagrad(), options: { weightDecay: 0.01 } }),
};

/** A convolution, batch normalisation, pooling, two dense layers, cross-entropy. */
function network(seed: string): Pick<ExportedStep, 'loss' | 'parameters'> {
  const random = randomStream(1, seed);
  const weight = (name: string, shape: readonly number[], scale: number) =>
    parameter(
      name,
      tensorData(
        'float32',
        Array.from({ length: sizeOf(shape) }, () => scale * random.normal()),
        shape,
      ),
    );
  const image = input('image', 'float32', ['batch', 1, 8, 8]);
  const target = input('target', 'float32', ['batch', 3]);
  const kernel = weight('conv.weight', [2, 1, 3, 3], 0.3);
  const scale = weight('norm.weight', [2], 1);
  const shift = weight('norm.bias', [2], 0.1);
  const first = weight('first.weight', [32, 4], 0.1);
  const firstBias = weight('first.bias', [4], 0.1);
  const second = weight('second.weight', [4, 3], 0.4);
  const secondBias = weight('second.bias', [3], 0.1);
  const seen = batchNormalizationTraining(conv(image, kernel, undefined, { pads: 1 }), scale, shift).y;
  const pooled = maxPool(relu(seen), 2, { strides: 2 });
  const flat = reshape(pooled, ['batch', 32]);
  const hidden = tanh(gemm(flat, first, firstBias));
  const logits = add(gemm(hidden, second), secondBias);
  const loss = neg(reduceMean(reduceSum(mul(target, logSoftmax(logits)), { axes: [1] })));
  return { loss, parameters: [kernel, scale, shift, first, firstBias, second, secondBias] };
}
