import { usageError } from '../core/errors.ts';
import { checkScorable } from './crossValidate.ts';
import { createDataset, type Dataset, type TrainingData } from './dataset.ts';
import { isDataset } from './foldData.ts';
import { createMetrics, type Metric } from './metrics.ts';
import { type DataTraits, trainingKey, whyNoEffect } from './noEffect.ts';
import { type GbdtParameters, type ResolvedParameters, resolveParameters } from './parameters.ts';
import { withBinningOf } from './train.ts';

/** Settings that grow the same model. */
export interface Candidate {
  /** Parameters of the first of them, fixed ones included. */
  readonly parameters: GbdtParameters;
  readonly resolved: ResolvedParameters;
  /** Places of these settings in the list. */
  readonly settings: readonly number[];
  /** The same for candidates that differ in `numIterations` only: one training serves them. */
  readonly training: string;
  readonly dataset: Dataset;
}

/**
 * Groups settings by the model they grow, and bins the data: once, unless the space holds binning parameters.
 *
 * @param settings Parameters of each setting, fixed ones included, named in full.
 * @param metric What settings are scored by; the objective's own where not given.
 */
export function searchCandidates(
  data: TrainingData | Dataset,
  settings: readonly GbdtParameters[],
  metric: string | undefined,
): { candidates: Candidate[]; metric: Metric; dataset: Dataset } {
  const resolved = settings.map(resolveParameters);
  resolved.forEach(checkScorable);
  const metricOfAll = commonMetric(resolved, metric);
  // Features are left out only where no setting could use them.
  const leastInLeaf = new Map<string, number>();
  for (const own of resolved) {
    const key = binningKey(own);
    leastInLeaf.set(key, Math.min(leastInLeaf.get(key) ?? own.minDataInLeaf, own.minDataInLeaf));
  }
  const datasets = new Map<string, Dataset>();
  const candidates = new Map<string, Candidate & { settings: number[] }>();
  for (const [index, parameters] of settings.entries()) {
    const dataset = datasetFor(parameters, resolved[index]);
    withBinningOf(dataset, parameters);
    const training = trainingKey({ ...resolved[index], numIterations: 0 }, traitsOf(dataset));
    const key = `${resolved[index].numIterations} ${training}`;
    const known = candidates.get(key);
    if (known) known.settings.push(index);
    else candidates.set(key, { parameters, resolved: resolved[index], settings: [index], training, dataset });
  }
  const [first] = candidates.values();
  return { candidates: [...candidates.values()], metric: metricOfAll, dataset: first.dataset };

  function datasetFor(parameters: GbdtParameters, own: ResolvedParameters): Dataset {
    if (isDataset(data)) return data;
    const key = binningKey(own);
    const minDataInLeaf = leastInLeaf.get(key);
    const dataset = datasets.get(key) ?? createDataset(data, { ...parameters, minDataInLeaf });
    datasets.set(key, dataset);
    return dataset;
  }
}

/** What deserves a word: parameters of the space that did nothing, in any setting. */
export function inertParameters(
  names: readonly (keyof ResolvedParameters)[],
  candidates: readonly Candidate[],
): string[] {
  return names.flatMap((name) => {
    const reasons = candidates.map(({ resolved, dataset }) => whyNoEffect(name, resolved, traitsOf(dataset)));
    if (!reasons.every((reason) => reason !== undefined)) return [];
    const because = [...new Set(reasons)].join(', or ');
    return [`${name} had no effect: ${because}; settings that differ in it alone share one training`];
  });
}

// Losses that depend on a parameter can be compared for one value of it only.
const metricParameters: Readonly<Record<string, keyof ResolvedParameters>> = {
  quantile: 'alpha',
  huber: 'alpha',
  fair: 'fairC',
  multi_error: 'multiErrorTopK',
};

function commonMetric(resolved: readonly ResolvedParameters[], name: string | undefined): Metric {
  const metrics = resolved.map((parameters) => {
    const [metric] = createMetrics(name === undefined ? parameters : { ...parameters, metric: [name] });
    return metric;
  });
  const [metric] = metrics;
  const other = metrics.find((candidate) => candidate.name !== metric.name);
  if (other) {
    throw usageError(
      `settings would be scored by ${metric.name} and by ${other.name}, which do not compare`,
      'pass the metric to score all of them by',
    );
  }
  const parameter = metricParameters[metric.name];
  if (parameter && resolved.some((own) => own[parameter] !== resolved[0][parameter])) {
    throw usageError(
      `the space holds ${parameter}, which changes what ${metric.name} measures: scores would not compare`,
      'score by another metric, such as l1',
    );
  }
  return metric;
}

function binningKey(parameters: ResolvedParameters): string {
  const { maxBin, minDataInBin, binConstructSampleCnt, dataRandomSeed, featurePreFilter, useMissing } =
    parameters;
  return [maxBin, minDataInBin, binConstructSampleCnt, dataRandomSeed, featurePreFilter, useMissing].join();
}

function traitsOf({ numRows, mappers }: Dataset): DataTraits {
  return { numRows, hasCategories: mappers.some(({ kind }) => kind === 'categorical') };
}
