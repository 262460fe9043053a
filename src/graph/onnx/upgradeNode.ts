import { create } from '@bufbuild/protobuf';
import { dataError } from '../../core/errors.ts';
import { type DataType, isFloat, numbersOf, type TensorData, tensorData } from '../dataType.ts';
import { changed, mapGraphs } from './editMessages.ts';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
} from './onnxMessages.ts';
import { tensorMessage } from './tensorMessage.ts';

/** Versions of the standard operators that can be read. */
export const readableOpsets = { least: 7, most: 23 };

/** What is known around a node while it is upgraded. */
export interface UpgradeContext {
  /** A name that is not used yet. */
  fresh(stem: string): string;
  /** Type of a tensor, where it is known. */
  typeOf(name: string): { readonly dtype: DataType; readonly rank: number } | undefined;
  /** Value of a tensor, where it is constant. */
  constantOf(name: string): TensorData | undefined;
  /** Whether anything reads a tensor. */
  isRead(name: string): boolean;
}

/**
 * A node of the standard operators in the form that version 21 has for it, with the same results; its subgraphs too.
 * Forms that version 21 still has stay as they are. The changes are those of https://onnx.ai/onnx/operators.
 *
 * @returns The node, with others around it where it takes more than one.
 * @throws TrainyardError of kind `data` for forms that version 21 cannot say.
 */
export function upgradeNode(node: NodeProto, version: number, context: UpgradeContext): NodeProto[] {
  const upgraded = changed(node, {
    attribute: node.attribute.map((attribute) =>
      mapGraphs(attribute, (graph) =>
        changed(graph, {
          node: graph.node.flatMap((one) => upgradeNode(one, version, inSubgraph(context))),
        }),
      ),
    ),
  });
  const standard = node.domain === '' || node.domain === 'ai.onnx';
  const due = standard ? (upgrades[node.opType] ?? []).filter(([since]) => version < since) : [];
  if (due.length === 0) return [upgraded];
  const edit = new NodeEdit(upgraded, version, context);
  for (const [, change] of due) change(edit);
  return edit.nodes();
}

// What is outside may have other types there, and what is inside is not known.
function inSubgraph({ fresh }: UpgradeContext): UpgradeContext {
  return { fresh, typeOf: () => undefined, constantOf: () => undefined, isRead: () => true };
}

/** A node while it is changed. */
class NodeEdit {
  readonly node: NodeProto;
  readonly version: number;
  readonly context: UpgradeContext;
  readonly input: string[];
  readonly attributes: Map<string, AttributeProto>;
  output: string[];
  opType: string;
  readonly before: NodeProto[] = [];
  readonly after: NodeProto[] = [];

  constructor(node: NodeProto, version: number, context: UpgradeContext) {
    this.node = node;
    this.version = version;
    this.context = context;
    this.input = [...node.input];
    this.output = [...node.output];
    this.opType = node.opType;
    this.attributes = new Map(node.attribute.map((attribute) => [attribute.name, attribute]));
  }

  nodes(): NodeProto[] {
    const { opType, input, output, before, after } = this;
    const main = changed(this.node, { opType, input, output, attribute: [...this.attributes.values()] });
    return [...before, main, ...after];
  }

  take(name: string): AttributeProto | undefined {
    const attribute = this.attributes.get(name);
    this.attributes.delete(name);
    return attribute;
  }

  setInput(index: number, name: string): void {
    while (this.input.length < index) this.input.push('');
    this.input[index] = name;
  }

  setConstant(index: number, stem: string, value: TensorData): void {
    const name = this.context.fresh(`${this.node.output[0] || this.node.opType}/${stem}`);
    const attribute = [create(AttributeProtoSchema, { name: 'value', type: 4, t: tensorMessage(value, '') })];
    this.before.push(create(NodeProtoSchema, { opType: 'Constant', name, output: [name], attribute }));
    this.setInput(index, name);
  }

  setText(name: string, text: string): void {
    const s = new TextEncoder().encode(text);
    this.attributes.set(name, create(AttributeProtoSchema, { name, type: 3, s }));
  }

