import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TrainyardError } from '../core/errors.ts';
import { type DataType, dataTypes, numbersOf, type TensorData, tensorData } from '../graph/dataType.ts';
import { graphOf } from '../graph/graph.ts';
import { conv } from '../graph/operators/convolution.ts';
import { gemm } from '../graph/operators/linearAlgebra.ts';
import { flatten } from '../graph/operators/movement.ts';
import { batchNormalization } from '../graph/operators/normalization.ts';
import { constant } from '../graph/tensor.ts';
import { compile } from '../runtime/compile.ts';
import { fromOthers, pytorchNames, toOthers } from './renameWeights.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import { loadSafetensors, saveSafetensors } from './safetensorsFile.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/engine/${name}`, import.meta.url));
const types = readFileSync(fixture('types.safetensors'));
const newPath = () => join(mkdtempSync(join(tmpdir(), 'trainyard-safetensors-')), 'a.safetensors');

describe('safetensors', () => {
  it("are read as Python's library wrote them, in every type", () => {
    const { tensors, metadata } = readSafetensors(types);
    expect(metadata).toEqual({ author: 'ü' });
    for (const dtype of Object.keys(dataTypes) as DataType[]) {
      if (dtype === 'string') continue;
      expect(tensors[dtype].dtype).toBe(dtype);
      expect(tensors[dtype].shape).toEqual([2, 2]);
      expect([...numbersOf(tensors[dtype])]).toEqual(dtype === 'bool' ? [0, 1, 1, 1] : [0, 1, 2, 100]);
    }
    expect(tensors.scalar).toEqual(tensorData('float32', [1.5], []));
    expect(tensors.empty).toEqual(tensorData('float32', [], [0, 3]));
    expect(tensors['7']).toEqual(tensors['ü "7"']);
  });

  it("are written as Python's library writes them, to the byte", async () => {
    for (const name of ['types', 'torch']) {
      const expected = readFileSync(fixture(`${name}.safetensors`));
      const { tensors, metadata } = readSafetensors(expected);
      expect(Buffer.from(writeSafetensors(tensors, metadata))).toEqual(expected);
      const path = newPath();
      await saveSafetensors(path, tensors, metadata);
      expect(readFileSync(path)).toEqual(expected);
      expect(readdirSync(join(path, '..'))).toEqual(['a.safetensors']);
    }
  });

  it('are read in part where only some tensors are wanted', async () => {
    const { tensors } = await loadSafetensors(fixture('types.safetensors'), { names: ['int8', 'scalar'] });
    expect(Object.keys(tensors)).toEqual(['int8', 'scalar']);
    expect((await loadSafetensors(fixture('types.safetensors'))).tensors).toEqual(
      readSafetensors(types).tensors,
    );
    await expect(loadSafetensors(fixture('types.safetensors'), { names: ['x'] })).rejects.toThrow(
      'no tensor is called x; there are',
    );
  });

  it("carry a PyTorch model's weights into a graph that gives the same", async () => {
    const rules = [
      { ours: 'conv.*', theirs: '0.*' },
      { ours: 'norm.runningMean', theirs: '1.running_mean' },
      { ours: 'norm.runningVariance', theirs: '1.running_var' },
      { ours: undefined, theirs: '*.num_batches_tracked' },
      { ours: 'norm.*', theirs: '1.*' },
      { ours: 'head.*', theirs: '3.*' },
    ];
    const { tensors } = await loadSafetensors(fixture('torch.safetensors'));
    const weights = fromOthers(tensors, rules);
    const w = (name: string) => constant(weights[name]);
    const x = constant(
      tensorData(
        'float32',
        Array.from({ length: 36 }, (_, i) => i / 8),
        [2, 2, 3, 3],
      ),
    );
    const seen = conv(x, w('conv.weight'), w('conv.bias'));
    const [scale, bias] = [w('norm.weight'), w('norm.bias')];
    const normed = batchNormalization(seen, scale, bias, w('norm.runningMean'), w('norm.runningVariance'));
    const y = gemm(flatten(normed), w('head.weight'), w('head.bias'), { transB: true });
    const program = await compile(graphOf({ y }));
    const found = [...numbersOf((await program.run({})).y)];
    const expected: number[] = JSON.parse(readFileSync(fixture('torchOutput.json'), 'utf8'));
    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 5);
    await program.release();
    const { '1.num_batches_tracked': _, ...kept } = tensors;
    expect(toOthers(weights, rules)).toEqual(kept);
  });

  it('come back as they went, whatever is in them', () => {
    const number = fc.integer({ min: 0, max: 100 });
    const one: fc.Arbitrary<TensorData> = fc
      .tuple(
        fc.constantFrom<DataType>('float32', 'float16', 'bfloat16', 'int64', 'uint8', 'int16', 'float64'),
        fc.array(fc.nat(3), { maxLength: 3 }),
        number,
      )
      .map(([dtype, shape, start]) => {
        const size = shape.reduce((a, b) => a * b, 1);
        return tensorData(
          dtype,
          Array.from({ length: size }, (_, i) => start + i),
          shape,
        );
      });
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), one),
        fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
        (tensors, metadata) => {
          const back = readSafetensors(writeSafetensors(tensors, metadata));
          expect(new Map(Object.entries(back.tensors))).toEqual(new Map(Object.entries(tensors)));
          expect(back.metadata).toEqual(metadata);
        },
      ),
    );
  });
});

describe('bad safetensors', () => {
  const broken = (header: string, data = 4) => {
    const text = new TextEncoder().encode(header);
    const bytes = new Uint8Array(8 + text.length + data);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
    bytes.set(text, 8);
    return () => readSafetensors(bytes);
  };
  const entry = (fields: string) => `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{${fields}}}`;

  it.each<[problem: string, message: string, header: string, data?: number]>([
    ['no JSON', 'is no JSON', '{a'],
    ['a list', 'is no JSON object', '[]'],
    [
      'an unknown type',
      'tensor b of the safetensors file has the unknown type "F8_E4M3"',
      entry('"dtype":"F8_E4M3"'),
    ],
    ['no type', 'has the unknown type undefined', '{"a":null}'],
    ['no place', 'has no shape, or no place', entry('"dtype":"U8","shape":[1]')],
    ['a negative size', 'has no shape, or no place', entry('"dtype":"U8","shape":[-1],"data_offsets":[4,5]')],
    [
      'the wrong size',
      'b of the safetensors file, uint8[2], has 1 bytes; expected 2',
      entry('"dtype":"U8","shape":[2],"data_offsets":[4,5]'),
      5,
    ],
    [
      'an overlap',
      'tensor b of the safetensors file starts at byte 11',
      entry('"dtype":"U8","shape":[1],"data_offsets":[2,3]'),
      4,
    ],
    ['a hole', 'starts at byte', entry('"dtype":"U8","shape":[1],"data_offsets":[5,6]'), 6],
    ['an end behind the file', 'the file at', entry('"dtype":"U8","shape":[1],"data_offsets":[4,5]')],
    [
      'something behind',
      'the tensors of the safetensors file end at byte',
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      9,
    ],
    ['metadata that are no texts', 'are not texts by key', '{"__metadata__":{"a":1}}', 0],
  ])('are refused: %s', (_, message, header, data) => {
    const expected = message.replace('11', String(8 + header.length + 2));
    expect(broken(header, data)).toThrow(expected);
  });

  it('are refused whatever part of them is missing or changed', async () => {
    expect(() => readSafetensors(new Uint8Array(7))).toThrow('not a safetensors file: 7 bytes');
    expect(() => readSafetensors(Buffer.from('version https://git-lfs'))).toThrow('not a safetensors file');
    for (let length = 0; length < types.length; length += 5) {
      expect(() => readSafetensors(types.subarray(0, length))).toThrow(TrainyardError);
    }
    fc.assert(
      fc.property(fc.nat(types.length - 1), fc.nat(255), (at, value) => {
        const bytes = Uint8Array.from(types);
        bytes[at] = value;
        try {
          readSafetensors(bytes);
        } catch (error) {
          if (!(error instanceof TrainyardError)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
    const path = newPath();
    await expect(loadSafetensors(path)).rejects.toThrow(`cannot read ${path}: ENOENT`);
    await expect(loadSafetensors(join(path, '..'))).rejects.toThrow('cannot read');
    writeFileSync(path, types.subarray(0, 1000));
    await expect(loadSafetensors(path)).rejects.toThrow(`${path}: `);
  });

  it('are not written', () => {
    expect(() => writeSafetensors({ s: tensorData('string', [1]) })).toThrow('tensor s is of strings');
    expect(() => writeSafetensors({ __metadata__: tensorData('int8', [1]) })).toThrow('cannot be called');
    expect(() => writeSafetensors({ w: tensorData('int8', [1], [2]) })).toThrow(
      'tensor w is [2] with 1 elements',
    );
  });
});

describe('names and layouts of weights', () => {
  const matrix = tensorData('float32', [1, 2, 3, 4, 5, 6], [2, 3]);

  it('change by rules, and back', () => {
    const rules = [
      { ours: 'block*.dense*.weight', theirs: 'layer*.*.w', axes: [1, 0] },
      { ours: 'cube', theirs: 'kubus', axes: [2, 0, 1] },
    ];
    const cube = tensorData(
      'int64',
      Array.from({ length: 24 }, (_, i) => i),
      [2, 3, 4],
    );
    const weights = { 'block1.dense2.weight': matrix, cube, other: matrix };
    const theirs = toOthers(weights, rules);
    expect(theirs['layer1.2.w']).toEqual(tensorData('float32', [1, 4, 2, 5, 3, 6], [3, 2]));
    expect(theirs.kubus.shape).toEqual([4, 2, 3]);
    expect([...numbersOf(theirs.kubus)].slice(0, 7)).toEqual([0, 4, 8, 12, 16, 20, 1]);
    expect(theirs.other).toBe(matrix);
    expect(fromOthers(theirs, rules)).toEqual(weights);
  });

  it("are PyTorch's but for running statistics", () => {
    const theirs = {
      'layer1.0.bn1.weight': matrix,
      'layer1.0.bn1.running_mean': matrix,
      running_var: matrix,
      'layer1.0.bn1.num_batches_tracked': matrix,
    };
    const ours = fromOthers(theirs, pytorchNames);
    expect(Object.keys(ours)).toEqual(['layer1.0.bn1.weight', 'layer1.0.bn1.runningMean', 'runningVariance']);
    expect(Object.keys(toOthers(ours, pytorchNames))).toEqual(Object.keys(theirs).slice(0, 3));
  });

  it('refuse rules that do not fit', () => {
    expect(() => toOthers({ a: matrix }, [{ ours: 'a*', theirs: 'b' }])).toThrow('have not equally many *');
    expect(() => toOthers({ a: matrix, b: matrix }, [{ ours: 'a', theirs: 'b' }])).toThrow(
      'two weights get the name b; one of them is b',
    );
    expect(() => toOthers({ a: matrix }, [{ ours: 'a', theirs: 'b', axes: [0] }])).toThrow(
      'weight a has 2 axes, which [0] does not order',
    );
  });
});
