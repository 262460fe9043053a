/**
 * Tables and a picture from what `trainyard impute --evaluate --json` printed.
 *
 *   node --import ./scripts/registerTypeScript.mjs studies/imputation/draw.ts kdd.json studies/imputation/kdd.svg
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { EvaluationRow } from '../../src/impute/index.ts';

const [source, target] = process.argv.slice(2);
const answer = JSON.parse(readFileSync(source, 'utf8'));
const rows: EvaluationRow[] = Array.isArray(answer) ? answer : answer.rows;
const methods = [...new Set(rows.map(({ method }) => method))];
const scenarios = [...new Set(rows.map(({ scenario }) => scenario))];
const gaps = ['1', '2-3', '4-6', '7-24', '25-72', '>72'];
const find = (method: string, scenario: string, gap: string) =>
  rows.find((row) => row.method === method && row.scenario === scenario && row.gap === gap);

printTable(scenarios, (method, scenario) => find(method, scenario, 'all'));
printTable(gaps, (method, gap) => find(method, 'own gaps moved', gap));
writeFileSync(target, picture());

function printTable(
  columns: readonly string[],
  cell: (method: string, column: string) => EvaluationRow | undefined,
): void {
  console.log(`\n| method | ${columns.join(' | ')} |\n|---|${columns.map(() => '---|').join('')}`);
  for (const method of methods) {
    const values = columns.map(
      (column) => cell(method, column)?.standardisedMae.toFixed(3).replace(/^0/, '') ?? '',
    );
    console.log(`| \`${method}\` | ${values.join(' | ')} |`);
  }
}

/** Error by length of the gap, a line a method; runs of 6, 18 and 72 hours and the data's own gaps together. */
function picture(): string {
  const [width, height, left, top, bottom] = [720, 340, 50, 20, 40];
  const plotWidth = 380;
  const colours = [
    '#d1495b',
    '#edae49',
    '#66a182',
    '#2e86ab',
    '#8d6a9f',
    '#a0522d',
    '#7d7d7d',
    '#c77dff',
    '#4c6ef5',
  ];
  const errorOf = (method: string, gap: string) => {
    const parts = scenarios
      .flatMap((scenario) => find(method, scenario, gap) ?? [])
      .filter(({ standardisedMae }) => Number.isFinite(standardisedMae));
    const cells = parts.reduce((sum, row) => sum + row.cells, 0);
    return parts.reduce((sum, row) => sum + row.cells * row.standardisedMae, 0) / cells;
  };
  const most = 0.8;
  const x = (i: number) => left + (i * plotWidth) / (gaps.length - 1);
  const y = (value: number) => height - bottom - (Math.min(most, value) / most) * (height - top - bottom);
  const grid = [0, 0.2, 0.4, 0.6, 0.8].map(
    (value) =>
      `<path d="M${left} ${y(value)}H${left + plotWidth}" stroke="#888" stroke-opacity=".3"/><text x="${left - 8}" y="${y(value) + 4}" text-anchor="end">${value}</text>`,
  );
  const ticks = gaps.map(
    (gap, i) =>
      `<text x="${x(i)}" y="${height - bottom + 18}" text-anchor="middle">${gap.replace('>', '&gt;')}</text>`,
  );
  const lines = methods.map((method, m) => {
    const points = gaps.map((gap, i) => `${x(i).toFixed(1)},${y(errorOf(method, gap)).toFixed(1)}`);
    const at = top + 12 + m * 28;
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colours[m]}" stroke-width="${m === 0 ? 3 : 1.6}"/><path d="M${left + plotWidth + 20} ${at - 4}h16" stroke="${colours[m]}" stroke-width="3"/><text x="${left + plotWidth + 42}" y="${at}">${shortName(method)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#888"><title>Mean absolute error over the standard deviation, by length of the gap in hours</title>${grid.join('')}${ticks.join('')}${lines.join('')}<text x="${left + plotWidth / 2}" y="${height - 4}" text-anchor="middle">length of the gap, hours</text></svg>\n`;
}

function shortName(method: string): string {
  const parts = method.split(',');
  const fallback = parts.length > 1 && method.endsWith('linear:72,median:hour');
  return (fallback && parts.length > 2 ? `${parts.slice(0, -2).join(', ')}, …` : parts.join(', ')).replace(
    'neighbours:0.5',
    'neighbours',
  );
}
