import { describe, expect, it } from 'vitest';
import { numbersOf, tensorData } from '../graph/dataType.ts';
import { graphOf } from '../graph/graph.ts';
import { matMul } from '../graph/operators/linearAlgebra.ts';
import { expand } from '../graph/operators/movement.ts';
import { reduceSum } from '../graph/operators/reduction.ts';
import { input, parameter } from '../graph/tensor.ts';
import { compile } from './compile.ts';

const x = input('x', 'float32', ['batch', 3]);
const z = input('z', 'float32', [3, 'batch']);
const weight = parameter('weight', tensorData('float32', [1, 2, 3], [3, 1]));
const graph = graphOf({ y: matMul(x, weight), p: matMul(z, x) });
const feeds = { x: tensorData('float32', [1, 1, 1], [1, 3]), z: tensorData('float32', [1, 1, 1], [3, 1]) };

describe('programs', () => {
  it('run on as many threads as they are told to', async () => {
    for (const threads of [0, 1, 2]) {
      const program = await compile(graph, { threads });
      const { y } = await program.run(feeds);
      expect([...numbersOf(y)]).toEqual([6]);
      await program.release();
    }
  });

  it('take other values for parameters, unless those are fixed', async () => {
    const other = tensorData('float32', [2, 2, 2], [3, 1]);
    const program = await compile(graph);
    expect([...numbersOf((await program.run({ ...feeds, weight: other })).y)]).toEqual([6]);
    expect([...numbersOf((await program.run(feeds)).y)]).toEqual([6]);
    await program.release();
    const fixed = await compile(graph, { fixedParameters: true });
    expect([...numbersOf((await fixed.run(feeds)).y)]).toEqual([6]);
    await expect(fixed.run({ ...feeds, weight: other })).rejects.toThrow(
      'no input is called weight; the inputs are x, z',
    );
    await fixed.release();
  });

  it('name the tensor that is fed wrongly', async () => {
    const program = await compile(graph);
    const fails = (wrong: object, message: string) =>
      expect(program.run({ ...feeds, ...wrong })).rejects.toThrow(message);
    await fails({ x: undefined }, 'input x is not fed; expected float32[batch, 3]');
    await fails({ u: feeds.x }, 'no input is called u; the inputs are x, z, weight');
    const wide = tensorData('float64', [1, 1, 1], [1, 3]);
    await fails({ x: wide }, 'input x is fed float64[1, 3] with 3 elements; expected float32[batch, 3]');
    await fails({ x: tensorData('float32', [1, 1], [1, 2]) }, 'input x is fed float32[1, 2]');
    await fails({ x: tensorData('float32', [1, 1], [1, 3]) }, 'with 2 elements');
    await fails({ x: tensorData('float32', [1, 1, 1]) }, 'input x is fed float32[3]');
    await fails(
      { z: tensorData('float32', [1, 1, 1, 1, 1, 1], [3, 2]) },
      'batch is 1 in one input and 2 in z, axis 1',
    );
    await expect(program.run(feeds, { y: new Float32Array(2) })).rejects.toThrow(
      'output y cannot be written into Float32Array of 2; expected float32[1, 1]',
    );
    await expect(program.run(feeds, { q: new Float32Array(2) })).rejects.toThrow('no output is called q');
    await program.release();
  });

  it('write into arrays that are given', async () => {
    const program = await compile(graph);
    const into = { y: new Float32Array(1) };
    const { y } = await program.run(feeds, into);
    expect(y.data).toBe(into.y);
    expect([...into.y]).toEqual([6]);
    await program.release();
  });

  it('do not run once released', async () => {
    const program = await compile(graph);
    await program.release();
    await program.release();
    await expect(program.run(feeds)).rejects.toThrow('the program was released');
  });

  it('tell which device there is not', async () => {
    await expect(compile(graph, { devices: ['tpu' as 'cpu'] })).rejects.toThrow(
      /ONNX Runtime was not built for tpu on this platform; it runs on cpu/,
    );
    // Built for all of them on Linux, but few machines have them.
    for (const device of ['cuda', 'webgpu'] as const) {
      const program = await compile(graph, { devices: [device] }).catch((error: Error) => error);
      if (program instanceof Error) expect(program.message).toMatch(new RegExp(`for ${device}\\b`));
      else {
        expect([...numbersOf((await program.run(feeds)).y)]).toEqual([6]);
        await program.release();
      }
    }
  });

  it('tell when memory is used up', async () => {
    const one = input('one', 'float32', [1, 1]);
    const huge = reduceSum(expand(one, [2 ** 22, 2 ** 22]));
    const program = await compile(graphOf({ huge }));
    const failure = await program.run({ one: tensorData('float32', [1], [1, 1]) }).catch((error) => error);
    expect(failure.message).toMatch(/^the graph cannot run: /);
    expect(failure.remedy).toMatch(/^memory is used up/);
    await program.release();
  });
});
