import { sqlName } from '../duckdb.ts';
import { type Layout, type RowField, rowFields } from './layout.ts';

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
    const [timeColumn, valueColumn] = [header.find(time), header.find(value)];
    const idColumn = id === undefined ? undefined : header.find(id);
    if (!timeColumn || !valueColumn || (id !== undefined && !idColumn)) return undefined;
    const fields: Partial<Record<RowField, string>> = {
      id: idColumn ? sqlName(idColumn) : `'${valueColumn.replaceAll("'", "''")}'`,
    };
    for (const field of rowFields) {
      const column = header.find(field);
      if (field !== 'id' && column && column !== valueColumn && column !== timeColumn)
        fields[field] = sqlName(column);
    }
    return { time: sqlName(timeColumn), timeColumn, fields, values: [{ column: valueColumn }] };
  },
};
