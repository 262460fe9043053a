import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { gradient } from '../../autodiff/gradient.ts';
import { randomStream } from '../../core/random.ts';
import { compile } from '../../runtime/compile.ts';
import { sizeOf, tensorData } from '../dataType.ts';
import { graphOf, nodesOf } from '../graph.ts';
import { mul } from '../operators/elementwise.ts';
import { reduceSum } from '../operators/reduction.ts';
import { readOnnx } from './readOnnx.ts';
import { writeOnnx } from './writeOnnx.ts';

const url = new URL('../../../fixtures/engine/light.json.gz', import.meta.url);
const models: Record<string, string> = JSON.parse(gunzipSync(readFileSync(url)).toString());
const bytesOf = (name: string) => Buffer.from(models[name], 'base64');
const random = randomStream(1, 'lightModels');

describe('models that the onnx package ships', () => {
  it.each(Object.keys(models))('are read and differentiated with respect to every weight: %s', (name) => {
    const graph = readOnnx(bytesOf(name));
    const nodes = nodesOf(graph.outputs.values());
    expect(nodes.filter(({ foreign }) => foreign)).toEqual([]);
    // Their weights are one number each, spread to a shape.
    const weights = nodes.flatMap(({ operator, outputs }) => (operator === 'ConstantOfShape' ? outputs : []));
    expect(weights.length).toBeGreaterThan(10);
    const [y] = graph.outputs.values();
    const slopes = gradient(reduceSum(mul(y, y)), weights);
    expect(slopes.map(({ shape }) => shape)).toEqual(weights.map(({ shape }) => shape));
  });

  // The others have layers of hundreds of megabytes.
  it.each(['inception_v1', 'resnet50', 'shufflenet', 'squeezenet'])(
    'run the same to the bit when written back, and have finite gradients: %s',
    async (name) => {
      const graph = readOnnx(bytesOf(name));
      const [x] = graph.inputs.filter(({ node }) => !node.value);
      const shape = x.shape as readonly number[];
      const values = Float32Array.from({ length: sizeOf(shape) }, () => random.normal());
      const feeds = { [x.node.name ?? '']: new Tensor('float32', values, shape) };
      const results: unknown[] = [];
      for (const bytes of [bytesOf(name), writeOnnx(graph)]) {
        const options = { intraOpNumThreads: 1, logSeverityLevel: 4 } as const;
        const session = await InferenceSession.create(bytes, options);
        const found = await session.run(feeds);
        results.push(session.outputNames.map((one) => [one, found[one].dims, found[one].data]));
        await session.release();
      }
      expect(results[1]).toEqual(results[0]);

      const weights = nodesOf(graph.outputs.values()).flatMap(({ operator, outputs }) =>
        operator === 'ConstantOfShape' ? outputs : [],
      );
      const [y] = graph.outputs.values();
      const slopes = gradient(reduceSum(mul(y, y)), weights);
      const program = await compile(graphOf(Object.fromEntries(slopes.map((slope, i) => [`${i}`, slope]))));
      const found = await program.run({ [x.node.name ?? '']: tensorData('float32', values, shape) });
      for (const { data } of Object.values(found)) {
        expect((data as Float32Array).every(Number.isFinite)).toBe(true);
        expect((data as Float32Array).some((one) => one !== 0)).toBe(true);
      }
      await program.release();
    },
  );
});
