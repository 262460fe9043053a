import type { TensorData } from '../../graph/dataType.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import { forwardPasses, watchedName } from './windowPasses.ts';
import { planWindow } from './windowPlan.ts';
import { type Feeds, type Window, windowRunner } from './windowRunner.ts';

/** Computes values of whole data sets, a micro-batch at a time. */
export interface Evaluator {
  /**
   * @param window All samples, in micro-batches of any sizes.
   * @param parameters Values of parameters; those left out have the ones they were made with.
   * @returns By name: numbers of all samples together, or where there is one for each sample, all in order.
   */
  run(window: Window, parameters?: Feeds): Promise<Record<string, TensorData>>;
  release(): Promise<void>;
}

/**
 * Prepares metrics, losses and predictions for data of any length in the memory of one micro-batch, exactly: what a
 * metric takes from all samples together is recognised in its graph, as in {@link createAccumulatedStep}.
 *
 * @example
 * const evaluator = await createEvaluator({ loss, macroF1, chances: sigmoid(logits) });
 * const { macroF1: score } = await evaluator.run([{ x: first, y: labels }, { x: next, y: nextLabels }], weights);
 */
export async function createEvaluator(
  outputs: Readonly<Record<string, Tensor>>,
  { batch = 'batch', ...options }: CompileOptions & { readonly batch?: string | undefined } = {},
): Promise<Evaluator> {
  const names = Object.keys(outputs);
  const tensors = Object.values(outputs);
  const plan = planWindow(tensors, { batch, trained: new Set(), joinStatistics: false });
  const passes = forwardPasses(plan, new Map(plan.found.map((found, i) => [names[i], found])));
  const runner = await windowRunner(passes, plan, tensors, batch, options);
  return {
    async run(window, parameters = {}) {
      const { results } = await runner.run(window, parameters);
      return Object.fromEntries(names.map((name) => [name, results[watchedName(name)]]));
    },
    release: () => runner.release(),
  };
}
