/**
 * Size of one axis: a number, or a name such as `batch` that stands for a number known when the graph runs. Sums,
 * products and quotients of names are written out, always in the same way, so that equal sizes are equal texts:
 * `2*batch + 1`, `floor((height + 1)/2) - 1`.
 */
export type Dimension = number | string;

/** Sizes of the axes, outermost first; empty for a scalar. */
export type Shape = readonly Dimension[];

/** `a + b`. */
export function addDimensions(a: Dimension, b: Dimension): Dimension {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  const sum = new Map(termsOf(a));
  for (const [product, factor] of termsOf(b)) sum.set(product, (sum.get(product) ?? 0) + factor);
  return dimensionOf(sum);
}

/** `a - b`. */
export function subtractDimensions(a: Dimension, b: Dimension): Dimension {
  return addDimensions(a, multiplyDimensions(-1, b));
}

/** `a * b`. */
export function multiplyDimensions(a: Dimension, b: Dimension): Dimension {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  const result = new Map<string, number>();
  for (const [left, leftFactor] of termsOf(a)) {
    for (const [right, rightFactor] of termsOf(b)) {
      const product = [...factorsOf(left), ...factorsOf(right)].sort().join('*');
      result.set(product, (result.get(product) ?? 0) + leftFactor * rightFactor);
    }
  }
  return dimensionOf(result);
}

/** `floor(a / b)`; divides out where every term allows it. */
export function divideDimensions(a: Dimension, b: Dimension): Dimension {
  if (typeof a === 'number' && typeof b === 'number') return Math.floor(a / b);
  if (a === b) return 1;
  const exact = divideExactly(a, b);
  if (exact !== undefined) return exact;
  // Whole parts come out, so that floor((h + 2)/2) and floor(h/2) + 1 are one text.
  const whole = typeof b === 'number' ? wholePart(a, b) : 0;
  if (whole !== 0) {
    return addDimensions(divideDimensions(subtractDimensions(a, multiplyDimensions(whole, b)), b), whole);
  }
  return `floor(${inBrackets(a)}/${inBrackets(b)})`;
}

/** Number of elements. */
export function sizeOfShape(shape: Shape): Dimension {
  return shape.reduce(multiplyDimensions, 1);
}

/** `[batch, 3, 32]` */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Whether every size is a number. */
export function isStatic(shape: Shape): shape is readonly number[] {
  return shape.every((size) => typeof size === 'number');
}

/**
 * The number that a dimension stands for, given those of its names.
 *
 * @returns `undefined` where a name has no number.
 */
export function evaluateDimension(
  dimension: Dimension,
  sizes: ReadonlyMap<string, number>,
): number | undefined {
  let sum = 0;
  for (const [product, factor] of termsOf(dimension)) {
    let value = factor;
    for (const name of factorsOf(product)) {
      const size = sizes.get(name) ?? evaluateQuotient(name, sizes);
      if (size === undefined) return undefined;
      value *= size;
    }
    sum += value;
  }
  return sum;
}

function evaluateQuotient(text: string, sizes: ReadonlyMap<string, number>): number | undefined {
  const quotient = /^floor\((.*)\)$/.exec(text);
  if (!quotient) return undefined;
  const [above, below] = splitOutside(quotient[1], '/').map((part) =>
    evaluateDimension(/^\d+$/.test(part) ? Number(part) : withoutBrackets(part), sizes),
  );
  return above === undefined || below === undefined ? undefined : Math.floor(above / below);
}

// The terms that a number divides, each divided, and what it goes into the constant.
function wholePart(dimension: Dimension, divisor: number): Dimension {
  const whole = new Map<string, number>();
  for (const [product, factor] of termsOf(dimension)) {
    if (product === '') whole.set(product, Math.floor(factor / divisor));
    else if (factor % divisor === 0) whole.set(product, factor / divisor);
  }
  return dimensionOf(whole);
}

// Long division of sums: the leading term of the rest by that of the divisor, until nothing is left.
function divideExactly(a: Dimension, b: Dimension): Dimension | undefined {
  let quotient: Dimension = 0;
  let rest = a;
  // Sums in sizes are short; those that do not come out are not worth more.
  for (let step = 0; step < 16; step++) {
    if (rest === 0) return quotient;
    const part = divideTerms(leadingTerm(rest), leadingTerm(b));
    if (part === undefined) return undefined;
    quotient = addDimensions(quotient, part);
    rest = subtractDimensions(rest, multiplyDimensions(part, b));
  }
  return undefined;
}

type Term = readonly [product: string, factor: number];

function leadingTerm(dimension: Dimension): Term {
  const degree = ([product]: Term) => factorsOf(product).length;
  const [first, ...others] = termsOf(dimension);
  return others.reduce((lead, term) => (degree(term) > degree(lead) ? term : lead), first ?? ['', 0]);
}

function divideTerms([above, aboveFactor]: Term, [below, belowFactor]: Term): Dimension | undefined {
  const rest = factorsOf(above);
  for (const name of factorsOf(below)) {
    const at = rest.indexOf(name);
    if (at < 0) return undefined;
    rest.splice(at, 1);
  }
  if (aboveFactor % belowFactor !== 0) return undefined;
  return dimensionOf(new Map([[rest.join('*'), aboveFactor / belowFactor]]));
}

// A dimension as a sum: product of names, sorted, with stars between -> its factor. The product of no names is ''.
function termsOf(dimension: Dimension): Map<string, number> {
  if (typeof dimension === 'number') return new Map(dimension === 0 ? [] : [['', dimension]]);
  const terms = new Map<string, number>();
  for (const term of splitOutside(dimension.replaceAll(' - ', ' + -'), ' + ')) {
    const names = splitOutside(term.replace(/^-(?=\D)/, '-1*'), '*');
    const factor = /^-?\d+$/.test(names[0]) ? Number(names.shift()) : 1;
    terms.set(names.join('*'), factor);
  }
  return terms;
}

function factorsOf(product: string): string[] {
  return product === '' ? [] : splitOutside(product, '*');
}

function dimensionOf(terms: ReadonlyMap<string, number>): Dimension {
  const kept = [...terms].filter(([, factor]) => factor !== 0);
  if (kept.length === 0) return 0;
  if (kept.length === 1 && kept[0][0] === '') return kept[0][1];
  // Constants last, as people write them.
  kept.sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1));
  const text = kept.map(([product, factor]) => {
    if (product === '') return String(factor);
    if (factor === 1) return product;
    return factor === -1 ? `-${product}` : `${factor}*${product}`;
  });
  return text.join(' + ').replaceAll(' + -', ' - ');
}

function inBrackets(dimension: Dimension): string {
  const text = String(dimension);
  return /^\w+$/.test(text) ? text : `(${text})`;
}

function withoutBrackets(text: string): string {
  return text.startsWith('(') && text.endsWith(')') ? text.slice(1, -1) : text;
}

// Splits at a separator, but not inside brackets.
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    else if (depth === 0 && text.startsWith(separator, i)) {
      parts.push(text.slice(start, i));
      start = i + separator.length;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
