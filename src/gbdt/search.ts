import { usageError } from '../core/errors.ts';
import type { ProgressCallback } from '../core/progress.ts';
import type { Dataset, TrainingData } from './dataset.ts';
import { type DivisionOptions, divide, foldsOf } from './foldData.ts';
import type { Fold } from './folds.ts';
import type { FoldData } from './growFolds.ts';
import { type HalvingOptions, halvingPlan } from './halving.ts';
import type { Metric } from './metrics.ts';
import { type GbdtParameters, namedInFull } from './parameters.ts';
import { type Candidate, inertParameters, searchCandidates } from './searchCandidates.ts';
import { gridSettings, randomSettings, type SearchSpace, searchDimensions } from './searchSpace.ts';
import { createGrower, type SettingScore } from './settingScores.ts';

/** How to search. */
export interface SearchOptions extends DivisionOptions {
  /** Parameters that are the same in every setting. */
  readonly parameters?: GbdtParameters | undefined;
  /** What settings are scored by. Default: the first metric of the parameters, or the objective's own. */
  readonly metric?: string | undefined;
  /** Every combination, or `trials` drawn at random. Default `grid`. */
  readonly strategy?: 'grid' | 'random' | undefined;
  /** Settings that `random` tries. Default 20. */
  readonly trials?: number | undefined;
  /** Drops poor settings after some of the folds, the last ones first. Default false. */
  readonly halving?: boolean | HalvingOptions | undefined;
  readonly workers?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressCallback | undefined;
}

/** One setting and how it did. */
export interface SearchTrial extends SettingScore {
  /** Its place in the search space. */
  readonly parameters: GbdtParameters;
}

/** What a search found. */
export interface SearchResult {
  /** Parameters of the best setting, fixed ones included, for `train` on all rows. */
  readonly best: GbdtParameters;
  /** Every setting, best first; those that halving dropped come after those it kept. */
  readonly trials: readonly SearchTrial[];
  readonly metric: string;
  readonly higherIsBetter: boolean;
  readonly folds: readonly Fold[];
  /** Models grown. */
  readonly models: number;
  readonly warnings: readonly string[];
}

/**
 * Looks for the parameters of the best mean score over folds. Data is binned once, settings that grow the same model
 * are trained once, and those that differ in `numIterations` only share one training and are scored by its prefixes.
 * The result, but for times, is the same for any number of workers.
 *
 * @throws TrainyardError of kind `usage` for parameters, space and folds, `data` for labels that the objective cannot
 * use, `cancelled` once `signal` is aborted.
 *
 * @example
 * const { best, trials } = await searchParameters(
 *   { columns, label },
 *   { learningRate: [0.05, 0.1], numLeaves: [15, 31], numIterations: [80, 100] },
 *   { parameters: { objective: 'regressionL1' }, folds: 5 },
 * );
 * const { model } = train(createDataset({ columns, label }, best), best);
 */
export async function searchParameters(
  data: TrainingData | Dataset,
  space: SearchSpace,
  options: SearchOptions = {},
): Promise<SearchResult> {
  const fixed = namedInFull(options.parameters ?? {});
  const dimensions = searchDimensions(space, fixed);
  const { strategy = 'grid', trials = 20, seed = 0, workers, signal, onProgress } = options;
  if (strategy !== 'grid' && strategy !== 'random') {
    throw usageError(`invalid strategy: ${strategy}; expected grid or random`);
  }
  const found = strategy === 'grid' ? gridSettings(dimensions) : randomSettings(dimensions, trials, seed);
  const settings = found.map((setting) => ({ ...fixed, ...setting }));
  const { candidates, metric, dataset } = searchCandidates(data, settings, options.metric);
  const folds = foldsOf(dataset.numRows, options);
  const plan = halvingPlan(folds.length, options.halving ?? false);
  const foldData = new Map<Dataset, FoldData[]>();
  for (const candidate of candidates) {
    const own = candidate.dataset;
    if (!foldData.has(own)) foldData.set(own, divide(data, own, folds, options));
  }
  const foldsOfCandidate = ({ dataset: own }: Candidate) => foldData.get(own) ?? [];
  const grower = createGrower(foldsOfCandidate, metric, options.metric, { workers, signal, onProgress });

  const outcomes = new Map<Candidate, SettingScore>();
  let alive = candidates;
  for (const [round, count] of plan.folds.entries()) {
    // In time-ordered folds the last has the most to train on, and tests what is most like the future.
    const positions = Array.from({ length: count }, (_, i) => folds.length - count + i);
    await grower.grow(alive, positions);
    for (const candidate of alive) outcomes.set(candidate, grower.score(candidate, positions));
    if (round === plan.folds.length - 1) break;
    const order = ranked(alive, (candidate) => outcomes.get(candidate), metric);
    const kept = new Set(order.slice(0, Math.ceil(alive.length / plan.factor)));
    // In the order of the space, so that ties end as they do in a grid.
    alive = alive.filter((candidate) => kept.has(candidate));
  }

  const rows = [...outcomes].flatMap(([candidate, outcome]) =>
    candidate.settings.map((index) => ({ index, outcome })),
  );
  rows.sort((a, b) => a.index - b.index);
  const table = ranked(rows, ({ outcome }) => outcome, metric);
  return {
    best: readyToTrain(settings[table[0].index], table[0].outcome.iterations),
    trials: table.map(({ index, outcome }) => ({ parameters: found[index], ...outcome })),
    metric: metric.name,
    higherIsBetter: metric.higherIsBetter,
    folds,
    models: grower.models,
    warnings: inertParameters(
      dimensions.map(({ name }) => name),
      candidates,
    ),
  };
}

// More folds first, then better scores; what cannot be scored comes last. Ties keep their order.
function ranked<Item>(
  items: readonly Item[],
  scoreOf: (item: Item) => SettingScore | undefined,
  { higherIsBetter }: Metric,
): Item[] {
  const badness = (item: Item) => {
    const score = scoreOf(item)?.score ?? Number.NaN;
    if (Number.isNaN(score)) return Number.POSITIVE_INFINITY;
    return higherIsBetter ? -score : score;
  };
  const spared = (item: Item) => scoreOf(item)?.foldScores.filter(Number.isNaN).length ?? 0;
  return [...items].sort((a, b) => {
    const [x, y] = [badness(a), badness(b)];
    return spared(a) - spared(b) || (x < y ? -1 : x > y ? 1 : 0);
  });
}

// Without early stopping: it has done its work, and training on all rows has nothing to watch.
function readyToTrain(parameters: GbdtParameters, iterations: number): GbdtParameters {
  const { earlyStoppingRound: _, ...rest } = parameters;
  return { ...rest, numIterations: iterations };
}
