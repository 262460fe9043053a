import { exp as preciseExp } from './preciseMath.ts';

/**
 * Turns scores into chances, in place.
 *
 * @param exp The exponential function: `Math.exp` where 32 bits of the result are enough.
 */
export function softmax(scores: Float64Array, exp: (x: number) => number = preciseExp): void {
  let most = scores[0];
  for (let k = 1; k < scores.length; k++) most = Math.max(most, scores[k]);
  let sum = 0;
  for (let k = 0; k < scores.length; k++) {
    scores[k] = exp(scores[k] - most);
    sum += scores[k];
  }
  for (let k = 0; k < scores.length; k++) scores[k] /= sum;
}
