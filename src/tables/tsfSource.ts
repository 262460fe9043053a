import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { dataError } from '../core/errors.ts';
import { type FileSource, fileColumn } from './fileSource.ts';
import { isGzip } from './firstBytes.ts';
import { sqlPaths } from './paths.ts';

/**
 * Opens a Monash `.tsf`: a head that names attributes and frequency, then one line a series,
 * `attribute:…:start:value,value,…`. It is unfolded into one row a value.
 */
export async function openTsf(path: string): Promise<FileSource> {
  const gzip = await isGzip(path);
  const { attributes, frequency, headLines } = await readHead(path, gzip);
  const seconds = tsfFrequencies.get(frequency);
  const start = attributes.indexOf('start_timestamp');
  if (headLines === undefined || start < 0 || seconds === undefined) {
    const found =
      headLines === undefined
        ? 'no @data line'
        : start < 0
          ? 'no @attribute start_timestamp'
          : `@frequency ${frequency || 'missing'}`;
    throw dataError(
      `cannot read ${path} as .tsf: ${found}`,
      `expected @attribute lines with start_timestamp, @data, and @frequency ${[...tsfFrequencies.keys()].join(' or ')}`,
    );
  }
  const part = (index: number) => (index < 0 ? "''" : `parts[${index + 1}]`);
  const named = (...names: string[]) => part(attributes.findIndex((name) => names.includes(name)));
  const idParts = [named('station'), named('air_quality_measurement', 'measure')];
  const id = idParts.includes("''") ? part(0) : idParts.join(" || '#' || ");
  return {
    columns: ['tsf_id', 'tsf_city', 'tsf_station', 'tsf_measure', 'tsf_time', 'tsf_value'],
    dialect: `tsf ${headLines} ${attributes.join(':')} ${frequency} ${gzip}`,
    relation: (paths) => `(
      SELECT ${fileColumn}, tsf_id, tsf_city, tsf_station, tsf_measure,
             coalesce(strftime(start + to_seconds((position - 1) * ${seconds}), '%Y-%m-%d %H:%M:%S'), start_text) AS tsf_time,
             nullif(trim(value), '?') AS tsf_value
      FROM (
        SELECT ${fileColumn}, ${id} AS tsf_id, ${named('city')} AS tsf_city, ${named('station')} AS tsf_station,
               ${named('air_quality_measurement', 'measure')} AS tsf_measure, ${part(start)} AS start_text,
               try_strptime(${part(start)}, ['%Y-%m-%d %H-%M-%S', '%Y-%m-%d']) AS start,
               unnest(values) AS value, generate_subscripts(values, 1) AS position
        FROM (SELECT ${fileColumn}, string_split(line, ':') AS parts,
                     string_split(string_split(line, ':')[${attributes.length + 1}], ',') AS values
              FROM read_csv(${sqlPaths(paths)}, columns = {line: 'VARCHAR'}, header = false, skip = ${headLines},
                            delim = '\\0', quote = '', escape = '', auto_detect = false, max_line_size = 268435456,
                            compression = '${gzip ? 'gzip' : 'none'}', filename = '${fileColumn}'))))`,
  };
}

async function readHead(path: string, gzip: boolean) {
  const attributes: string[] = [];
  let frequency = '';
  let count = 0;
  let headLines: number | undefined;
  const file = createReadStream(path);
  const input = gzip ? file.pipe(createGunzip()) : file;
  let failure: unknown;
  const lines = createInterface({ input });
  input.on('error', (error: unknown) => {
    failure = error;
    lines.close();
  });
  try {
    for await (const line of lines) {
      count++;
      const [keyword, first = ''] = line
        .replace(/^\ufeff/, '')
        .trim()
        .split(/\s+/);
      if (keyword === '@attribute') attributes.push(first);
      if (keyword === '@frequency') frequency = first;
      if (keyword === '@data') {
        headLines = count;
        break;
      }
    }
  } finally {
    lines.close();
    file.destroy();
  }
  if (failure !== undefined) throw failure;
  return { attributes, frequency, headLines };
}

// Months and longer have no fixed length, so no regular axis.
const tsfFrequencies: ReadonlyMap<string, number> = new Map([
  ['minutely', 60],
  ['4_seconds', 4],
  ['5_minutes', 300],
  ['10_minutes', 600],
  ['15_minutes', 900],
  ['half_hourly', 1800],
  ['hourly', 3600],
  ['daily', 86400],
  ['weekly', 604800],
]);
