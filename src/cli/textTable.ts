/**
 * Lines of an aligned table: numbers to the right, words to the left, two blanks between columns.
 *
 * @example
 * textTable(['model', 'smape'], [['naive', '0.735']])
 */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...table.map((row) => displayWidth(row[column]))));
  const isNumber = header.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^[-+]?[\d.]*%?$|^NaN$/.test(row[column])),
  );
  return table
    .map((row) =>
      row
        .map((cell, column) => {
          const padding = ' '.repeat(widths[column] - displayWidth(cell));
          return isNumber[column] ? padding + cell : cell + padding;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A number with so many decimals, or an empty cell. */
export function decimals(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '';
}

// Chinese, Japanese and Korean letters take two columns of a terminal.
function displayWidth(text: string): number {
  let width = 0;
  for (const letter of text)
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]/.test(letter)
      ? 2
      : 1;
  return width;
}
