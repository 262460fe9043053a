/**
 * Least squares with an L1 penalty on some variables, around a reference point r:
 * minimise (x-r)'H(x-r)/2 - descent'(x-r) + penalty * sum |x_j| over j >= free.
 */
export interface L1Problem {
  /** H, `[size * size]` by rows, symmetric, positive semi-definite. */
  readonly matrix: Float64Array;
  /** r, `[size]`. */
  readonly reference: Float64Array;
  /** Minus the gradient of the smooth part at r, `[size]`. */
  readonly descent: Float64Array;
  /** The first `free` variables have no penalty. */
  readonly free: number;
  readonly penalty: number;
}

/** Solves the problem from a start, which becomes the solution. */
export type L1Solver = (problem: L1Problem, x: Float64Array) => void;

/**
 * An exact active-set solver for problems of up to `size` variables (feature-sign search; Lee, Battle, Raina and Ng
 * 2006). Variables that are not nought, and their signs, make the active set; on it the problem is a linear system,
 * whose Cholesky factor is kept and grown by a row at a time. From a start near the solution it takes few steps.
 *
 * The reference point lets a caller give the gradient where it is known best: near the solution, where gradients of
 * nearly noiseless data would otherwise vanish in rounding.
 */
export function l1Solver(size: number): L1Solver {
  const factor = new Float64Array(size * size);
  const active = new Int32Array(size);
  const sign = new Float64Array(size);
  const gradient = new Float64Array(size);
  const step = new Float64Array(size);
  // A variable that fell out in the step it came in would come in again for ever.
  const banned = new Uint8Array(size);
  let count = 0;

  return ({ matrix, reference, descent, free, penalty }, x) => {
    banned.fill(0);
    start(matrix, reference, descent, free, x);
    const limit = 100 + 20 * size;
    let polished = 0;
    for (let round = 0; round < limit; round++) {
      solveActive(penalty);
      const blocking = blockingVariable(free, x);
      const share = blocking < 0 ? 1 : Math.max(0, -x[active[blocking]] / step[blocking]);
      move(matrix, x, share);
      if (blocking >= 0) {
        const variable = active[blocking];
        if (share === 0) banned[variable] = 1;
        else banned.fill(0);
        x[variable] = 0;
        sign[variable] = 0;
        active.copyWithin(blocking, blocking + 1, count);
        count--;
        factorise(matrix, blocking);
        continue;
      }
      if (polished < 2 && activeResidual(penalty) > 1e-9 * penalty) {
        polished++;
        continue;
      }
      polished = 0;
      const entering = worstViolation(free, penalty);
      if (entering < 0) return;
      sign[entering] = -Math.sign(gradient[entering]);
      active[count] = entering;
      count++;
      factorise(matrix, count - 1);
    }
  };

  function start(
    matrix: Float64Array,
    reference: Float64Array,
    descent: Float64Array,
    free: number,
    x: Float64Array,
  ): void {
    count = 0;
    for (let j = 0; j < size; j++) {
      sign[j] = j < free ? 0 : Math.sign(x[j]);
      if (j < free || sign[j] !== 0) active[count++] = j;
    }
    for (let j = 0; j < size; j++) gradient[j] = -descent[j];
    for (let j = 0; j < size; j++) addRow(matrix, j, x[j] - reference[j]);
    factorise(matrix, 0);
  }

  function solveActive(penalty: number): void {
    for (let i = 0; i < count; i++) {
      let sum = -(gradient[active[i]] + penalty * sign[active[i]]);
      const row = i * size;
      for (let j = 0; j < i; j++) sum -= factor[row + j] * step[j];
      step[i] = sum / factor[row + i];
    }
    for (let i = count - 1; i >= 0; i--) {
      const value = step[i] / factor[i * size + i];
      step[i] = value;
      for (let j = 0; j < i; j++) step[j] -= factor[i * size + j] * value;
    }
  }

  // Position in the active set of the variable that would change its sign first, or -1.
  function blockingVariable(free: number, x: Float64Array): number {
    let first = -1;
    let least = 1;
    for (let i = free; i < count; i++) {
      const variable = active[i];
      if ((x[variable] + step[i]) * sign[variable] > 0) continue;
      const share = step[i] === 0 ? 0 : -x[variable] / step[i];
      if (share < least) {
        least = share;
        first = i;
      }
    }
    return first;
  }

  function move(matrix: Float64Array, x: Float64Array, share: number): void {
    if (share === 0) return;
    for (let i = 0; i < count; i++) {
      const change = share * step[i];
      x[active[i]] += change;
      addRow(matrix, active[i], change);
    }
  }

  function activeResidual(penalty: number): number {
    let largest = 0;
    for (let i = 0; i < count; i++)
      largest = Math.max(largest, Math.abs(gradient[active[i]] + penalty * sign[active[i]]));
    return largest;
  }

  function addRow(matrix: Float64Array, row: number, multiple: number): void {
    if (multiple === 0) return;
    const offset = row * size;
    for (let j = 0; j < size; j++) gradient[j] += multiple * matrix[offset + j];
  }

  function worstViolation(free: number, penalty: number): number {
    let worst = -1;
    let most = penalty * (1 + 1e-10);
    for (let j = free; j < size; j++) {
      const size = Math.abs(gradient[j]);
      if (sign[j] === 0 && banned[j] === 0 && size > most) {
        most = size;
        worst = j;
      }
    }
    return worst;
  }

  // Rows of the factor from a position on.
  function factorise(matrix: Float64Array, from: number): void {
    for (let i = from; i < count; i++) {
      const row = i * size;
      const source = active[i] * size;
      let diagonal = matrix[source + active[i]];
      const least = diagonal * 1e-13;
      for (let j = 0; j < i; j++) {
        const other = j * size;
        let sum = matrix[source + active[j]];
        for (let k = 0; k < j; k++) sum -= factor[row + k] * factor[other + k];
        const value = sum / factor[other + j];
        factor[row + j] = value;
        diagonal -= value * value;
      }
      // Variables that depend on the others get a small step instead of a wild one.
      factor[row + i] = Math.sqrt(Math.max(diagonal, least, Number.MIN_VALUE * 2 ** 52));
    }
  }
}
