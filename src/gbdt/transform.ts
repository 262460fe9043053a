import { usageError } from '../core/errors.ts';
import { exp } from './preciseMath.ts';
import { softmax } from './softmax.ts';

/** Turns the raw scores of one row into what the model predicts, in place. */
export type OutputTransform = (scores: Float64Array) => void;

/**
 * The transform that belongs to an objective as written in a model file; `undefined` where scores are the
 * prediction. Knows the objectives of LightGBM beyond those we train, so that its models can be used.
 *
 * @throws TrainyardError of kind `usage` for an objective nobody knows.
 */
export function outputTransform(objective: string | undefined): OutputTransform | undefined {
  if (objective === undefined) return undefined;
  const [name, ...settings] = objective.split(' ');
  const option = (key: string) => {
    const found = settings.find((setting) => setting.startsWith(`${key}:`));
    return found === undefined ? 1 : Number(found.slice(key.length + 1));
  };
  switch (name) {
    case 'regression':
      return settings.includes('sqrt') ? (s) => each(s, (x) => Math.sign(x) * x * x) : undefined;
    case 'regression_l1':
    case 'huber':
    case 'fair':
    case 'quantile':
    case 'mape':
    case 'lambdarank':
    case 'rank_xendcg':
    case 'custom':
      return undefined;
    case 'poisson':
    case 'gamma':
    case 'tweedie':
      return (scores) => each(scores, exp);
    case 'binary':
    case 'multiclassova': {
      const sigmoid = option('sigmoid');
      return (scores) => each(scores, (x) => 1 / (1 + exp(-sigmoid * x)));
    }
    case 'cross_entropy':
      return (scores) => each(scores, (x) => 1 / (1 + exp(-x)));
    case 'cross_entropy_lambda':
      return (scores) => each(scores, (x) => Math.log1p(exp(x)));
    case 'multiclass':
      return softmax;
    default:
      throw usageError(
        `unknown objective in the model: ${name}`,
        'ask for raw scores instead of predictions',
      );
  }
}

function each(scores: Float64Array, change: (score: number) => number): void {
  for (let k = 0; k < scores.length; k++) scores[k] = change(scores[k]);
}
