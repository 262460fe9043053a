import { dataError } from '../core/errors.ts';
import type { Model } from './model.ts';

/** What the codes of categorical features stand for: for each such feature, by its index, code `i` is `list[i]`. */
export type CategoryLists = ReadonlyMap<number, readonly Category[]>;

type Category = string | number | boolean;

const key = 'pandas_categorical:';
const indices = /^\[categorical_feature: *([\d,]*)\]$/;

/**
 * A model that knows what its categories are called, in the line of the model file in which LightGBM's Python
 * package keeps the categories of pandas, so that it applies them too.
 *
 * @param lists One for every categorical feature: the file knows them by their order alone.
 */
export function withCategoryLists(model: Model, lists: CategoryLists): Model {
  const features = [...lists.keys()].sort((a, b) => a - b);
  const ordered = features.map((feature) => lists.get(feature) ?? []);
  return {
    ...model,
    parameters: model.parameters.map((line) =>
      indices.test(line) ? `[categorical_feature: ${features.join(',')}]` : line,
    ),
    trailer: `\n${key}${JSON.stringify(ordered)}\n`,
  };
}

/**
 * What the categories of a model are called; empty where its categories are plain numbers.
 *
 * @throws TrainyardError of kind `data` where lists are damaged, or it cannot be told which features they belong to.
 */
export function categoryListsOf(model: Model, source = 'model'): CategoryLists {
  const line = model.trailer.split('\n').find((text) => text.startsWith(key));
  const lists = line === undefined ? null : parseLists(line.slice(key.length), source);
  if (lists === null || lists.length === 0) return new Map();
  const named = model.parameters.map((text) => indices.exec(text)?.[1]).find((text) => text !== undefined);
  const features = (named ?? '').split(',').filter((text) => text !== '');
  if (features.length !== lists.length) {
    throw dataError(
      `${source} lists the categories of ${lists.length} features, but has ${features.length} categorical features: cannot tell which are meant`,
      'train with every categorical feature as a pandas category, or with none',
    );
  }
  const wrong = features.find((text) => Number(text) >= model.featureNames.length);
  if (wrong !== undefined) {
    throw dataError(
      `${source} names feature ${wrong} as categorical; expected at most ${model.featureNames.length - 1}`,
      'the file is damaged or was changed: save the model again',
    );
  }
  return new Map(features.map((feature, i) => [Number(feature), lists[i]]));
}

function parseLists(json: string, source: string): Category[][] | null {
  let lists: unknown;
  try {
    lists = JSON.parse(json);
  } catch {
    lists = undefined;
  }
  const isCategory = (value: unknown) => /^(string|number|boolean)$/.test(typeof value);
  const isLists =
    Array.isArray(lists) && lists.every((list) => Array.isArray(list) && list.every(isCategory));
  if (lists !== null && !isLists) {
    throw dataError(
      `${source}, ${key} expected lists of categories as JSON; found ${JSON.stringify(json.slice(0, 60))}`,
      'the file is damaged or was changed: save the model again',
    );
  }
  return lists as Category[][] | null;
}
