import { type Code, encodeModule, instruction } from './wasmModule.ts';

/**
 * Arithmetic on float32 arrays, element by element, as a formula: what an optimiser does to every weight. Made with
 * the functions below, computed by {@link vectorKernel} in one pass over memory.
 */
export type Expression =
  | { readonly kind: 'array'; readonly index: number }
  | { readonly kind: 'scalar'; readonly index: number }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: Operation; readonly operands: readonly Expression[] };

type Operation = 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max' | 'sqrt' | 'abs' | 'neg';

/** A term of a formula; numbers are constants. */
export type Term = Expression | number;

/** `a + b` */
export const add = (a: Term, b: Term): Expression => operation('add', a, b);
/** `a - b` */
export const sub = (a: Term, b: Term): Expression => operation('sub', a, b);
/** `a b` */
export const mul = (a: Term, b: Term): Expression => operation('mul', a, b);
/** `a / b` */
export const div = (a: Term, b: Term): Expression => operation('div', a, b);
/** The smaller; NaN if either is */
export const min = (a: Term, b: Term): Expression => operation('min', a, b);
/** The larger; NaN if either is */
export const max = (a: Term, b: Term): Expression => operation('max', a, b);
/** Square root */
export const sqrt = (a: Term): Expression => operation('sqrt', a);
/** Absolute value */
export const abs = (a: Term): Expression => operation('abs', a);
/** `-a` */
export const neg = (a: Term): Expression => operation('neg', a);

/** What a formula is made of: names of arrays and of scalars. */
export interface Formula<Arrays extends string, Scalars extends string> {
  readonly arrays: readonly Arrays[];
  readonly scalars: readonly Scalars[];
  /** New values of some arrays from the old ones of all. */
  update(
    arrays: Readonly<Record<Arrays, Expression>>,
    scalars: Readonly<Record<Scalars, Expression>>,
  ): Readonly<Partial<Record<Arrays, Expression>>>;
}

/** A formula that is ready to run on arrays of one memory. */
export type VectorKernel<Arrays extends string, Scalars extends string> = (
  arrays: Readonly<Record<Arrays, Float32Array>>,
  scalars: Readonly<Record<Scalars, number>>,
) => void;

/**
 * Compiles a formula to WebAssembly with SIMD: each array is read once and written once, four elements at a time,
 * whatever the formula. Results are those of float32 arithmetic in the order written.
 *
 * @param memory What the arrays lie in; all must have one length, and start at multiples of 4 bytes.
 * @example
 * const descend = vectorKernel(memory, {
 *   arrays: ['weight', 'gradient'],
 *   scalars: ['learningRate'],
 *   update: ({ weight, gradient }, { learningRate }) => ({ weight: sub(weight, mul(learningRate, gradient)) }),
 * });
 */
export function vectorKernel<Arrays extends string, Scalars extends string>(
  memory: WebAssembly.Memory,
  formula: Formula<Arrays, Scalars>,
): VectorKernel<Arrays, Scalars> {
  const module = new WebAssembly.Module(compileFormula(formula));
  const { exports } = new WebAssembly.Instance(module, { host: { memory } });
  const run = exports.run as (...values: number[]) => void;
  const values = new Array<number>(1 + formula.arrays.length + formula.scalars.length);
  return (arrays, scalars) => {
    let next = 0;
    const { length } = arrays[formula.arrays[0]];
    values[next++] = length;
    for (const name of formula.arrays) {
      const array = arrays[name];
      if (array.buffer !== memory.buffer || array.length !== length) {
        throw new RangeError(`array ${name} is not in the kernel's memory, or not ${length} long`);
      }
      values[next++] = array.byteOffset;
    }
    for (const name of formula.scalars) values[next++] = scalars[name];
    run(...values);
  };
}

/**
 * The same formula in plain code on numbers: what the kernel is tested against.
 *
 * @internal
 */
export function evaluateFormula<Arrays extends string, Scalars extends string>(
  formula: Formula<Arrays, Scalars>,
  arrays: Readonly<Record<Arrays, Float32Array>>,
  scalars: Readonly<Record<Scalars, number>>,
): void {
  const { length } = arrays[formula.arrays[0]];
  const updates = updatesOf(formula);
  const results = updates.map(() => new Float32Array(length));
  for (let i = 0; i < length; i++) {
    const evaluate = (expression: Expression): number => {
      if (expression.kind === 'array') return arrays[formula.arrays[expression.index]][i];
      if (expression.kind === 'scalar') return Math.fround(scalars[formula.scalars[expression.index]]);
      if (expression.kind === 'constant') return Math.fround(expression.value);
      return Math.fround(plain[expression.kind](...expression.operands.map(evaluate)));
    };
    for (const [k, [, expression]] of updates.entries()) results[k][i] = evaluate(expression);
  }
  for (const [k, [index]] of updates.entries()) arrays[formula.arrays[index]].set(results[k]);
}

