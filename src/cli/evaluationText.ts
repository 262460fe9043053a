import { type EvaluationRow, gapRanges } from '../impute/evaluate.ts';
import { decimals, textTable } from './textTable.ts';

/** The rows of an evaluation as a table a way of hiding: methods downwards, lengths of gaps across. */
export function evaluationText(rows: readonly EvaluationRow[]): string {
  const scenarios = [...new Set(rows.map(({ scenario }) => scenario))];
  return [...scenarios.map((scenario) => scenarioText(rows, scenario)), notes].join('\n\n');
}

const notes = [
  'gap: steps of the run of missing cells that a hidden cell lies in, those missing before included',
  'errors are over the cells that a method filled; filled: their share, of methods that leave some missing',
  'mae/sd: mae after dividing the errors of each series by its standard deviation',
].join('\n');

interface Score {
  readonly name: string;
  of(row: EvaluationRow): string;
  /** Whether a method gets a line for its rows; default yes. */
  readonly telling?: (row: EvaluationRow) => boolean;
}

const scores: readonly Score[] = [
  { name: 'mae', of: ({ mae }) => decimals(mae, 2) },
  { name: 'rmse', of: ({ rmse }) => decimals(rmse, 2) },
  { name: 'mae/sd', of: ({ standardisedMae }) => decimals(standardisedMae, 3) },
  {
    name: 'filled',
    of: ({ filled }) => `${(100 * filled).toFixed(1)}%`,
    telling: ({ filled }) => filled < 1,
  },
];

function scenarioText(all: readonly EvaluationRow[], scenario: string): string {
  const rows = all.filter((row) => row.scenario === scenario);
  const methods = [...new Set(rows.map(({ method }) => method))];
  const gaps = [...gapRanges.map(({ name }) => name), 'all'].filter((name) =>
    rows.some(({ gap }) => gap === name),
  );
  const find = (method: string, gap: string) => rows.find((row) => row.method === method && row.gap === gap);
  const table = scores.flatMap(({ name, of, telling = () => true }) =>
    methods
      .filter((method) => rows.some((row) => row.method === method && telling(row)))
      .map((method) => [
        name,
        method,
        ...gaps.map((gap) => {
          const row = find(method, gap);
          return row === undefined ? '' : of(row);
        }),
      ]),
  );
  const cells = gaps.map((gap) => String(find(methods[0], gap)?.cells ?? ''));
  return textTable([scenario, 'gap', ...gaps], [['cells', '', ...cells], ...table]);
}
