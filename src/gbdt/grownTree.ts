import { missingNan, zeroIfTiny } from './constants.ts';
import type { Dataset } from './dataset.ts';
import type { Split } from './split.ts';
import type { Tree } from './tree.ts';

/** A tree as it grows, with what is needed to send binned rows down it. */
export interface GrowingTree {
  readonly numLeaves: number;
  /** Depth of a leaf; 0 for the root. */
  depthOf(leaf: number): number;
  /** Splits a leaf: the left side keeps its number, the right side gets the next. Returns the new leaf's number. */
  split(leaf: number, split: Split, leftCount: number, rightCount: number, goesLeft: Uint8Array): number;
  finish(): GrownTree;
}

/** A finished tree and how its splits act on bins, in the order they were made. */
export interface GrownTree {
  readonly tree: Tree;
  /** Leaf that each node split. */
  readonly splitLeaf: Int32Array;
  /** Used feature of each node. */
  readonly usedFeature: Int32Array;
  /** For each node one flag a bin. */
  readonly goesLeft: readonly Uint8Array[];
}

/** Starts a tree of one leaf. */
export function growTree(
  dataset: Dataset,
  maxLeaves: number,
  minGainToSplit: number,
  rootValue: number,
): GrowingTree {
  const nodes = maxLeaves - 1;
  const splitFeature = new Int32Array(nodes);
  const usedFeature = new Int32Array(nodes);
  const splitLeaf = new Int32Array(nodes);
  const splitGain = new Float64Array(nodes);
  const threshold = new Float64Array(nodes);
  const decisionType = new Uint8Array(nodes);
  const leftChild = new Int32Array(nodes);
  const rightChild = new Int32Array(nodes);
  const internalValue = new Float64Array(nodes);
  const internalWeight = new Float64Array(nodes);
  const internalCount = new Int32Array(nodes);
  const leafValue = new Float64Array(maxLeaves);
  const leafWeight = new Float64Array(maxLeaves);
  const leafCount = new Int32Array(maxLeaves);
  const leafDepth = new Int32Array(maxLeaves);
  const leafParent = new Int32Array(maxLeaves).fill(-1);
  const goesLeftOf: Uint8Array[] = [];
  const categoryStarts = [0];
  const categoryBits: number[] = [];
  let numLeaves = 1;
  leafValue[0] = zeroIfTiny(rootValue);

  function attach(leaf: number, node: number): void {
    const parent = leafParent[leaf];
    if (parent < 0) return;
    if (leftChild[parent] === ~leaf) leftChild[parent] = node;
    else rightChild[parent] = node;
  }

  function storeRule(node: number, split: Split): void {
    const mapper = dataset.mappers[splitFeature[node]];
    if (split.categories) {
      const words = bitsOf(Array.from(split.categories, (bin) => mapper.categories[bin]));
      threshold[node] = categoryStarts.length - 1;
      categoryBits.push(...words);
      categoryStarts.push(categoryBits.length);
      decisionType[node] = 1 | (mapper.missing << 2);
    } else {
      threshold[node] = mapper.upperBounds[split.threshold];
      decisionType[node] = (split.defaultLeft ? 2 : 0) | (mapper.missing << 2);
    }
  }

  function split(
    leaf: number,
    made: Split,
    leftCount: number,
    rightCount: number,
    goesLeft: Uint8Array,
  ): number {
    const node = numLeaves - 1;
    const right = numLeaves;
    attach(leaf, node);
    usedFeature[node] = made.feature;
    splitFeature[node] = dataset.usedFeatures[made.feature];
    splitLeaf[node] = leaf;
    splitGain[node] = Math.fround(made.gain + minGainToSplit);
    storeRule(node, made);
    goesLeftOf.push(goesLeft);
    leftChild[node] = ~leaf;
    rightChild[node] = ~right;
    leafParent[leaf] = node;
    leafParent[right] = node;
    internalValue[node] = leafValue[leaf];
    internalWeight[node] = made.leftHessian + made.rightHessian;
    internalCount[node] = leftCount + rightCount;
    leafValue[leaf] = Number.isNaN(made.leftOutput) ? 0 : made.leftOutput;
    leafValue[right] = Number.isNaN(made.rightOutput) ? 0 : made.rightOutput;
    leafWeight[leaf] = made.leftHessian;
    leafWeight[right] = made.rightHessian;
    leafCount[leaf] = leftCount;
    leafCount[right] = rightCount;
    leafDepth[leaf]++;
    leafDepth[right] = leafDepth[leaf];
    numLeaves++;
    return right;
  }

  function finish(): GrownTree {
    const made = numLeaves - 1;
    return {
      tree: {
        numLeaves,
        splitFeature: splitFeature.slice(0, made),
        splitGain: splitGain.slice(0, made),
        threshold: threshold.slice(0, made),
        decisionType: decisionType.slice(0, made),
        leftChild: leftChild.slice(0, made),
        rightChild: rightChild.slice(0, made),
        leafValue: leafValue.slice(0, numLeaves),
        leafWeight: leafWeight.slice(0, numLeaves),
        leafCount: leafCount.slice(0, numLeaves),
        internalValue: internalValue.slice(0, made),
        internalWeight: internalWeight.slice(0, made),
        internalCount: internalCount.slice(0, made),
        categoryStarts: Int32Array.from(categoryStarts),
        categoryBits: Uint32Array.from(categoryBits),
        shrinkage: 1,
      },
      splitLeaf: splitLeaf.slice(0, made),
      usedFeature: usedFeature.slice(0, made),
      goesLeft: goesLeftOf,
    };
  }

  return {
    get numLeaves() {
      return numLeaves;
    },
    depthOf: (leaf) => leafDepth[leaf],
    split,
    finish,
  };
}

/** One flag a bin: whether a split sends it left. */
export function leftBins(dataset: Dataset, split: Split): Uint8Array {
  const mapper = dataset.mappers[dataset.usedFeatures[split.feature]];
  const flags = new Uint8Array(mapper.numBins);
  if (split.categories) {
    for (const bin of split.categories) flags[bin] = 1;
    return flags;
  }
  flags.fill(1, 0, split.threshold + 1);
  if (mapper.missing === missingNan) flags[mapper.numBins - 1] = split.defaultLeft ? 1 : 0;
  return flags;
}

function bitsOf(categories: readonly number[]): number[] {
  const words = new Array<number>(Math.floor(Math.max(...categories) / 32) + 1).fill(0);
  for (const category of categories) words[category >>> 5] |= 1 << (category & 31);
  return words.map((word) => word >>> 0);
}
