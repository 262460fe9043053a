import { expect } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { type DataType, numbersOf, sizeOf, type TensorData, tensorData } from '../../graph/dataType.ts';
import { graphOf } from '../../graph/graph.ts';
import { mul } from '../../graph/operators/elementwise.ts';
import { reduceSum } from '../../graph/operators/reduction.ts';
import { input, type Tensor } from '../../graph/tensor.ts';
import { compile } from '../../runtime/compile.ts';
import { gradient } from '../gradient.ts';

/** How {@link checkGradient} checks. */
export interface CheckOptions {
  /** Default float64; float32 for operators that ONNX Runtime has no float64 kernel for. */
  readonly dtype?: DataType | undefined;
  /** Values of the inputs; default: normal. */
  readonly values?: readonly (readonly number[])[] | undefined;
  /** Largest difference between the two, relative to the largest slope. Default 1e-7, or 2e-2 in float32. */
  readonly tolerance?: number | undefined;
  /** Default 1e-5 (1e-2 in float32). */
  readonly step?: number | undefined;
}

/**
 * Fails unless the gradient of a function agrees with central differences: of the sum of its outputs, each weighted
 * by a random number, with respect to every element of every input.
 */
export async function checkGradient(
  shapes: readonly (readonly number[])[],
  f: (...inputs: Tensor[]) => Tensor,
  options: CheckOptions = {},
): Promise<void> {
  const { dtype = 'float64' } = options;
  const exact = dtype === 'float64';
  const { step = exact ? 1e-5 : 1e-2, tolerance = exact ? 1e-7 : 2e-2 } = options;
  const random = randomStream(7, 'checkGradient');
  const inputs = shapes.map((shape, i) => input(`x${i}`, dtype, shape));
  const output = f(...inputs);
  const weights = input('weights', dtype, output.shape);
  const loss = reduceSum(mul(output, weights));
  const slopes = Object.fromEntries(gradient(loss, inputs).map((slope, i) => [`d${i}`, slope]));
  const program = await compile(graphOf({ loss, ...slopes }, { inputs: [...inputs, weights] }));

  const feeds: Record<string, TensorData> = {};
  for (const [i, shape] of shapes.entries()) {
    const given = options.values?.[i] ?? Array.from({ length: sizeOf(shape) }, () => random.normal());
    feeds[`x${i}`] = tensorData(dtype, given, shape);
  }
  const outputShape = output.shape as readonly number[];
  feeds.weights = tensorData(
    dtype,
    Array.from({ length: sizeOf(outputShape) }, () => random.normal()),
    outputShape,
  );
  const results = await program.run(feeds);
  for (const [i] of shapes.entries()) {
    const data = feeds[`x${i}`].data as Float64Array;
    const found = numbersOf(results[`d${i}`]);
    const expected = new Float64Array(data.length);
    for (let k = 0; k < data.length; k++) {
      const before = data[k];
      data[k] = before + step;
      const above = data[k];
      const up = numbersOf((await program.run(feeds)).loss)[0];
      data[k] = before - step;
      const down = numbersOf((await program.run(feeds)).loss)[0];
      expected[k] = (up - down) / (above - data[k]);
      data[k] = before;
    }
    const scale = Math.max(1, ...expected.map(Math.abs));
    const worst = found.reduce((most, value, k) => Math.max(most, Math.abs(value - expected[k])), 0);
    expect(found.length).toBe(expected.length);
    expect(worst / scale, `input ${i}: ${found} against ${expected}`).toBeLessThan(tolerance);
  }
  await program.release();
}
