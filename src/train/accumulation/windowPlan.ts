import { usageError } from '../../core/errors.ts';
import { type DataType, isFloat } from '../../graph/dataType.ts';
import type { Dimension } from '../../graph/dimension.ts';
import { sizeOfShape } from '../../graph/dimension.ts';
import { isOperation, nodesOf } from '../../graph/graph.ts';
import { applyOne } from '../../graph/operator.ts';
import { div } from '../../graph/operators/elementwise.ts';
import { reducedAxes, reduction } from '../../graph/operators/reduction.ts';
import { copyOf } from '../../graph/rewrite.ts';
import { shapeValuesOf } from '../../graph/shapeValues.ts';
import {
  customGradientOperator,
  formatType,
  input,
  inputOperator,
  type Node,
  type Tensor,
} from '../../graph/tensor.ts';
import { userLine } from '../../graph/userLine.ts';
import { isWithinBatch } from '../../graph/withinBatch.ts';
import { sampleAxes, sampleUse } from './sampleRules.ts';

/**
 * A loss taken apart for a window of samples that is worked through in parts, the micro-batches. What the loss takes
 * from all samples together is cut out as totals: sums over the window, or rows of all of it. A total is made of what
 * each micro-batch gives; what is computed from totals alone is computed once a window, and handed back to the
 * micro-batches over bridges where later samples need it.
 */
export interface WindowPlan {
  readonly totals: readonly Total[];
  readonly bridges: readonly Bridge[];
  readonly counts: readonly Count[];
  /** Passes over the window that the totals need, one after the other. */
  readonly levels: number;
  /** What was asked for, as found. */
  readonly found: readonly Found[];
}

/** What a window gives to the loss as a whole. */
export interface Total {
  /** Stands for it in what is computed once a window; fed. */
  readonly input: Tensor;
  /** What a micro-batch gives. */
  readonly part: Tensor;
  /** How a window's is made of those: by adding, or along an axis. */
  readonly join: 'sum' | { readonly axis: number };
  /** In which pass, from 1, it can be had: later ones need earlier ones. */
  readonly level: number;
  /** Whether it hangs on what is trained. */
  readonly isTrained: boolean;
}

/** Something computed once a window that micro-batches of later passes use. */
export interface Bridge {
  /** Stands for it in micro-batches; fed. */
  readonly input: Tensor;
  /** How it is computed from totals. */
  readonly value: Tensor;
  readonly level: number;
  readonly isTrained: boolean;
}

/** A size of the window, such as its number of samples; fed. */
export interface Count {
  readonly input: Tensor;
  readonly sizes: readonly Dimension[];
}

/** A tensor that was asked for. */
export interface Found {
  /** `window`: computed once a window; `samples`: by micro-batch, along an axis; `local`: by micro-batch, each its own. */
  readonly kind: 'window' | 'samples' | 'local';
  readonly tensor: Tensor;
  readonly axis: number | undefined;
  /** Totals up to this level are needed. */
  readonly level: number;
}

/** How to cut. */
export interface WindowPlanOptions {
  /** Name of the dimension that counts samples. */
  readonly batch: string;
  readonly trained: ReadonlySet<Tensor>;
  /** Whether statistics marked by `withinBatch` are taken of the window like all else. */
  readonly joinStatistics: boolean;
}

/** What is known of a tensor of the model. */
interface Info {
  /**
   * `fixed`: the same for all samples; `samples`: apart along an axis; `local`: a statistic of a micro-batch;
   * `whole`: of all samples of a window together; `sizes`: whole numbers that come from shapes.
   */
  readonly kind: 'fixed' | 'samples' | 'local' | 'whole' | 'sizes';
  readonly level: number;
  readonly isTrained: boolean;
  readonly axis?: number | undefined;
  /** The tensor among what is computed for a micro-batch, and for a window. */
  readonly micro?: Tensor | undefined;
  readonly window?: Tensor | undefined;
}