  setInteger(name: string, value: number): void {
    this.attributes.set(name, create(AttributeProtoSchema, { name, type: 2, i: BigInt(value) }));
  }

  refuse(problem: string): never {
    throw dataError(
      `node ${this.node.name || this.node.output[0]} (${this.node.opType} of operator set ${this.version}): ${problem}`,
    );
  }
}

type Upgrade = readonly [since: number, change: (edit: NodeEdit) => void];

const axesToInput: Upgrade['1'] = (edit) => integersToInput(edit, 'axes', 1);
const reduceSince18: readonly Upgrade[] = [[18, axesToInput]];
const softmax: readonly Upgrade[] = [[13, flattenAround]];

/** By operator, the versions that changed it, in order, and how what was before is said from then on. */
const upgrades: Readonly<Record<string, readonly Upgrade[] | undefined>> = {
  Squeeze: [[13, axesToInput]],
  Unsqueeze: [[13, axesToInput]],
  ReduceSum: [[13, axesToInput]],
  ReduceL1: reduceSince18,
  ReduceL2: reduceSince18,
  ReduceLogSum: reduceSince18,
  ReduceLogSumExp: reduceSince18,
  ReduceMax: reduceSince18,
  ReduceMean: reduceSince18,
  ReduceMin: reduceSince18,
  ReduceProd: reduceSince18,
  ReduceSumSquare: reduceSince18,
  Softmax: softmax,
  LogSoftmax: softmax,
  Hardmax: softmax,
  Split: [
    [13, (edit) => integersToInput(edit, 'split', 1)],
    [
      18,
      (edit) => {
        if (!edit.input[1]) edit.setInteger('num_outputs', edit.output.length);
      },
    ],
  ],
  Slice: [
    [
      10,
      (edit) => {
        for (const [i, name] of ['starts', 'ends', 'axes'].entries()) integersToInput(edit, name, i + 1);
      },
    ],
  ],
  Clip: [
    [
      11,
      (edit) => {
        floatToInput(edit, 'min', 1);
        floatToInput(edit, 'max', 2);
      },
    ],
  ],
  Pad: [
    [
      11,
      (edit) => {
        integersToInput(edit, 'pads', 1);
        floatToInput(edit, 'value', 2);
      },
    ],
  ],
  Dropout: [
    [
      10,
      (edit) => {
        const [, mask = ''] = edit.output;
        if (mask !== '' && edit.context.isRead(mask)) edit.refuse('its mask, of floats, is used');
        edit.output = edit.output.slice(0, 1);
      },
    ],
    [12, (edit) => floatToInput(edit, 'ratio', 1)],
  ],
  TopK: [
    [
      10,
      (edit) => {
        const k = edit.take('k');
        if (k) edit.setConstant(1, 'k', tensorData('int64', [Number(k.i)]));
      },
    ],
  ],
  BatchNormalization: [
    [
      9,
      (edit) => {
        if (edit.take('spatial')?.i === 0n) edit.refuse('statistics for each place (spatial = 0) are gone');
      },
    ],
    [
      14,
      (edit) => {
        const [, ...statistics] = edit.output;
        if (statistics.some((name) => name !== '' && edit.context.isRead(name))) {
          edit.refuse('its training form is gone; export the model for inference');
        }
        edit.output = edit.output.slice(0, 1);
      },
    ],
  ],
  Upsample: [
    [
      9,
      (edit) => {
        const scales = edit.take('scales');
        if (scales) edit.setConstant(1, 'scales', tensorData('float32', scales.floats));
      },
    ],
    [10, resizeByIndex],
  ],
  Resize: [
    [11, resizeByIndex],
    [
      13,
      (edit) => {
        // A tensor without elements stood for an input left out.
        for (const index of [1, 2]) {
          if (edit.context.constantOf(edit.input[index] ?? '')?.data.length === 0) edit.input[index] = '';
        }
      },
    ],
  ],
  Scatter: [
    [
      11,
      (edit) => {
        edit.opType = 'ScatterElements';
      },
    ],
  ],
  RoiAlign: [
    [
      16,
      (edit) => {
        if (!edit.attributes.has('coordinate_transformation_mode')) {
          edit.setText('coordinate_transformation_mode', 'output_half_pixel');
        }
      },
    ],
  ],
  GridSample: [
    [
      20,
      (edit) => {
        const mode = new TextDecoder().decode(edit.attributes.get('mode')?.s);
        if (mode === 'bilinear') edit.setText('mode', 'linear');
        if (mode === 'bicubic') edit.setText('mode', 'cubic');
      },
    ],
  ],
  DFT: [
    [20, (edit) => edit.setConstant(2, 'axis', tensorData('int64', [Number(edit.take('axis')?.i ?? 1)], []))],
  ],
  GroupNormalization: [[21, (edit) => edit.refuse('it takes a scale for each group, which is gone')]],
  Scan: [[9, (edit) => edit.refuse('its form was replaced')]],
};

