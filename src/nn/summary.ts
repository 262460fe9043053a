import { usageError } from '../core/errors.ts';
import { dataTypes } from '../graph/dataType.ts';
import { evaluateDimension, formatShape, type Shape } from '../graph/dimension.ts';
import { type Graph, graphOf, isOperation, nodesOf } from '../graph/graph.ts';
import { simplify } from '../graph/simplify.ts';
import type { Node, Tensor } from '../graph/tensor.ts';
import { flopsOf } from './flops.ts';
import { type ParameterPlans, type Parameters, parameterCount, placeholders, plansOf } from './parameters.ts';

/** What a model is made of and what one pass through it costs. */
export interface ModelSummary {
  readonly rows: readonly SummaryRow[];
  /** Numbers that learn. */
  readonly parameters: number;
  /** Arithmetic of one pass; a multiplication and an addition are two. */
  readonly flops: number;
  /** Bytes of everything computed, as if nothing were freed on the way: about what training keeps. */
  readonly activationBytes: number;
}

/** A layer, with the operators behind it that have no parameters. */
export interface SummaryRow {
  /** Path of the layer's parameters, `(input)` for what comes before any. */
  readonly name: string;
  /** ONNX's names, in order, each once. */
  readonly operators: readonly string[];
  /** Of what it hands on. */
  readonly shape: Shape;
  readonly parameters: number;
  readonly flops: number;
  readonly activationBytes: number;
}

/** Options of {@link summarise}. */
export interface SummaryOptions {
  /** Rows are joined whose names begin with as many equal parts. Default: each layer by itself. */
  readonly depth?: number | undefined;
  /** What named sizes stand for. Default: 1 each. */
  readonly sizes?: Readonly<Record<string, number>> | undefined;
}

/**
 * Takes a model apart without running it; no parameter gets a value.
 *
 * @param model Its function, from parameters to the output.
 * @throws TrainyardError of kind `usage` for tensors whose size is not known before they are computed.
 * @example
 * const images = input('images', 'float32', ['batch', 3, 224, 224]);
 * const summary = summarise(resNet18Parameters(), (parameters) => resNet(parameters, images));
 */
export function summarise<const Plans extends ParameterPlans>(
  plans: Plans,
  model: (parameters: Parameters<Plans>) => Tensor,
  { depth = Number.POSITIVE_INFINITY, sizes = {} }: SummaryOptions = {},
): ModelSummary {
  const graph = simplify(graphOf({ output: model(placeholders<Plans>(plans)) }));
  const names = graph.inputs.flatMap(({ shape }) => shape.filter((size) => typeof size === 'string'));
  const known = new Map([...names.map((name) => [name, 1] as const), ...Object.entries(sizes)]);
  const joined = (path: string) => path.split('.').slice(0, depth).join('.') || '(model)';
  const all = plansOf(plans);
  const rows = new Map<string, Row>();
  for (const { node, layer } of layersOf(graph, new Set(all.keys()))) {
    const name = layer === undefined ? '(input)' : joined(layer);
    const row = rows.get(name) ?? { operators: new Set(), shape: [], flops: 0, activationBytes: 0 };
    rows.set(name, row);
    row.operators.add(node.operator);
    row.shape = node.outputs[0].shape;
    row.flops += flopsOf(node, known);
    row.activationBytes += views.has(node.operator) ? 0 : bytesOf(node.outputs[0], known);
  }
  const parameters = new Map<string, number>();
  for (const [path, plan] of all) {
    const name = joined(parentOf(path));
    parameters.set(name, (parameters.get(name) ?? 0) + parameterCount(plan));
  }
  const listed = Array.from(rows, ([name, row]) => ({
    ...row,
    name,
    operators: [...row.operators],
    parameters: parameters.get(name) ?? 0,
  }));
  const total = (key: 'flops' | 'activationBytes') => listed.reduce((sum, row) => sum + row[key], 0);
  return {
    rows: listed,
    parameters: parameterCount(plans),
    flops: total('flops'),
    activationBytes: total('activationBytes'),
  };
}

/** The summary as a table for people. */
export function formatSummary({ rows, parameters, flops, activationBytes }: ModelSummary): string {
  const lines = [
    ['layer', 'operators', 'shape', 'parameters', 'flops', 'activations'],
    ...rows.map((row) => [
      row.name,
      row.operators.join(' '),
      formatShape(row.shape),
      ...costs(row.parameters, row.flops, row.activationBytes),
    ]),
    ['total', '', '', ...costs(parameters, flops, activationBytes)],
  ];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const format = (line: readonly string[]) =>
    line.map((cell, i) => (i < 3 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ');
  return lines.map((line) => format(line).trimEnd()).join('\n');
}

interface Row {
  readonly operators: Set<string>;
  shape: Shape;
  flops: number;
  activationBytes: number;
}

/** Every operation with the layer it belongs to: that of its own parameters, else that of what it works on. */
function layersOf({ outputs }: Graph, parameters: ReadonlySet<string>) {
  const layers = new Map<Node, string | undefined>();
  const layerOf = (node: Node) => {
    const own = node.inputs.find((tensor) => parameters.has(tensor?.node.name ?? ''));
    if (own) return parentOf(own.node.name ?? '');
    return node.inputs
      .map((tensor) => tensor && layers.get(tensor.node))
      .find((layer) => layer !== undefined);
  };
  const operations = nodesOf(outputs.values()).filter(isOperation);
  return operations.map((node) => {
    const layer = layerOf(node);
    layers.set(node, layer);
    return { node, layer };
  });
}

/** Operators that give their input in another shape, at no cost. */
const views: ReadonlySet<string> = new Set([
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Identity',
  'Shape',
]);

function bytesOf({ dtype, shape }: Tensor, sizes: ReadonlyMap<string, number>): number {
  return countOf(shape, sizes) * dataTypes[dtype].bytes;
}

function countOf(shape: Shape, sizes: ReadonlyMap<string, number>): number {
  return shape.reduce<number>((product, size) => {
    const known = evaluateDimension(size, sizes);
    if (known === undefined) throw usageError(`size ${size} is not known before the model runs`);
    return product * known;
  }, 1);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('.')));
}

function costs(parameters: number, flops: number, bytes: number): string[] {
  return [
    parameters.toLocaleString('en-US'),
    scaled(flops, 1000, ['', 'k', 'M', 'G', 'T']),
    scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB']),
  ];
}

function scaled(value: number, step: number, units: readonly string[]): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log(value || 1) / Math.log(step))));
  return `${(value / step ** power).toLocaleString('en-US', { maximumFractionDigits: power === 0 ? 0 : 1 })} ${units[power]}`.trimEnd();
}
