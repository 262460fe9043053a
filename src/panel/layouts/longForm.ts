import { sqlName, sqlText } from '../../tables/duckdb.ts';
import { canonicalMeasure, isConcentration } from '../measures.ts';
import { type Header, type Layout, type RowField, rowFields, type ValueColumn } from './layout.ts';

/** `unique_id,ds,y`, with any of `city,station,measure,unit,latitude,longitude` beside it. */
export const longForm: Layout = {
  name: 'long',
  summary:
    'the long form of Nixtla and others: `unique_id,ds,y`; Trainyard adds `city,station,measure,unit,…`',
  timeZone: 'UTC',
  anyStep: true,
  shape(header) {
    if (!header.has('unique_id', 'ds', 'y')) return undefined;
    const name = (column: string) => sqlName(header.find(column) ?? column);
    const fields: Partial<Record<RowField, string>> = { id: name('unique_id') };
    for (const field of rowFields) if (field !== 'id' && header.has(field)) fields[field] = name(field);
    return { time: name('ds'), timeColumn: 'ds', fields, values: [{ column: header.find('y') ?? 'y' }] };
  },
};

/** Any table whose columns the user declares with `--time`, `--value` and, for several series, `--id`. */
export const generic: Layout = {
  name: 'generic',
  summary: 'any table, declared by `--time`, `--value` and, for several series, `--id`',
  timeZone: 'UTC',
  anyStep: true,
  shape(header, { time, id, value }) {
    if (time === undefined || value === undefined) return undefined;
    const timeColumn = header.find(time);
    const idColumn = id === undefined ? undefined : header.find(id);
    const valueColumns = declaredColumns(header, value).map(header.find);
    if (!timeColumn || (id !== undefined && !idColumn)) return undefined;
    const values: ValueColumn[] = [];
    for (const column of valueColumns) {
      if (column === undefined) return undefined;
      const measure = canonicalMeasure(column);
      // A lone column called `value` or `y` says nothing about what was measured.
      values.push(isConcentration(measure) || valueColumns.length > 1 ? { column, measure } : { column });
    }
    const fields: Partial<Record<RowField, string>> = {};
    if (idColumn) fields.station = sqlName(idColumn);
    else if (values[0].measure === undefined) fields.station = sqlText(values[0].column);
    const taken = new Set([timeColumn, idColumn, ...valueColumns]);
    for (const field of rowFields) {
      const column = header.find(field);
      if (fields[field] === undefined && field !== 'id' && column && !taken.has(column)) {
        fields[field] = sqlName(column);
      }
    }
    return { time: sqlName(timeColumn), timeColumn, fields, values };
  },
};

/** The columns that an option names: one whose name may hold commas, or several with commas between them. */
export function declaredColumns(header: Header, text: string): string[] {
  return header.has(text) ? [text] : text.split(',').map((column) => column.trim());
}
