import { roundCount } from './constants.ts';
import { lcg } from './lcg.ts';

/** Which features a tree and its leaves may use. */
export interface ColumnSampler {
  /** One flag a used feature, for the current tree. */
  readonly ofTree: Uint8Array;
  /** Draws the features of the next tree. */
  nextTree(): void;
  /** Draws the features of a leaf; all of them where nothing is sampled. Valid until the next draw. */
  nextLeaf(): Uint8Array;
}

/** Source: LightGBM `ColSampler`; its draws come from one stream, and setting up takes one. */
export function columnSampler(
  numFeatures: number,
  byTree: number,
  byNode: number,
  seed: number,
): ColumnSampler {
  const stream = lcg(seed);
  const ofTree = new Uint8Array(numFeatures).fill(1);
  const ofLeaf = new Uint8Array(numFeatures).fill(1);
  let chosen: Int32Array = Int32Array.from(ofTree.keys());

  function nextTree(): void {
    if (byTree >= 1) return;
    chosen = stream.sample(numFeatures, share(numFeatures, byTree));
    ofTree.fill(0);
    for (const feature of chosen) ofTree[feature] = 1;
  }

  function nextLeaf(): Uint8Array {
    if (byNode >= 1) return ofLeaf;
    ofLeaf.fill(0);
    for (const i of stream.sample(chosen.length, share(chosen.length, byNode))) ofLeaf[chosen[i]] = 1;
    return ofLeaf;
  }

  nextTree();
  return { ofTree, nextTree, nextLeaf };
}

function share(count: number, fraction: number): number {
  return Math.max(roundCount(count * fraction), Math.min(1, count));
}
