import { readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { gradient } from '../../autodiff/gradient.ts';
import { TrainyardError } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';
import { compile } from '../../runtime/compile.ts';
import { numbersOf, sizeOf, tensorData } from '../dataType.ts';
import { graphOf, nodesOf } from '../graph.ts';
import { mul } from '../operators/elementwise.ts';
import { reduceSum } from '../operators/reduction.ts';
import {
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
} from './onnxMessages.ts';
import { readOnnx } from './readOnnx.ts';
import { writeOnnx } from './writeOnnx.ts';

interface Fixture {
  readonly model: string;
  /** A list of elements, or a shape in a list of its own. */
  readonly feeds: Readonly<Record<string, readonly (number | string | readonly number[])[]>>;
}

const url = new URL('../../../fixtures/engine/onnxModels.json', import.meta.url);
const fixtures: Record<string, Fixture> = JSON.parse(readFileSync(url, 'utf8'));
const bytesOf = (name: string) => Buffer.from(fixtures[name].model, 'base64');
const graphs = (name: string) => readOnnx(bytesOf(name));
const foreignReasons = (name: string) =>
  nodesOf(graphs(name).outputs.values()).flatMap(({ foreign }) => (foreign ? [foreign.reason] : []));

async function run(bytes: Uint8Array, feeds: Fixture['feeds']) {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1 });
  const random = randomStream(3, 'feeds');
  const given = session.inputMetadata.map((one): [string, Tensor] => {
    if (!one.isTensor) throw new Error('not a tensor');
    const { name, type } = one;
    const own = feeds[name];
    const shape = Array.isArray(own?.[0])
      ? own[0]
      : own && one.shape.length === 1
        ? [own.length]
        : one.shape.map((size) => (typeof size === 'number' ? size : 2));
    if (type === 'string') return [name, new Tensor('string', own as string[], shape)];
    if (type === 'bool') return [name, new Tensor('bool', Uint8Array.from(own as number[]), [])];
    const values = Float32Array.from({ length: sizeOf(shape) }, () => random.normal());
    return [name, new Tensor('float32', values, shape)];
  });
  const results = await session.run(Object.fromEntries(given));
  const { inputNames, outputNames } = session;
  await session.release();
  const values = outputNames.map((name) => ({
    name,
    type: results[name].type,
    shape: results[name].dims,
    data: results[name].data,
  }));
  return { inputNames, values };
}

