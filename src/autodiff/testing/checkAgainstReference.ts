import { expect } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { numbersOf, sizeOf, type TensorData, tensorData } from '../../graph/dataType.ts';
import type { Shape } from '../../graph/dimension.ts';
import { graphOf } from '../../graph/graph.ts';
import { mul } from '../../graph/operators/elementwise.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { createNode, input, inputOperator, type Tensor } from '../../graph/tensor.ts';
import { compile } from '../../runtime/compile.ts';
import { gradient } from '../gradient.ts';
import type { Values } from './windowReference.ts';

/** What {@link checkAgainstReference} takes. */
export interface ReferenceCheck {
  readonly shapes: readonly (readonly number[])[];
  /** Shapes with names, that the graph is made for; default: the same. */
  readonly named?: readonly Shape[] | undefined;
  readonly run: (...inputs: Tensor[]) => Tensor;
  readonly reference: (...inputs: Values[]) => Values;
  /** Default: normal, with three digits. */
  readonly values?: readonly (readonly number[])[] | undefined;
}

/**
 * Fails unless a function in float32 agrees with a reference in float64: in its values, and in the gradient of its sum,
 * weighted by random numbers, with central differences of the reference; both to 1e-5 of the largest.
 */
export async function checkAgainstReference({
  shapes,
  named = shapes,
  run,
  reference,
  values,
}: ReferenceCheck): Promise<void> {
  const random = randomStream(3, 'checkAgainstReference');
  const draw = (shape: readonly number[]): Values => ({
    shape,
    data: Float64Array.from({ length: sizeOf(shape) }, () => Math.round(random.normal() * 1000) / 1000),
  });
  const given = shapes.map((shape, i) =>
    values?.[i] ? { shape, data: Float64Array.from(values[i]) } : draw(shape),
  );
  const expected = reference(...given);
  const weights = draw(expected.shape);

  const inputs = named.map((shape, i) => input(`x${i}`, 'float32', shape));
  const output = run(...inputs);
  // Made past `input`, which takes no sums of names as sizes.
  const [weightsInput] = createNode({ operator: inputOperator, name: 'weights', types: [output] }).outputs;
  const loss = reduceSum(mul(output, weightsInput));
  const slopes = Object.fromEntries(gradient(loss, inputs).map((slope, i) => [`d${i}`, slope]));
  const program = await compile(graphOf({ output, ...slopes }, { inputs: [...inputs, weightsInput] }));
  const feeds: Record<string, TensorData> = { weights: tensorData('float32', weights.data, weights.shape) };
  for (const [i, { data, shape }] of given.entries()) feeds[`x${i}`] = tensorData('float32', data, shape);
  const results = await program.run(feeds);
  await program.release();

  expect(results.output.shape).toEqual(expected.shape);
  expectClose(numbersOf(results.output), expected.data, 'output');
  for (const [i, { data }] of given.entries()) {
    const lossAt = () => reference(...given).data.reduce((sum, value, k) => sum + value * weights.data[k], 0);
    const slope = data.map((before, k) => {
      data[k] = before + 1e-4;
      const up = lossAt();
      data[k] = before - 1e-4;
      const down = lossAt();
      data[k] = before;
      return (up - down) / 2e-4;
    });
    expectClose(numbersOf(results[`d${i}`]), slope, `slope of input ${i}`);
  }
}

function expectClose(found: Float64Array, expected: Float64Array, what: string): void {
  expect(found.length).toBe(expected.length);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]) / scale), 0);
  expect(worst, `${what}: ${found} against ${expected}`).toBeLessThan(1e-5);
}