function integersToInput(edit: NodeEdit, name: string, index: number): void {
  const attribute = edit.take(name);
  if (!attribute) return;
  const data = BigInt64Array.from(attribute.ints);
  edit.setConstant(index, name, { dtype: 'int64', shape: [data.length], data });
}

function floatToInput(edit: NodeEdit, name: string, index: number): void {
  const attribute = edit.take(name);
  if (!attribute) return;
  const known = edit.context.typeOf(edit.input[0])?.dtype ?? 'float32';
  const dtype = name !== 'ratio' && isFloat(known) ? known : 'float32';
  edit.setConstant(index, name, tensorData(dtype, [attribute.f], []));
}

// Before version 13 the axes before and from `axis` on made a matrix, and its rows were what adds up to 1.
function flattenAround(edit: NodeEdit): void {
  const axis = Number(edit.take('axis')?.i ?? 1);
  const [x] = edit.input;
  const rank = edit.context.typeOf(x)?.rank;
  edit.setInteger('axis', -1);
  if (rank !== undefined && (axis === rank - 1 || axis === -1)) return;
  const { fresh } = edit.context;
  const [y] = edit.output;
  const [shape, flat, result] = ['shape', 'flat', 'result'].map((stem) => fresh(`${y}/${stem}`));
  const integer = (name: string, i: bigint) => create(AttributeProtoSchema, { name, type: 2, i });
  edit.before.push(
    create(NodeProtoSchema, { opType: 'Shape', name: shape, input: [x], output: [shape] }),
    create(NodeProtoSchema, {
      opType: 'Flatten',
      name: flat,
      input: [x],
      output: [flat],
      attribute: [integer('axis', BigInt(axis))],
    }),
  );
  edit.input[0] = flat;
  edit.output = [result];
  const attribute = [integer('allowzero', 1n)];
  edit.after.push(
    create(NodeProtoSchema, { opType: 'Reshape', name: y, input: [result, shape], output: [y], attribute }),
  );
}

// Upsample, and the first Resize, took the element at the index divided by the scale, rounded down; where an axis got
// smaller, ONNX Runtime rounds up.
function resizeByIndex(edit: NodeEdit): void {
  const [x, scales] = edit.input;
  edit.input.splice(0, edit.input.length, x, '', scales);
  edit.setText('coordinate_transformation_mode', 'asymmetric');
  const mode = edit.attributes.get('mode');
  if (!mode || new TextDecoder().decode(mode.s) === 'nearest') {
    const known = edit.context.constantOf(scales);
    const factors = edit.opType === 'Upsample' ? [1] : known && numbersOf(known);
    if (factors?.every((factor) => factor >= 1)) edit.setText('nearest_mode', 'floor');
    else if (factors?.every((factor) => factor <= 1)) edit.setText('nearest_mode', 'ceil');
    else
      edit.refuse(
        'it takes nearest elements along axes that grow and axes that shrink, or that are not known',
      );
  }
  edit.opType = 'Resize';
}
