import { mapOnWorkers, moduleBeside, type WorkerPoolOptions } from '../core/workerPool.ts';
import type { FoldData, FoldTask, GrownFold } from './growFolds.ts';
import { deviationOf, meanOf, watchMeans } from './meanScores.ts';
import type { Metric } from './metrics.ts';
import type { Candidate } from './searchCandidates.ts';

/** How a setting did. */
export interface SettingScore {
  /** Mean over the folds it was scored on. */
  readonly score: number;
  /** Standard deviation over these folds (divided by their number). */
  readonly std: number;
  /** One a fold; NaN for those that halving spared it. */
  readonly foldScores: readonly number[];
  /** Iterations scored: `numIterations`, or the best of them where early stopping looked for it. */
  readonly iterations: number;
  /** Time its folds took to train; settings that share a training have the same. */
  readonly seconds: number;
}

type ScoredFold = Omit<GrownFold, 'model'>;

/** Grows folds where they are needed, and remembers their scores. */
export interface Grower {
  /** Models grown. */
  readonly models: number;
  /** Sees to it that these folds have been grown for each candidate. */
  grow(candidates: readonly Candidate[], positions: readonly number[]): Promise<void>;
  /** How a candidate did on these folds. */
  score(candidate: Candidate, positions: readonly number[]): SettingScore;
}

/**
 * A grower without any fold.
 *
 * @param foldsOf The data of all folds, binned for a candidate.
 * @param metricName The metric as parameters name it, where that is the same for all candidates.
 */
export function createGrower(
  foldsOf: (candidate: Candidate) => readonly FoldData[],
  metric: Metric,
  metricName: string | undefined,
  { workers, signal, onProgress }: WorkerPoolOptions,
): Grower {
  // For each training its folds by position.
  const known = new Map<string, Map<number, ScoredFold>>();
  const seconds = new Map<string, number>();
  let models = 0;
  let total = 0;

  function report(): void {
    onProgress?.({ stage: 'searching', done: models, total, unit: 'models' });
  }

  async function grow(candidates: readonly Candidate[], positions: readonly number[]): Promise<void> {
    const tasks: FoldTask[] = [];
    const wanted: { training: string; part: number[] }[] = [];
    for (const candidate of longestOfEach(candidates)) {
      const { training, parameters, resolved } = candidate;
      const folds = foldsOf(candidate);
      // Early stopping watches all folds at once: with more of them it ends elsewhere.
      const isWatched = resolved.earlyStoppingRound > 0;
      const missing = positions.filter((position) => isWatched || !known.get(training)?.has(position));
      for (const part of isWatched ? [missing] : missing.map((position) => [position])) {
        tasks.push({
          parameters: { ...parameters, metric: [metricName ?? resolved.metric[0] ?? metric.name] },
          folds: part.map((position) => folds[position]),
          positions: [...part.keys()],
          board: undefined,
        });
        wanted.push({ training, part });
      }
      total += missing.length;
    }
    report();
    const grown = await mapOnWorkers<FoldTask, ScoredFold[]>(
      moduleBeside(import.meta.url, './growFolds'),
      'scoreFolds',
      tasks,
      {
        workers,
        signal,
        onResult: (results) => {
          models += results.length;
          report();
        },
      },
    );
    for (const [i, { training, part }] of wanted.entries()) {
      const byPosition = known.get(training) ?? new Map<number, ScoredFold>();
      for (const fold of grown[i]) byPosition.set(part[fold.position], fold);
      known.set(training, byPosition);
      const spent = grown[i].reduce((sum, fold) => sum + fold.seconds, 0);
      seconds.set(training, (seconds.get(training) ?? 0) + spent);
    }
  }

  function score(candidate: Candidate, positions: readonly number[]): SettingScore {
    const { training, resolved } = candidate;
    const historyOf = (position: number) => known.get(training)?.get(position)?.history[0] ?? [];
    const histories = positions.map(historyOf);
    const watch = watchMeans(resolved, [metric], histories.length, (fold, _, iteration) => {
      return histories[fold][iteration];
    });
    watch.advance(Math.min(resolved.numIterations, histories[0].length));
    const iterations = watch.bestIteration ?? resolved.numIterations;
    const scores = histories.map((history) => history[iterations - 1]);
    return {
      score: meanOf(scores),
      std: deviationOf(scores),
      foldScores: foldsOf(candidate).map((_, position) => scores[positions.indexOf(position)] ?? Number.NaN),
      iterations,
      seconds: seconds.get(training) ?? 0,
    };
  }

  return {
    get models() {
      return models;
    },
    grow,
    score,
  };
}

// Of the candidates that share a training the one of most iterations: it serves the others.
function longestOfEach(candidates: readonly Candidate[]): Iterable<Candidate> {
  const longest = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const other = longest.get(candidate.training);
    if (other && other.resolved.numIterations >= candidate.resolved.numIterations) continue;
    longest.set(candidate.training, candidate);
  }
  return longest.values();
}
