import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { numbersOf, tensorData } from '../graph/dataType.ts';
import { type Graph, graphOf } from '../graph/graph.ts';
import { ModelProtoSchema } from '../graph/onnx/onnxMessages.ts';
import { add } from '../graph/operators/elementwise.ts';
import { matMul } from '../graph/operators/linearAlgebra.ts';
import { constant, input, parameter } from '../graph/tensor.ts';
import { loadOnnx } from './loadOnnx.ts';
import { saveOnnx } from './saveOnnx.ts';

const fixture = fileURLToPath(new URL('../../fixtures/engine/external/', import.meta.url));
const newFolder = () => mkdtempSync(join(tmpdir(), 'trainyard-onnx-'));

const x = input('x', 'float32', ['batch', 40]);
const values = Array.from({ length: 40 * 20 }, (_, i) => (i % 7) - 3);
const weight = parameter('weight', tensorData('float32', values, [40, 20]));
const bias = parameter('bias', tensorData('float32', values.slice(0, 20)));
const graph = graphOf({ y: add(matMul(x, weight), add(bias, constant(1))) });

async function run(path: string): Promise<Float32Array> {
  const session = await InferenceSession.create(path, { logSeverityLevel: 4 });
  const feeds = {
    x: new Tensor(
      'float32',
      Float32Array.from({ length: 80 }, (_, i) => i),
      [2, 40],
    ),
  };
  const { y } = await session.run(feeds);
  await session.release();
  return y.data as Float32Array;
}

const weightsOf = ({ inputs }: Graph) =>
  inputs.flatMap(({ node }) => (node.value ? [[node.name, [...numbersOf(node.value)]]] : []));

describe('ONNX files', () => {
  it('hold their weights, in one file or in two', async () => {
    const folder = newFolder();
    const [one, two] = [join(folder, 'one.onnx'), join(folder, 'two.onnx')];
    expect(await saveOnnx(one, graph)).toEqual([one]);
    expect(await saveOnnx(two, graph, { inlineLimit: 1000 })).toEqual([two, `${two}.data`]);
    expect(readdirSync(folder).sort()).toEqual(['one.onnx', 'two.onnx', 'two.onnx.data']);
    expect(readFileSync(two).length).toBeLessThan(1000);
    // The bias is too small to be worth a page.
    expect(readFileSync(`${two}.data`).length).toBe(4 * 800);
    expect(await run(two)).toEqual(await run(one));
    expect(weightsOf(await loadOnnx(two))).toEqual(weightsOf(graph));
    expect(weightsOf(await loadOnnx(one))).toEqual(weightsOf(graph));
  });

  it('lay large weights out in pages', async () => {
    const path = join(newFolder(), 'pages.onnx');
    const other = parameter('other', tensorData('float32', values, [20, 40]));
    await saveOnnx(path, graphOf({ y: matMul(matMul(x, weight), other) }), { inlineLimit: 0 });
    const model = fromBinary(ModelProtoSchema, readFileSync(path));
    const offsets = model.graph?.initializer.map(
      ({ externalData }) => externalData.find(({ key }) => key === 'offset')?.value,
    );
    expect(offsets).toEqual(['0', '4096']);
    expect(weightsOf(await loadOnnx(path)).map(([, one]) => one)).toEqual([values, values]);
  });

  it('take the values that training gave', async () => {
    const path = join(newFolder(), 'trained.onnx');
    const trained = tensorData('float32', new Float32Array(20).fill(9));
    await saveOnnx(path, graph, { values: { bias: trained } });
    expect(weightsOf(await loadOnnx(path))[1]).toEqual(['bias', [...numbersOf(trained)]]);
    await expect(saveOnnx(path, graph, { values: { b: trained } })).rejects.toThrow(
      'no parameter is called b',
    );
    const wrong = { bias: tensorData('float32', [1, 2]) };
    await expect(saveOnnx(path, graph, { values: wrong })).rejects.toThrow(
      'parameter bias is float32[20]; its value is float32[2]',
    );
  });

  it("are read with weights beside them, as Python's onnx writes them", async () => {
    const loaded = await loadOnnx(join(fixture, 'model.onnx'));
    expect(weightsOf(loaded).map(([name]) => name)).toEqual(['w', 'b']);
    const bytes = readFileSync(join(fixture, 'weights.bin'));
    const expected = [...new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 24))];
    expect(weightsOf(loaded)[0][1]).toEqual(expected);
  });

  it('must not lead out of their folder', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'inside'));
    const path = join(folder, 'inside', 'model.onnx');
    writeFileSync(join(folder, 'secret'), new Uint8Array(100));
    symlinkSync(join(folder, 'secret'), join(folder, 'inside', 'link'));
    for (const location of ['../secret', join(folder, 'secret'), 'a/../../secret', 'link', '.', 'a\0b']) {
      const model = fromBinary(ModelProtoSchema, readFileSync(join(fixture, 'model.onnx')));
      for (const { externalData } of model.graph?.initializer ?? []) {
        for (const entry of externalData) if (entry.key === 'location') entry.value = location;
      }
      writeFileSync(path, toBinary(ModelProtoSchema, model));
      await expect(loadOnnx(path), location).rejects.toThrow('outside the folder of the model');
    }
  });

  it('tell what is missing', async () => {
    const folder = newFolder();
    const path = join(folder, 'model.onnx');
    await expect(loadOnnx(path)).rejects.toThrow(`cannot read ${path}: ENOENT`);
    copyFileSync(join(fixture, 'model.onnx'), path);
    await expect(loadOnnx(path)).rejects.toThrow('cannot read the weights in weights.bin: ENOENT');
    copyFileSync(join(fixture, 'weights.bin'), join(folder, 'weights.bin'));
    truncateSync(join(folder, 'weights.bin'), 20);
    await expect(loadOnnx(path)).rejects.toThrow(
      'weights.bin has 20 bytes; weights are said to be at 0 to 24',
    );
    writeFileSync(path, 'not a model');
    await expect(loadOnnx(path)).rejects.toThrow(`${path}: not an ONNX model`);
  });

  it('appear whole or not at all', async () => {
    const folder = newFolder();
    const missing = join(folder, 'file');
    writeFileSync(missing, '');
    await expect(saveOnnx(join(missing, 'model.onnx'), graph)).rejects.toThrow('cannot write');
    await expect(saveOnnx(join(missing, 'm.onnx'), graph, { inlineLimit: 0 })).rejects.toThrow(
      'cannot write',
    );
    mkdirSync(join(folder, 'm.onnx.data'));
    await expect(saveOnnx(join(folder, 'm.onnx'), graph, { inlineLimit: 0 })).rejects.toThrow('cannot write');
    expect(existsSync(join(folder, 'm.onnx.data'))).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});
