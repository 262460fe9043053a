import type { DuckDBConnection } from '@duckdb/node-api';
import { sqlName } from './duckdb.ts';
import { type FileSource, fileColumn } from './fileSource.ts';
import { sqlPaths } from './paths.ts';

/**
 * Opens Parquet, JSON lines or an array of JSON objects, whose columns have types of their own. They become text like
 * those of CSV, so that one way of reading times and numbers serves all.
 */
export async function openTyped(
  connection: DuckDBConnection,
  path: string,
  reader: 'read_parquet' | 'read_json_auto',
): Promise<FileSource> {
  const rows = (paths: readonly string[]) => `${reader}(${sqlPaths(paths)}, filename = '${fileColumn}')`;
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${rows([path])}`);
  const fields = described
    .getRows()
    .map(([name, type]) => ({ name: String(name), type: String(type) }))
    .filter(({ name }) => name !== fileColumn);
  const columns = fields.map(({ name }) => name);
  if (columns.includes('AirQualityData')) return londonAirSource;
  const texts = columns.map((column) => `nullif(${sqlName(column)}::VARCHAR, '') AS ${sqlName(column)}`);
  return {
    columns,
    dialect: reader,
    linesAbove: 0,
    typed: { types: fields.map(({ type }) => type), relation: rows },
    relation: (paths) => `(SELECT ${[...texts, fileColumn].join(', ')} FROM ${rows(paths)})`,
  };
}

// One object a file: AirQualityData.Data is a list of readings; a list of one may arrive as the reading itself.
const londonAirSource: FileSource = {
  columns: ['@SiteCode', '@SpeciesCode', '@MeasurementDateGMT', '@Value'],
  dialect: 'london-air',
  relation: (paths) => `(
  SELECT ${fileColumn},
         json_extract_string(site, '$."@SiteCode"') AS "@SiteCode",
         json_extract_string(reading, '$."@SpeciesCode"') AS "@SpeciesCode",
         json_extract_string(reading, '$."@MeasurementDateGMT"') AS "@MeasurementDateGMT",
         nullif(trim(json_extract_string(reading, '$."@Value"')), '') AS "@Value"
  FROM (
    SELECT ${fileColumn}, site,
           unnest(CASE json_type(site, '$.Data') WHEN 'ARRAY' THEN json_extract(site, '$.Data[*]')
                                                 WHEN 'OBJECT' THEN [json_extract(site, '$.Data')]
                                                 ELSE [] END) AS reading
    FROM (SELECT ${fileColumn}, AirQualityData AS site
          FROM read_json(${sqlPaths(paths)}, columns = {AirQualityData: 'JSON'}, maximum_object_size = 268435456,
                         filename = '${fileColumn}'))))`,
};
