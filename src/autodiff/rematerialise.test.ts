import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { type TensorData, tensorData } from '../graph/dataType.ts';
import { formatGraph } from '../graph/formatGraph.ts';
import { graphOf } from '../graph/graph.ts';
import { tanh } from '../graph/operators/activation.ts';
import { mul } from '../graph/operators/elementwise.ts';
import { matMul } from '../graph/operators/linearAlgebra.ts';
import { reduceMean } from '../graph/operators/reduction.ts';
import { simplify } from '../graph/simplify.ts';
import { input, parameter, type Tensor } from '../graph/tensor.ts';
import { compile } from '../runtime/compile.ts';
import { gradient } from './gradient.ts';
import { rematerialise } from './rematerialise.ts';

const random = randomStream(1, 'rematerialise');
const normal = (...shape: number[]) =>
  tensorData(
    'float32',
    Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()),
    shape,
  );
const weights = [0, 1, 2, 3].map((i) => parameter(`w${i}`, normal(4, 4)));
const x = input('x', 'float32', ['batch', 4]);
const layer = (weight: Tensor) => (h: Tensor) => tanh(mul(matMul(h, weight), h));

async function slopesOf(loss: Tensor, fed: TensorData): Promise<Record<string, TensorData>> {
  const slopes = Object.fromEntries(gradient(loss, [x, ...weights]).map((slope, i) => [`d${i}`, slope]));
  const program = await compile(graphOf({ loss, ...slopes }));
  const results = await program.run({ x: fed });
  await program.release();
  return results;
}

describe('rematerialise', () => {
  const plain = reduceMean(weights.reduce((h, weight) => layer(weight)(h), x));

  it('changes no value and no gradient, for batches of any size', async () => {
    const loss = reduceMean(weights.reduce((h, weight) => rematerialise(layer(weight), h), x));
    for (const batch of [5, 1]) {
      const fed = normal(batch, 4);
      expect(await slopesOf(loss, fed)).toEqual(await slopesOf(plain, fed));
    }
  });

  it('may be nested', async () => {
    const [a, b, c, d] = weights.map(layer);
    const loss = reduceMean(rematerialise((h) => d(rematerialise((g) => c(b(g)), a(h))), x));
    const fed = normal(3, 4);
    expect(await slopesOf(loss, fed)).toEqual(await slopesOf(plain, fed));
  });

  it('computes the block again', () => {
    const loss = reduceMean(
      rematerialise((h) => layer(weights[1])(layer(weights[0])(h)), layer(weights[2])(x)),
    );
    const text = formatGraph(simplify(graphOf({ loss, slope: gradient(loss, weights[0]) })));
    // Three layers forward, and the two of the block again.
    expect(text.match(/= Tanh\(/g)).toHaveLength(5);
  });
});