/** Takes a loss apart, and other tensors with it. */
export function planWindow(outputs: readonly Tensor[], options: WindowPlanOptions): WindowPlan {
  const { batch, trained, joinStatistics } = options;
  const known = new Map<Tensor, Info>();
  const totals: Total[] = [];
  const bridges = new Map<Tensor, Bridge>();
  const gathered = new Map<Tensor, Total>();
  const counts = new Map<string, Count>();
  const cut = new Set<Node>();

  for (const node of nodesOf(outputs)) {
    for (const [i, info] of infoOf(node).entries()) known.set(node.outputs[i], info);
  }
  return {
    totals,
    bridges: [...bridges.values()],
    counts: [...counts.values()],
    levels: totals.reduce((most, { level }) => Math.max(most, level), 0),
    found: outputs.map(foundOf),
  };

  function get(tensor: Tensor): Info {
    const info = known.get(tensor);
    if (!info) throw new Error(`nothing is known of ${formatType(tensor)}`);
    return info;
  }

  function infoOf(node: Node): Info[] {
    if (!isOperation(node)) return [leafInfo(node)];
    const infos = node.inputs.map((tensor) => tensor && get(tensor));
    const given = infos.filter((info) => info !== undefined);
    const level = given.reduce((most, info) => Math.max(most, info.level), 0);
    const isTrained = given.some((info) => info.isTrained);
    const has = (kind: Info['kind']) => given.some((info) => info.kind === kind);

    if (given.every(({ kind }) => kind === 'fixed')) return fixed(node, infos, level, isTrained);
    if (node.operator === 'Shape' || node.operator === 'Size') return [shapeInfo(node)];
    if (!has('samples') && !has('local') && !has('whole')) {
      const sizes = sizesInfo(node, infos);
      if (sizes) return [sizes];
    }
    if (has('whole')) return whole(node, isTrained);
    if (isWithinBatch(node) && !joinStatistics) {
      return [{ kind: 'local', level, isTrained, micro: microCopy(node).outputs[0] }];
    }
    const axes = infos.map((info, i) =>
      info?.kind === 'samples' ? info.axis : has('samples') ? localAxis(node.inputs[i]) : undefined,
    );
    const use = has('local') && !has('samples') ? 'local' : sampleUse(node, axes, batch);
    if (use === 'samples') return apart(node, level, isTrained);
    if (has('local'))
      return microCopy(node).outputs.map((micro) => ({ kind: 'local', level, isTrained, micro }));
    cut.add(node);
    if (use === 'sum' || use === 'mean') return [totalInfo(node, use, level, isTrained)];
    return whole(node, isTrained);
  }

  // A statistic may have the axis of the samples too: the marked tensor itself.
  function localAxis(tensor: Tensor | undefined): number | undefined {
    return tensor && get(tensor).kind === 'local' ? sampleAxes(tensor, batch)[0] : undefined;
  }

  function leafInfo(node: Node): Info {
    const [tensor] = node.outputs;
    const axes = node.operator === inputOperator ? sampleAxes(tensor, batch) : [];
    if (axes.length > 1) {
      throw usageError(
        `input ${node.name} is ${formatType(tensor)}: it has more than one axis of samples`,
        'compute it from inputs that have one',
      );
    }
    if (axes.length === 1)
      return { kind: 'samples', level: 0, isTrained: false, axis: axes[0], micro: tensor };
    return { kind: 'fixed', level: 0, isTrained: trained.has(tensor), micro: tensor, window: tensor };
  }

  function fixed(
    node: Node,
    infos: readonly (Info | undefined)[],
    level: number,
    isTrained: boolean,
  ): Info[] {
    assertUncut(node);
    const inputs = infos.map((info) => info?.window);
    return renewed(node, inputs).outputs.map((window, i) => ({
      kind: 'fixed',
      level,
      isTrained,
      window,
      micro: level === 0 ? window : undefined,
      axis: sampleAxes(node.outputs[i], batch)[0],
    }));
  }

  function apart(node: Node, level: number, isTrained: boolean): Info[] {
    assertUncut(node);
    return microCopy(node).outputs.map((micro, i) => ({
      kind: 'samples',
      level,
      isTrained,
      micro,
      axis: sampleAxes(node.outputs[i], batch)[0],
    }));
  }

  // Computed for the whole window at once: all its inputs are gathered.
  function whole(node: Node, isTrained: boolean): Info[] {
    assertUncut(node);
    const inputs = node.inputs.map((tensor) => tensor && windowOf(tensor, node));
    const level = node.inputs.reduce((most, tensor) => Math.max(most, tensor ? windowLevel(tensor) : 0), 0);
    return renewed(node, inputs).outputs.map((window, i) => {
      const axis = sampleAxes(node.outputs[i], batch)[0];
      return { kind: axis === undefined ? 'fixed' : 'whole', level, isTrained, window, axis };
    });
  }

  function totalInfo(node: Node, use: 'sum' | 'mean', level: number, isTrained: boolean): Info {
    const copy = microCopy(node);
    const [output] = node.outputs;
    const part =
      use === 'sum' ? copy.outputs[0] : applyOne(reduction.ReduceSum, copy.inputs, node.attributes);
    const total: Total = {
      input: input(`window total ${totals.length}`, output.dtype, output.shape),
      part,
      join: 'sum',
      level: level + 1,
      isTrained: isTrained && isFloat(output.dtype),
    };
    totals.push(total);
    let window = total.input;
    if (use === 'mean') {
      const { shape } = node.inputs[0] as Tensor;
      const axes = reducedAxes({ operator: node.operator, inputs: node.inputs, attributes: node.attributes });
      const size = sizeOfShape(shape.filter((_, axis) => axes.includes(axis)));
      window = div(total.input, countOf([size], output.dtype, []));
    }
    return { kind: 'fixed', level: total.level, isTrained: total.isTrained, window };
  }

  function gather(tensor: Tensor): Total {
    const before = gathered.get(tensor);
    if (before) return before;
    const { level, isTrained, axis, micro } = get(tensor);
    if (micro === undefined || axis === undefined) throw new Error('only samples can be gathered');
    const total: Total = {
      input: input(`window total ${totals.length}`, tensor.dtype, tensor.shape),
      part: micro,
      join: { axis },
      level: level + 1,
      isTrained: isTrained && isFloat(tensor.dtype),
    };
    totals.push(total);
    gathered.set(tensor, total);
    return total;
  }

  function windowOf(tensor: Tensor, user: Node): Tensor {
    const { kind, window } = get(tensor);
    if (window) return window;
    if (kind === 'samples') return gather(tensor).input;
    if (kind === 'sizes') return countOf(shapeValuesOf(tensor) ?? [], tensor.dtype, tensor.shape);
    const where = userLine(user.place.stack);
    throw usageError(
      `${user.operator}${where ? ` at ${where}` : ''} needs batch statistics for all samples of an update, but they are taken by micro-batch`,
      "set batchStatistics to 'window', or keep them out of the loss",
    );
  }

  function windowLevel(tensor: Tensor): number {
    const { kind, level } = get(tensor);
    return kind === 'samples' ? level + 1 : level;
  }

  function shapeInfo(node: Node): Info {
    const [source] = node.inputs as Tensor[];
    const [output] = node.outputs;
    const { level, kind } = get(source);
    const values = shapeValuesOf(output);
    if (!values) throw new Error(`the shape of ${formatType(source)} is not known`);
    if (values.every((size) => typeof size === 'number')) {
      const micro = countOf(values, output.dtype, output.shape);
      return { kind: 'fixed', level: 0, isTrained: false, micro, window: micro };
    }
    const micro = kind === 'whole' ? undefined : microCopy(node).outputs[0];
    return { kind: 'sizes', level: kind === 'whole' ? 0 : level, isTrained: false, micro };
  }

  // Whole numbers from shapes: kept as they are while they make shapes, the window's own once they turn into values.
  function sizesInfo(node: Node, infos: readonly (Info | undefined)[]): Info | undefined {
    const [output] = node.outputs;
    if (node.outputs.length > 1) return undefined;
    const level = Math.max(0, ...infos.map((info) => info?.level ?? 0));
    if (node.operator === 'Cast' && isFloat(output.dtype)) {
      const values = shapeValuesOf(node.inputs[0] as Tensor);
      if (!values) return undefined;
      const count = countOf(values, output.dtype, output.shape);
      return { kind: 'fixed', level: 0, isTrained: false, micro: count, window: count };
    }
    const values = shapeValuesOf(output);
    if (!values) return undefined;
    const canRun = infos.every((info) => info === undefined || info.micro !== undefined);
    const micro = canRun
      ? renewed(
          node,
          infos.map((info) => info?.micro),
        ).outputs[0]
      : undefined;
    return { kind: 'sizes', level, isTrained: false, micro };
  }

  function countOf(sizes: readonly Dimension[], dtype: DataType, shape: readonly Dimension[]): Tensor {
    const key = `${dtype} ${shape.length} ${sizes.join()}`;
    const before = counts.get(key);
    if (before) return before.input;
    const count = { input: input(`window count ${counts.size}`, dtype, shape), sizes };
    counts.set(key, count);
    return count.input;
  }

  function microCopy(node: Node): Node {
    const inputs = node.inputs.map((tensor, i) => tensor && microOf(tensor, node, i));
    return renewed(node, inputs);
  }

  function microOf(tensor: Tensor, user: Node, place: number): Tensor {
    const { kind, level, micro, window, isTrained } = get(tensor);
    if (kind === 'sizes' && !(takesSizes[user.operator]?.includes(place) && micro)) {
      return countOf(shapeValuesOf(tensor) ?? [], tensor.dtype, tensor.shape);
    }
    if (micro) return micro;
    if (!window) throw new Error(`${formatType(tensor)} is not known to micro-batches`);
    const before = bridges.get(tensor);
    if (before) return before.input;
    const bridge = {
      input: input(`window bridge ${bridges.size}`, tensor.dtype, tensor.shape),
      value: window,
      level,
      isTrained,
    };
    bridges.set(tensor, bridge);
    return bridge.input;
  }

  function foundOf(tensor: Tensor): Found {
    const { kind, level, axis, micro, window } = get(tensor);
    if (window && (kind === 'fixed' || kind === 'whole'))
      return { kind: 'window', tensor: window, axis, level };
    if (micro && (kind === 'samples' || kind === 'local')) return { kind, tensor: micro, axis, level };
    throw usageError(`${formatType(tensor)} is a size, not a value`);
  }

  // The rule of a custom gradient was made for what the block computed, which has been changed.
  function assertUncut(node: Node): void {
    if (node.operator !== customGradientOperator || node.inputs.length === 1) return;
    const outside = new Set(node.inputs.slice(1).map((tensor) => tensor?.node));
    const open = [node.inputs[0]?.node];
    const seen = new Set<Node>();
    for (let one = open.pop(); one; one = open.pop()) {
      if (seen.has(one) || outside.has(one)) continue;
      seen.add(one);
      if (cut.has(one)) {
        const where = userLine(one.place.stack);
        throw usageError(
          `${one.operator}${where ? ` at ${where}` : ''} takes all samples of an update together, inside a block that is rematerialised or has its own gradient`,
          'take it out of the block',
        );
      }
      open.push(...one.inputs.map((tensor) => tensor?.node));
    }
  }
}

/** Inputs that take a shape: there, sizes are the micro-batch's own. */
const takesSizes: Readonly<Record<string, readonly number[]>> = {
  Reshape: [1],
  Expand: [1],
  ConstantOfShape: [0],
  Tile: [1],
  Slice: [1, 2, 3, 4],
  Pad: [1],
  Resize: [2, 3],
};

function renewed(node: Node, inputs: readonly (Tensor | undefined)[]): Node {
  return inputs.every((tensor, i) => tensor === node.inputs[i]) ? node : copyOf(node, inputs);
}
