import { gradient } from '../autodiff/gradient.ts';
import { numbersOf, type TensorData } from '../graph/dataType.ts';
import { graphOf } from '../graph/graph.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { TensorTree } from '../graph/tensorTree.ts';
import {
  createOptimizer,
  type Optimizer,
  type OptimizerOptions,
  type UpdateReport,
} from '../optim/optimizer.ts';
import type { OptimizerRule } from '../optim/optimizerRule.ts';
import { type CompileOptions, compile } from '../runtime/compile.ts';
import { namedParameters } from './namedParameters.ts';

/** One batch forward and backward, and the update, over and over. */
export interface TrainingStep {
  readonly optimizer: Optimizer;
  /**
   * Trains on one batch.
   *
   * @param feeds The inputs of the loss, parameters excepted.
   * @returns The loss before the update.
   */
  run(feeds: Readonly<Record<string, TensorData>>, learningRate?: number): Promise<StepReport>;
  /** The parameters as they are now, by name; copies. */
  parameters(): Record<string, TensorData>;
  release(): Promise<void>;
}

/** What a step met. */
export interface StepReport extends UpdateReport {
  readonly loss: number;
  /** What was watched, by name. */
  readonly watched: Readonly<Record<string, TensorData>>;
}

/** How to train. */
export interface TrainingStepOptions extends OptimizerOptions, CompileOptions {
  /** Further tensors of the model to report, such as the statistics of batch normalisation. */
  readonly watch?: Readonly<Record<string, Tensor>> | undefined;
}

/**
 * Prepares training: differentiates the loss and compiles it with its gradients into one graph. Weights, gradients and
 * the optimiser's memory stay where they are from step to step.
 *
 * @param parameters Tensors made with `parameter`, as a list or a tree; they start at their values.
 * @throws TrainyardError of kind `usage` for parameters without a value.
 */
export async function createTrainingStep(
  loss: Tensor,
  parameters: TensorTree,
  rule: OptimizerRule,
  options: TrainingStepOptions = {},
): Promise<TrainingStep> {
  const named = namedParameters(parameters);
  const values = Object.fromEntries(Array.from(named, ([name, { value }]) => [name, value]));
  const optimizer = createOptimizer(values, rule, options);
  const slopes = gradient(
    loss,
    Array.from(named.values(), ({ tensor }) => tensor),
  );
  const watched = Object.entries(options.watch ?? {});
  const outputs = new Map([
    ['loss', loss],
    ...watched.map(([name, tensor]) => [`watched ${name}`, tensor] as const),
    ...[...named.keys()].map((name, i) => [`gradient of ${name}`, slopes[i]] as const),
  ]);
  const program = await compile(graphOf(outputs, { name: 'trainingStep' }), options);
  const used = new Set(program.graph.inputs.map(({ node }) => node.name));
  const views = Object.fromEntries(
    Object.entries(values)
      .filter(([name]) => used.has(name))
      .map(([name, { dtype, shape }]) => [name, { dtype, shape, data: optimizer.weights[name] }]),
  );
  const into = Object.fromEntries(
    Object.entries(optimizer.gradients).map(([name, array]) => [`gradient of ${name}`, array]),
  );

  return {
    optimizer,
    async run(feeds, learningRate) {
      const results = await program.run({ ...views, ...feeds }, into);
      const report = optimizer.update(learningRate === undefined ? {} : { learningRate });
      return {
        ...report,
        loss: numbersOf(results.loss)[0],
        watched: Object.fromEntries(watched.map(([name]) => [name, results[`watched ${name}`]])),
      };
    },
    parameters: () =>
      Object.fromEntries(
        Object.entries(values).map(([name, { dtype, shape }]) => [
          name,
          { dtype, shape, data: optimizer.weights[name].slice() },
        ]),
      ),
    release: () => program.release(),
  };
}
