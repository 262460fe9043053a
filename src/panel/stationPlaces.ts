import type { DuckDBConnection } from '@duckdb/node-api';
import { dataError } from '../core/errors.ts';
import { sqlName } from '../tables/duckdb.ts';
import { openSource, readingFailed } from '../tables/openSource.ts';
import { expandPaths } from '../tables/paths.ts';
import { headerOf } from './layouts/layout.ts';

/** Where a station stands: degrees north and east. */
export interface StationPlace {
  readonly city: string;
  readonly latitude: number;
  readonly longitude: number;
}

/**
 * Reads a table of stations: a column `station`, `station_id` or `id` (or a first column without a name), `latitude`,
 * `longitude` and perhaps `city`.
 *
 * @throws TrainyardError of kind `data` when a column is missing or a coordinate is not a number.
 */
export async function readStationPlaces(
  connection: DuckDBConnection,
  file: string,
): Promise<ReadonlyMap<string, StationPlace>> {
  const [path] = await expandPaths(connection, [file]);
  const source = await openSource(connection, path);
  const header = headerOf(source.columns);
  const pick = (...names: string[]) => names.map(header.find).find((column) => column !== undefined);
  const station = pick('station', 'station_id', 'stationId', 'unique_id', 'id', 'code', 'column0');
  const latitude = pick('latitude', 'lat');
  const longitude = pick('longitude', 'lon', 'lng', 'long');
  const city = pick('city');
  if (!station || !latitude || !longitude) {
    throw dataError(
      `${path}: no table of stations; its columns are ${source.columns.join(', ')}`,
      'expected columns station, latitude, longitude, and perhaps city',
    );
  }
  const chosen = [station, latitude, longitude].map(sqlName).concat(city ? sqlName(city) : "''");
  const query = `SELECT ${chosen.join(', ')} FROM ${source.relation([path])}`;
  const rows = await connection.runAndReadAll(query).catch((error) => {
    throw readingFailed(path, error);
  });
  const places = new Map<string, StationPlace>();
  for (const [index, row] of rows.getRows().entries()) {
    const [name, north, east, where] = row.map((cell) => (cell === null ? '' : String(cell)));
    const place = { city: where, latitude: Number(north), longitude: Number(east) };
    if (
      north === '' ||
      east === '' ||
      !(Math.abs(place.latitude) <= 90) ||
      !(Math.abs(place.longitude) <= 180)
    ) {
      throw dataError(
        `${path}, row ${index + 2}: no coordinates of ${name}: "${north}", "${east}"`,
        'give degrees north and east',
      );
    }
    places.set(name, place);
  }
  return places;
}
