import { usageError } from '../core/errors.ts';
import type { ProgressCallback } from '../core/progress.ts';
import { mapOnWorkers, moduleBeside } from '../core/workerPool.ts';
import type { Dataset, TrainingData } from './dataset.ts';
import { type DivisionOptions, divide, foldsOf } from './foldData.ts';
import type { Fold } from './folds.ts';
import type { FoldData, FoldTask, GrownFold } from './growFolds.ts';
import { checkFirstRound, type HalvingOptions, halvingPlan, thinTraining } from './halving.ts';
import { deviationOf, meanOf, watchMeans } from './meanScores.ts';
import type { Metric } from './metrics.ts';
import { type GbdtParameters, namedInFull } from './parameters.ts';
import { type Candidate, inertParameters, searchCandidates } from './searchCandidates.ts';
import { gridSettings, randomSettings, type SearchSpace, searchDimensions } from './searchSpace.ts';

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
  /** Drops poor settings after training on some of the rows. Default false. */
  readonly halving?: boolean | HalvingOptions | undefined;
  readonly workers?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressCallback | undefined;
}

/** One setting and how it did. */
export interface SearchTrial {
  /** Its place in the search space. */
  readonly parameters: GbdtParameters;
  /** Mean over the folds. */
  readonly score: number;
  /** Standard deviation over the folds (divided by their number). */
  readonly std: number;
  readonly foldScores: readonly number[];
  /** Iterations scored: `numIterations`, or the best of them where early stopping looked for it. */
  readonly iterations: number;
  /** Share of the training rows it was last scored with; below 1 where halving dropped it. */
  readonly rowShare: number;
  /** Time its folds took to train, in every round; settings that share a training have the same. */
  readonly seconds: number;
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
 * Halving follows Jamieson and Talwalkar 2016 ("Non-stochastic best arm identification and hyperparameter
 * optimization"), with the number of training rows as what is given out.
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
  const { strategy = 'grid', trials = 20, seed = 0 } = options;
  if (strategy !== 'grid' && strategy !== 'random') {
    throw usageError(`invalid strategy: ${strategy}; expected grid or random`);
  }
  const found = strategy === 'grid' ? gridSettings(dimensions) : randomSettings(dimensions, trials, seed);
  const settings = found.map((setting) => ({ ...fixed, ...setting }));
  const { candidates, metric, dataset } = searchCandidates(data, settings, options.metric);
  const folds = foldsOf(dataset.numRows, options);
  const { factor, shares } = halvingPlan(options.halving ?? false);
  checkFirstRound(
    folds,
    shares[0],
    candidates.map(({ resolved }) => resolved),
  );

  const outcomes = new Map<Candidate, Outcome>();
  const progress = { models: 0, total: 0 };
  let alive = candidates;
  for (const [rung, rowShare] of shares.entries()) {
    const foldsOfCandidate = divideFor(data, alive, folds, rowShare, options);
    const scored = await scoreCandidates(alive, foldsOfCandidate, metric, progress, options);
    for (const [i, candidate] of alive.entries()) {
      const seconds = (outcomes.get(candidate)?.seconds ?? 0) + scored[i].seconds;
      outcomes.set(candidate, { ...scored[i], seconds, rowShare });
    }
    if (rung === shares.length - 1) break;
    const order = ranked(alive, (candidate) => outcomes.get(candidate), metric);
    const kept = new Set(order.slice(0, Math.ceil(alive.length / factor)));
    // In the order of the space, so that ties end as they do in a grid.
    alive = alive.filter((candidate) => kept.has(candidate));
  }

  const rows = [...outcomes].flatMap(([candidate, outcome]) =>
    candidate.settings.map((index) => ({ index, candidate, outcome })),
  );
  rows.sort((a, b) => a.index - b.index);
  const table = ranked(rows, ({ outcome }) => outcome, metric);
  return {
    best: readyToTrain(settings[table[0].index], table[0].outcome.iterations),
    trials: table.map(({ index, outcome }) => ({ parameters: found[index], ...outcome })),
    metric: metric.name,
    higherIsBetter: metric.higherIsBetter,
    folds,
    models: progress.models,
    warnings: inertParameters(
      dimensions.map(({ name }) => name),
      candidates,
    ),
  };
}

type Outcome = Omit<SearchTrial, 'parameters'>;

// Trains what the candidates need, the longest of those that share a training, and scores each by its prefix.
async function scoreCandidates(
  candidates: readonly Candidate[],
  foldsOfCandidate: (candidate: Candidate) => readonly FoldData[],
  metric: Metric,
  progress: { models: number; total: number },
  { metric: metricName, workers, signal, onProgress }: SearchOptions,
): Promise<Omit<Outcome, 'rowShare'>[]> {
  const longest = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const other = longest.get(candidate.training);
    if (other && other.resolved.numIterations >= candidate.resolved.numIterations) continue;
    longest.set(candidate.training, candidate);
  }
  const tasks: FoldTask[] = [];
  const trainingOf: string[] = [];
  for (const candidate of longest.values()) {
    const folds = foldsOfCandidate(candidate);
    const positions = [...folds.keys()];
    // Early stopping watches all folds at once.
    const parts = candidate.resolved.earlyStoppingRound > 0 ? [positions] : positions.map((i) => [i]);
    for (const part of parts) {
      tasks.push({
        parameters: { ...candidate.parameters, metric: [metricName ?? firstMetric(candidate, metric)] },
        folds: part.map((position) => folds[position]),
        positions: part,
        board: undefined,
      });
      trainingOf.push(candidate.training);
    }
    progress.total += folds.length;
  }
  const report = () =>
    onProgress?.({ stage: 'searching', done: progress.models, total: progress.total, unit: 'models' });
  report();
  const grown = await mapOnWorkers<FoldTask, Omit<GrownFold, 'model'>[]>(
    moduleBeside(import.meta.url, './growFolds'),
    'scoreFolds',
    tasks,
    {
      workers,
      signal,
      onResult: (results) => {
        progress.models += results.length;
        report();
      },
    },
  );
  const byTraining = new Map<string, Omit<GrownFold, 'model'>[]>();
  for (const [i, results] of grown.entries()) {
    byTraining.set(trainingOf[i], [...(byTraining.get(trainingOf[i]) ?? []), ...results]);
  }
  return candidates.map((candidate) =>
    scorePrefix(candidate, byTraining.get(candidate.training) ?? [], metric),
  );
}

