import { numbersOf, type TensorData } from '../../graph/dataType.ts';
import { graphOf } from '../../graph/graph.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { compile } from '../../runtime/compile.ts';

/** Runs tensors once; their elements as plain numbers. */
export async function evaluate<Name extends string>(
  outputs: Readonly<Record<Name, Tensor>>,
  feeds: Readonly<Record<string, TensorData>> = {},
): Promise<Record<Name, number[]>> {
  const program = await compile(graphOf(outputs));
  const results = await program.run(feeds);
  await program.release();
  const numbers = Object.entries(results).map(([name, value]) => [name, [...numbersOf(value)]]);
  return Object.fromEntries(numbers) as Record<Name, number[]>;
}
