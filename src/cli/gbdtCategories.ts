import type { CategoryLists } from '../gbdt/categoryLists.ts';
import { missingWords } from '../tables/missingWords.ts';
import type { TextColumn } from '../tables/readTable.ts';

type CategoryList = CategoryLists extends ReadonlyMap<number, infer List> ? List : never;

// Codes up to here go into the model as they are; a set of categories takes a bit for each number below its largest.
const largestCode = 100_000;

/**
 * What the codes of categorical columns stand for; `undefined` where all hold whole numbers that are codes already.
 * One column of texts gives lists to all, since the model file tells lists apart by their order alone.
 */
export function listCategories(columns: readonly TextColumn[]): CategoryList[] | undefined {
  const cells = columns.map(({ words }) => words.filter((text) => categoryWord(text) !== undefined));
  if (cells.every((texts) => texts.every((text) => isCode(categoryWord(text))))) return undefined;
  return cells.map((texts) => {
    const words = texts.map(categoryWord);
    return words.every((word) => typeof word === 'number')
      ? [...new Set(words)].sort((a, b) => a - b)
      : [...new Set(texts.map((text) => text.trim()))].sort();
  });
}

/**
 * Codes of a column; NaN for what is missing or not in the list.
 *
 * @param list `undefined`: the cells are codes themselves.
 * @returns The codes, and how many rows hold something that is not in the list.
 */
export function encodeCategories(
  { words, codes }: TextColumn,
  list: CategoryList | undefined,
): { values: Float64Array; unseen: number } {
  const codeOf = list && new Map(list.map((category, code) => [categoryKey(category), code]));
  let unseen = 0;
  const coded = words.map((text) => {
    const word = categoryWord(text);
    if (word === undefined) return Number.NaN;
    if (codeOf) return codeOf.get(text.trim()) ?? codeOf.get(String(word)) ?? unknown;
    return typeof word === 'number' ? word : unknown;
  });
  const values = new Float64Array(codes.length);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] < 0 ? Number.NaN : coded[codes[row]];
    if (code === unknown) unseen++;
    values[row] = code === unknown ? Number.NaN : code;
  }
  return { values, unseen };
}

const unknown = Number.NEGATIVE_INFINITY;

function categoryKey(category: string | number | boolean): string {
  return typeof category === 'string' ? category : String(Number(category));
}

/** A cell as a category: a number where it is one, else its text; `undefined` for what counts as missing. */
function categoryWord(text: string): string | number | undefined {
  const word = text.trim();
  const lower = word.toLowerCase();
  if (lower === 'nan' || missingWords.includes(lower)) return undefined;
  if (lower === 'true') return 1;
  if (lower === 'false') return 0;
  // Numbers that are written in some other way, such as 007, are names.
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(word) ? Number(word) : word;
}

function isCode(word: string | number | undefined): boolean {
  return typeof word === 'number' && Number.isInteger(word) && word >= 0 && word <= largestCode;
}