function scorePrefix(
  { resolved }: Candidate,
  folds: readonly Omit<GrownFold, 'model'>[],
  metric: Metric,
): Omit<Outcome, 'rowShare'> {
  const watch = watchMeans(resolved, [metric], folds.length, (fold, _, iteration) => {
    return folds[fold].history[0][iteration];
  });
  watch.advance(Math.min(resolved.numIterations, folds[0].history[0].length));
  const iterations = watch.bestIteration ?? resolved.numIterations;
  const foldScores = folds.map(({ history }) => history[0][iterations - 1]);
  return {
    score: meanOf(foldScores),
    std: deviationOf(foldScores),
    foldScores,
    iterations,
    seconds: folds.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

function firstMetric({ resolved }: Candidate, metric: Metric): string {
  return resolved.metric[0] ?? metric.name;
}

/** The data of the folds for each candidate, training rows thinned out to a share of them. */
function divideFor(
  data: TrainingData | Dataset,
  candidates: readonly Candidate[],
  folds: readonly Fold[],
  rowShare: number,
  options: SearchOptions,
): (candidate: Candidate) => readonly FoldData[] {
  const thinned = thinTraining(folds, rowShare, options.seed ?? 0);
  const divided = new Map<Dataset, FoldData[]>();
  for (const { dataset } of candidates) {
    if (!divided.has(dataset)) divided.set(dataset, divide(data, dataset, thinned, options));
  }
  return ({ dataset }) => divided.get(dataset) ?? [];
}

// Larger shares of rows first, then better scores; what cannot be scored comes last. Ties keep their order.
function ranked<Item>(
  items: readonly Item[],
  outcomeOf: (item: Item) => Outcome | undefined,
  { higherIsBetter }: Metric,
): Item[] {
  const badness = (item: Item) => {
    const score = outcomeOf(item)?.score ?? Number.NaN;
    if (Number.isNaN(score)) return Number.POSITIVE_INFINITY;
    return higherIsBetter ? -score : score;
  };
  const share = (item: Item) => outcomeOf(item)?.rowShare ?? 0;
  return [...items].sort((a, b) => {
    if (share(a) !== share(b)) return share(b) - share(a);
    const [x, y] = [badness(a), badness(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  });
}

// Without early stopping: it has done its work, and training on all rows has nothing to watch.
function readyToTrain(parameters: GbdtParameters, iterations: number): GbdtParameters {
  const { earlyStoppingRound: _, ...rest } = parameters;
  return { ...rest, numIterations: iterations };
}
