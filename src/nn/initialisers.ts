import type { RandomStream } from '../core/random.ts';
import { sizeOf } from '../graph/dataType.ts';

/**
 * Draws the first values of a parameter.
 *
 * @param shape Of weights: `[outputs, inputs, ...kernel]`.
 * @param random A stream of the parameter's own.
 */
export type Initialiser = (shape: readonly number[], random: RandomStream) => Float32Array;

/** All 0. */
export function zeros(): Initialiser {
  return filled(0);
}

/** All 1. */
export function ones(): Initialiser {
  return filled(1);
}

/** One number all over. */
export function filled(value: number): Initialiser {
  return (shape) => new Float32Array(sizeOf(shape)).fill(value);
}

/** Uniform between two bounds. */
export function uniform({
  lower = -0.05,
  upper = 0.05,
}: {
  lower?: number;
  upper?: number;
} = {}): Initialiser {
  return draws((random) => lower + (upper - lower) * random.uniform());
}

/** Normal, mean 0. */
export function normal({ deviation = 0.05 }: { deviation?: number } = {}): Initialiser {
  return draws((random) => deviation * random.normal());
}

/**
 * Normal, mean 0, drawn again beyond `bound` deviations.
 *
 * @param options `deviation` is that of the normal before it is cut.
 */
export function truncatedNormal({
  deviation = 0.05,
  bound = 2,
}: {
  deviation?: number;
  bound?: number;
} = {}): Initialiser {
  return draws((random) => {
    let value = random.normal();
    while (Math.abs(value) > bound) value = random.normal();
    return deviation * value;
  });
}

/** Variance `1 / inputs` (LeCun et al. 1998), uniform. */
export function lecunUniform(): Initialiser {
  return scaled('uniform', ({ inputs }) => 1 / inputs);
}

/** Variance `1 / inputs` (LeCun et al. 1998), normal cut at two deviations. */
export function lecunNormal(): Initialiser {
  return scaled('normal', ({ inputs }) => 1 / inputs);
}

/** Variance `2 / (inputs + outputs)` (Glorot and Bengio 2010), uniform. */
export function glorotUniform(): Initialiser {
  return scaled('uniform', ({ inputs, outputs }) => 2 / (inputs + outputs));
}

/** Variance `2 / (inputs + outputs)` (Glorot and Bengio 2010), normal cut at two deviations. */
export function glorotNormal(): Initialiser {
  return scaled('normal', ({ inputs, outputs }) => 2 / (inputs + outputs));
}

/** Variance `2 / inputs`, for layers before a relu (He et al. 2015), uniform. */
export function heUniform(): Initialiser {
  return scaled('uniform', ({ inputs }) => 2 / inputs);
}

/** Variance `2 / inputs`, for layers before a relu (He et al. 2015), normal cut at two deviations. */
export function heNormal(): Initialiser {
  return scaled('normal', ({ inputs }) => 2 / inputs);
}

/**
 * Rows at right angles to each other and of length `gain`, or columns if these are fewer (Saxe et al. 2014). Axes
 * behind the first count as one.
 */
export function orthogonal({ gain = 1 }: { gain?: number } = {}): Initialiser {
  return (shape, random) => {
    const rows = shape[0] ?? 1;
    const columns = sizeOf(shape.slice(1));
    const [count, length] = rows <= columns ? [rows, columns] : [columns, rows];
    const basis: Float64Array[] = [];
    for (let i = 0; i < count; i++) {
      const vector = Float64Array.from({ length }, () => random.normal());
      // Twice, as what is left after the first time may be small and then off the right angle.
      for (let pass = 0; pass < 2; pass++) for (const other of basis) subtractProjection(vector, other);
      const norm = Math.hypot(...vector);
      basis.push(vector.map((value) => value / norm));
    }
    return Float32Array.from({ length: rows * columns }, (_, at) => {
      const [row, column] = [Math.floor(at / columns), at % columns];
      return gain * (rows <= columns ? basis[row][column] : basis[column][row]);
    });
  };
}

/** How many values a unit is computed from, and how many it goes into, for a weight `[outputs, inputs, ...kernel]`. */
export function fans(shape: readonly number[]): { readonly inputs: number; readonly outputs: number } {
  const window = sizeOf(shape.slice(2));
  return { inputs: (shape[1] ?? 1) * window, outputs: (shape[0] ?? 1) * window };
}

// Deviation of a standard normal that is cut at two deviations.
const deviationOfCut = 0.8796256610342398;

function scaled(
  distribution: 'uniform' | 'normal',
  varianceOf: (fan: ReturnType<typeof fans>) => number,
): Initialiser {
  return (shape, random) => {
    const deviation = Math.sqrt(varianceOf(fans(shape)));
    const limit = Math.sqrt(3) * deviation;
    const drawn =
      distribution === 'uniform'
        ? uniform({ lower: -limit, upper: limit })
        : truncatedNormal({ deviation: deviation / deviationOfCut });
    return drawn(shape, random);
  };
}

function draws(next: (random: RandomStream) => number): Initialiser {
  return (shape, random) => {
    const values = new Float32Array(sizeOf(shape));
    for (let i = 0; i < values.length; i++) values[i] = next(random);
    return values;
  };
}

function subtractProjection(vector: Float64Array, unit: Float64Array): void {
  const along = vector.reduce((sum, value, i) => sum + value * unit[i], 0);
  for (let i = 0; i < vector.length; i++) vector[i] -= along * unit[i];
}