const plain: Readonly<Record<Operation, (...operands: number[]) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: Math.min,
  max: Math.max,
  sqrt: Math.sqrt,
  abs: Math.abs,
  neg: (a) => -a,
};

function operation(kind: Operation, ...terms: readonly Term[]): Expression {
  const operands = terms.map(
    (term): Expression => (typeof term === 'number' ? { kind: 'constant', value: term } : term),
  );
  return { kind, operands };
}

/** What a formula updates: places in its list of arrays, with the new values. */
export function updatesOf<Arrays extends string, Scalars extends string>(
  formula: Formula<Arrays, Scalars>,
): [index: number, expression: Expression][] {
  const named = <Name extends string>(kind: 'array' | 'scalar', names: readonly Name[]) =>
    Object.fromEntries(names.map((name, index) => [name, { kind, index }])) as Record<Name, Expression>;
  const updates = formula.update(named('array', formula.arrays), named('scalar', formula.scalars));
  return formula.arrays.flatMap((name, index) => {
    const expression = updates[name];
    return expression ? [[index, expression] as [number, Expression]] : [];
  });
}

// Parameters: the length, addresses of the arrays, scalars. Two loops: four elements at a time, then the rest singly.
function compileFormula<Arrays extends string, Scalars extends string>(
  formula: Formula<Arrays, Scalars>,
): Uint8Array<ArrayBuffer> {
  const arrayCount = formula.arrays.length;
  const scalarCount = formula.scalars.length;
  const updates = updatesOf(formula);
  const steps = stepsOf(updates.map(([, expression]) => expression));
  const address = (index: number) => 1 + index;
  const scalar = (index: number) => 1 + arrayCount + index;
  const locals = 1 + arrayCount + scalarCount;
  const offset = locals;
  const end = locals + 1;
  const singles = locals + 2;
  const vectors = singles + steps.length;

  const body: Code = [
    ...instruction.setConstant(offset, 0),
    // The part of the length, in bytes, that whole vectors fill.
    ...instruction.get(0),
    ...instruction.shiftLeft(2),
    ...instruction.tee(end),
    ...instruction.andConstant(-16),
    ...instruction.set(end),
    ...steps.flatMap((step, i) =>
      isFixed(step) ? [...load(step, 'f32x4', i), ...instruction.set(vectors + i)] : [],
    ),
    ...instruction.loopWhileLess(offset, end, 16, pass('f32x4', vectors)),
    ...instruction.get(0),
    ...instruction.shiftLeft(2),
    ...instruction.set(end),
    ...steps.flatMap((step, i) =>
      isFixed(step) ? [...load(step, 'f32', i), ...instruction.set(singles + i)] : [],
    ),
    ...instruction.loopWhileLess(offset, end, 4, pass('f32', singles)),
  ];
  return encodeModule({
    parameters: [...Array(1 + arrayCount).fill('i32'), ...Array(scalarCount).fill('f32')],
    locals: ['i32', 'i32', ...steps.map(() => 'f32' as const), ...steps.map(() => 'v128' as const)],
    body,
  });

  function pass(lanes: 'f32' | 'f32x4', first: number): Code {
    return [
      ...steps.flatMap((step, i) =>
        isFixed(step) ? [] : [...load(step, lanes, first), ...instruction.set(first + i)],
      ),
      ...updates.flatMap(([index, expression]) => [
        ...instruction.get(address(index)),
        ...instruction.get(offset),
        ...instruction.addIntegers(),
        ...instruction.get(first + steps.indexOf(expression)),
        ...instruction.store(lanes),
      ]),
    ];
  }

  function load(step: Expression, lanes: 'f32' | 'f32x4', first: number): Code {
    if (step.kind === 'constant') return [...instruction.constant(step.value), ...instruction.spread(lanes)];
    if (step.kind === 'scalar') return [...instruction.get(scalar(step.index)), ...instruction.spread(lanes)];
    if (step.kind === 'array') {
      return [
        ...instruction.get(address(step.index)),
        ...instruction.get(offset),
        ...instruction.addIntegers(),
        ...instruction.load(lanes),
      ];
    }
    const operands = step.operands.flatMap((operand) => instruction.get(first + steps.indexOf(operand)));
    return [...operands, ...instruction.compute(step.kind, lanes)];
  }
}

function isFixed({ kind }: Expression): boolean {
  return kind === 'constant' || kind === 'scalar';
}

/** Every expression once, operands before what they are operands of. */
function stepsOf(expressions: readonly Expression[]): Expression[] {
  const steps: Expression[] = [];
  const visit = (expression: Expression) => {
    if (steps.includes(expression)) return;
    if ('operands' in expression) for (const operand of expression.operands) visit(operand);
    steps.push(expression);
  };
  for (const expression of expressions) visit(expression);
  return steps;
}
