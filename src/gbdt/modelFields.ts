import { dataError, type TrainyardError } from '../core/errors.ts';

/** One `key=value` line of a model file. */
export interface Line {
  readonly source: string;
  /** Counted from 1. */
  readonly number: number;
  readonly key: string;
  readonly value: string;
}

/** An error about a line, with its value. */
export function formatProblem({ source, number, key, value }: Line, expected: string): TrainyardError {
  const shown = value.length > 60 ? `${value.slice(0, 60)}...` : value;
  return dataError(
    `${source} line ${number}, ${key}: ${expected}; found ${JSON.stringify(shown)}`,
    'the file is damaged or was changed: save the model again',
  );
}

/** A value that is one integer within bounds. */
export function singleInteger(line: Line, low: number, high: number): number {
  const value = numberOf(line.value);
  if (value !== undefined && Number.isInteger(value) && value >= low && value <= high) return value;
  throw formatProblem(line, `expected an integer from ${low} to ${high}`);
}

/** The words of a value, of which there must be `count`. */
export function wordsOf(line: Line, count: number): string[] {
  const words = line.value === '' ? [] : line.value.split(' ').filter((word) => word !== '');
  if (words.length === count) return words;
  throw formatProblem(line, `expected ${count} values, got ${words.length}`);
}

/** The numbers of a value, `inf` and `-inf` among them; NaN is refused. */
export function numbersOf(line: Line, count: number): Float64Array {
  const words = wordsOf(line, count);
  const numbers = new Float64Array(count);
  for (const [i, word] of words.entries()) {
    const value = numberOf(word);
    if (value === undefined) throw formatProblem(line, `value ${i} is ${JSON.stringify(word)}, no number`);
    numbers[i] = value;
  }
  return numbers;
}

/** The integers of a value, all within bounds. */
export function integersOf(line: Line, count: number, low: number, high: number): number[] {
  const numbers = Array.from(numbersOf(line, count));
  const wrong = numbers.findIndex((value) => !Number.isInteger(value) || value < low || value > high);
  if (wrong < 0) return numbers;
  throw formatProblem(
    line,
    `value ${wrong} is ${numbers[wrong]}; expected an integer from ${low} to ${high}`,
  );
}

function numberOf(word: string): number | undefined {
  if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(word)) return Number(word);
  if (/^[-+]?inf(inity)?$/i.test(word)) {
    return word.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  return undefined;
}
