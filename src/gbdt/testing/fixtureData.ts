import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { TrainingData } from '../dataset.ts';

/** What a fixture's data looks like; `fixtures/gbdt/make.py` makes the same numbers in Python. */
export interface FixtureSpec {
  readonly rows: number;
  /** Kinds of columns, in order. */
  readonly columns: readonly string[];
  readonly seed: number;
  /** Share of missing values in two of three columns. */
  readonly missing: number;
  readonly label: 'value' | 'count' | 'binary' | 'classes';
  readonly weighted: boolean;
}

/** Makes the data of a fixture, validation data with another `part`. */
export function fixtureData(spec: FixtureSpec, part = 0): TrainingData & { columns: Float64Array[] } {
  const seed = spec.seed + part * 1000;
  const columns = spec.columns.map((kind, j) => column(spec, seed, kind, j));
  const label = new Float64Array(spec.rows);
  for (let i = 0; i < spec.rows; i++) label[i] = labelOf(spec, columns, seed, i);
  const categoricalFeatures = [...spec.columns.keys()].filter((j) => /category/i.test(spec.columns[j]));
  return {
    columns,
    label,
    categoricalFeatures,
    weight: spec.weighted
      ? Float64Array.from(label, (_, i) => Math.floor(uniform(seed + 77, i) * 8) / 2)
      : undefined,
  };
}

/** Reads `fixtures/gbdt/<name>.json.gz`. */
export function loadFixture(name: string) {
  const path = new URL(`../../../fixtures/gbdt/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(path)).toString());
}

/** A number in [0, 1) that depends on seed and index alone. */
function uniform(seed: number, index: number): number {
  let h = Math.imul(index ^ Math.imul(seed, 0x9e3779b1), 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return (h >>> 0) / 4294967296;
}

const kinds: Record<string, (u: number, v: number, w: number) => number> = {
  smooth: (u, v, w) => (u + v + w - 1.5) * 10,
  rounded: (u, v, w) => Math.floor((u + v + w) * 1000) / 100 - 15,
  few: (u) => Math.floor(u * 7) - 3,
  flag: (u) => (u < 0.3 ? 1 : 0),
  zeros: (u, v) => (u < 0.7 ? 0 : v * 20 - 5),
  skewed: (u, v) => u * u * u * v * 1000,
  negative: (u, v) => -u * v * 50 - 1,
  rare: (u) => (u < 0.003 ? 1 : 0),
  constant: () => 3.5,
  fewCategory: (u) => Math.floor(u * 3),
  category: (u) => Math.floor(u * u * 12),
  manyCategory: (u) => Math.floor(u * 60),
};

function column(spec: FixtureSpec, seed: number, kind: string, j: number): Float64Array {
  const make = kinds[kind];
  const values = new Float64Array(spec.rows);
  for (let i = 0; i < spec.rows; i++) {
    const at = seed + j * 7919;
    const isMissing = j % 3 !== 2 && uniform(at + 3, i) < spec.missing;
    values[i] = isMissing ? Number.NaN : make(uniform(at, i), uniform(at + 1, i), uniform(at + 2, i));
  }
  return values;
}

function labelOf(spec: FixtureSpec, columns: Float64Array[], seed: number, i: number): number {
  const value = (j: number) => {
    const x = columns[j % columns.length][i];
    return Number.isNaN(x) ? 1 : x;
  };
  const a = value(0);
  const b = value(1);
  const c = value(2);
  const signal = a * 0.5 + (b > 0 ? b * 0.25 : -1) + (c > 1 ? a * 0.125 : 2) + uniform(seed + 55, i) * 4;
  if (spec.label === 'value') return signal;
  if (spec.label === 'count') return Math.floor(Math.max(0, signal));
  if (spec.label === 'binary') return signal > 3 ? 1 : 0;
  return signal > 4 ? 2 : signal > 2 ? 1 : 0;
}