describe('ONNX files', () => {
  it.each(Object.keys(fixtures))('give the same to the bit when they are written back: %s', async (name) => {
    const written = writeOnnx(graphs(name));
    const [before, after] = [
      await run(bytesOf(name), fixtures[name].feeds),
      await run(written, fixtures[name].feeds),
    ];
    expect(after).toEqual(before);
    // And what is written is read as the same again.
    expect(writeOnnx(readOnnx(written))).toEqual(written);
  });

  it('are made of operators that the graph knows, whatever their version', () => {
    const carried = Object.keys(fixtures).filter((name) => foreignReasons(name).length > 0);
    const subgraphs = ['if00', 'if01', 'if10', 'if11', 'loop'];
    expect(carried).toEqual([...subgraphs, 'foreign', 'newest', 'sequence', 'typeINT4', 'names']);
  });

  it('keep what they say about themselves', () => {
    const { details, name, inputs, outputs } = readOnnx(writeOnnx(graphs('names')));
    expect(details).toMatchObject({
      producerName: 'maker',
      producerVersion: '1.2',
      description: 'of the model',
      graphDescription: 'of the graph',
      domain: 'a.b',
      modelVersion: 7n,
      metadata: { author: 'ü', stride: '4' },
    });
    expect(name).toBe('names');
    expect(inputs.map(({ node }) => node.name)).toEqual(['my input/é', 'unranked', '1.weight']);
    expect([...outputs.keys()]).toEqual(['out put', 'r', 'identity', '1.weight']);
    const model = fromBinary(ModelProtoSchema, writeOnnx(graphs('names')));
    const type = model.graph?.input[0].type?.value;
    expect(type?.case === 'tensorType' && type.value.shape?.dim[0].value.value).toBe('batch size');
  });

  it('have weights as parameters, settings as constants', () => {
    const names = (name: string) =>
      graphs(name).inputs.map(({ node }) => [node.name, node.value !== undefined]);
    expect(names('resize11')).toEqual([['x', false]]);
    expect(names('batchNorm9').map(([name]) => name)).toEqual(['x', 'g', 'b', 'm', 'v']);
    expect(names('oldInitializers')).toEqual([
      ['x', false],
      ['w', true],
    ]);
    expect(graphs('oldInitializers').details?.overridable).toEqual([]);
    expect(graphs('overridable').details?.overridable).toEqual(['w']);
  });

  it('are differentiated through what is known, and told where not', async () => {
    const y = graphs('functions').outputs.get('y');
    const x = y && nodesOf([y]).find(({ name }) => name === 'x')?.outputs[0];
    if (!x) throw new Error('no input');
    const program = await compile(graphOf({ slope: gradient(reduceSum(y), x) }));
    const values = tensorData(
      'float32',
      Array.from({ length: 24 }, (_, i) => i - 11.5),
      [2, 3, 4],
    );
    // Twice(x) is leaky(leaky(x, 0.25), 0.5).
    const { slope } = await program.run({ x: values });
    expect([...numbersOf(slope)]).toEqual([...numbersOf(values)].map((one) => (one > 0 ? 1 : 0.125)));
    await program.release();

    const result = graphs('if11').outputs.get('y');
    expect(() => mul(result as typeof x, 2)).toThrow('the type of an input is not known');
    const foreign = graphs('foreign');
    const [, weight] = foreign.inputs;
    const out = foreign.outputs.get('y');
    expect(out?.foreign).toBeUndefined();
    expect(() => gradient(reduceSum(out as typeof weight), weight)).toThrow(
      'node y of the ONNX file has no gradient: operator Gelu of com.microsoft is not known',
    );
  });

  it('run when compiled, carried operators too', async () => {
    const program = await compile(graphs('loop'));
    const { w } = Object.fromEntries(graphs('loop').inputs.map(({ node }) => [node.name, node.value]));
    const { last } = await program.run({ x: tensorData('float32', [1, 2, 3, 4, 5, 6], [2, 3]) });
    const expected = numbersOf(w as NonNullable<typeof w>).map((one, i) => (i + 1) * one ** 4);
    for (const [i, value] of numbersOf(last).entries()) expect(value).toBeCloseTo(expected[i], 5);
    await program.release();
  });
});

describe('bad ONNX files', () => {
  const broken = (change: (model: ModelProto) => void, name = 'overridable') => {
    const model = fromBinary(ModelProtoSchema, bytesOf(name));
    change(model);
    return () => readOnnx(toBinary(ModelProtoSchema, model));
  };
  const graph = (model: ModelProto) => model.graph ?? create(GraphProtoSchema);
  const node = (opType: string, input: string[], output: string[]) =>
    create(NodeProtoSchema, { opType, name: `the ${opType}`, input, output });

  it.each<[problem: string, message: string, change: (model: ModelProto) => void]>([
    [
      'a circle',
      'the Neg (Neg) takes b, which comes from itself in a circle',
      (model) => graph(model).node.push(node('Relu', ['a'], ['b']), node('Neg', ['b'], ['a'])),
    ],
    [
      'a node that takes its own result',
      'which comes from itself',
      (model) => graph(model).node.push(node('Relu', ['a'], ['a'])),
    ],
    [
      'a name that nothing gives',
      'node the Relu (Relu) takes nothing, which nothing gives',
      (model) => graph(model).node.push(node('Relu', ['nothing'], ['b'])),
    ],
    [
      'two nodes that give one name',
      'y is given twice: by node the Relu (Relu) and by node y (Mul)',
      (model) => graph(model).node.push(node('Relu', ['x'], ['y'])),
    ],
    [
      'a node that gives an input',
      'x is given twice: by node the Relu (Relu) and by an input',
      (model) => graph(model).node.push(node('Relu', ['w'], ['x'])),
    ],
    [
      'two inputs of one name',
      'an input has the name of another, x',
      (model) => graph(model).input.push(graph(model).input[0]),
    ],
    [
      'two initializers of one name',
      'two initializers are called w',
      (model) => graph(model).initializer.push(graph(model).initializer[0]),
    ],
    [
      'two outputs of one name',
      'two outputs are called y',
      (model) => graph(model).output.push(graph(model).output[0]),
    ],
    [
      'an output that nothing gives',
      'nothing gives the output z',
      (model) => {
        graph(model).output[0].name = 'z';
      },
    ],
    [
      'no outputs',
      'the graph has no outputs',
      (model) => {
        graph(model).output = [];
      },
    ],
    [
      'too few bytes',
      'initializer w: float32[3] takes 12 bytes, but the file has 8',
      (model) => {
        graph(model).initializer[0].rawData = new Uint8Array(8);
      },
    ],
    [
      'too few elements',
      'initializer w: float32[3] takes 3 elements, but the file has 1',
      (model) => {
        graph(model).initializer = [
          create(TensorProtoSchema, { name: 'w', dims: [3n], dataType: 1, floatData: [1] }),
        ];
      },
    ],
    [
      'another type than its bytes',
      'initializer w: float64[3] takes 24 bytes, but the file has 12',
      (model) => {
        graph(model).initializer[0].dataType = 11;
      },
    ],
    [
      'a type that there is not',
      'initializer w has the unknown element type 99',
      (model) => {
        graph(model).initializer[0].dataType = 99;
      },
    ],
    [
      'a huge shape',
      'initializer w: float32[4503599627370496] takes',
      (model) => {
        graph(model).initializer[0].dims = [2n ** 52n];
      },
    ],
    [
      'a negative size',
      'initializer w has the impossible shape [-3]',
      (model) => {
        graph(model).initializer[0].dims = [-3n];
      },
    ],
    [
      'weights elsewhere',
      'the weights are in another file, w.bin',
      (model) => {
        graph(model).initializer[0].dataLocation = 1;
        graph(model).initializer[0].externalData = [
          { $typeName: 'onnx.StringStringEntryProto', key: 'location', value: 'w.bin' },
        ];
      },
    ],
    [
      'an old operator set',
      'the file is of operator set 6; 7 to 23 can be read',
      (model) => {
        model.opsetImport[0].version = 6n;
      },
    ],
    [
      'no operator set',
      'the file does not tell from which operator set node y (Mul) is',
      (model) => {
        model.opsetImport = [];
      },
    ],
    [
      'no graph',
      'no graph in',
      (model) => {
        delete model.graph;
      },
    ],
  ])('are refused: %s', (_, message, change) => {
    expect(broken(change)).toThrow(message);
  });

  it('are refused when they are compiled, where types do not fit', async () => {
    const mixed = broken((model) => {
      graph(model).initializer[0].dataType = 6;
    });
    await expect(compile(mixed())).rejects.toThrow(/cannot prepare the graph for cpu: .*Mul.* in node \(y\)/);
  });

  it('are refused where a function calls itself', () => {
    const recursive = broken((model) => {
      model.functions[0].node.push({ ...node('Twice', ['a'], ['y', 'q']), domain: 'own', name: 'again' });
    }, 'functions');
    expect(recursive).toThrow('calls itself');
  });

  it('may hand an input of a function through', () => {
    const through = broken((model) => {
      const twice = model.functions.find(({ name }) => name === 'Twice');
      if (twice) twice.output[1] = 'a';
    }, 'functions');
    const { outputs, inputs } = through();
    expect(outputs.get('same')?.node.inputs).toEqual(inputs);
  });

  it('are refused where the form of an operator is gone', () => {
    const change = broken((model) => {
      const [norm] = graph(model).node;
      norm.output = ['n', 'mean'];
      graph(model).node.push(node('Relu', ['mean'], ['z']));
    }, 'batchNorm9');
    expect(change).toThrow('BatchNormalization of operator set 9): its training form is gone');
  });

  it('are refused whatever part of them is missing', () => {
    const whole = bytesOf('if11');
    for (let length = 0; length < whole.length; length += 7) {
      try {
        readOnnx(whole.subarray(0, length));
      } catch (error) {
        expect(error).toBeInstanceOf(TrainyardError);
      }
    }
    expect(() => readOnnx(whole.subarray(0, whole.length - 30))).toThrow(
      'not an ONNX model, or only a part of one',
    );
    expect(() => readOnnx(Buffer.from('version https://git-lfs.github.com/spec/v1'))).toThrow(
      'not an ONNX model',
    );
    expect(() => readOnnx(new Uint8Array())).toThrow('no graph in 0 bytes');
  });

  it('never fail in another way than being refused', () => {
    const names = Object.keys(fixtures);
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...names), edits, fc.nat(50), (name, changes, cut) => {
        const bytes = Uint8Array.from(bytesOf(name));
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        try {
          writeOnnx(readOnnx(bytes.subarray(0, bytes.length - (cut > 40 ? cut : 0))));
        } catch (error) {
          if (!(error instanceof TrainyardError)) throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });
});
