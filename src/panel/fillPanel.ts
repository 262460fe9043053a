import type { DuckDBConnection } from '@duckdb/node-api';
import { dataError, throwIfCancelled } from '../core/errors.ts';
import { assertRelated } from './assertRelated.ts';
import { isSentinel } from './measures.ts';
import { createPanel, day, type Panel } from './panel.ts';
import type { PanelReading } from './readingReport.ts';
import type { ReadPanelOptions } from './readOptions.ts';
import { type RowTable, rowsQuery } from './rowTable.ts';
import { catalogueSeries, type SeriesCatalogue } from './seriesCatalogue.ts';
import type { StationPlace } from './stationPlaces.ts';
import { formatTime } from './timeText.ts';

interface FillOptions extends ReadPanelOptions {
  readonly step: number;
  readonly timeZone: string;
  readonly places: ReadonlyMap<string, StationPlace>;
}

// A panel of this many cells takes 4 GB; beyond it a single wrong year is the likelier explanation.
const mostCells = 500_000_000;

/** Streams the rows of all tables into one dense panel, cleaning and counting on the way. */
export async function fillPanel(
  connection: DuckDBConnection,
  tables: readonly RowTable[],
  options: FillOptions,
): Promise<PanelReading> {
  const { step, timeZone, duplicates = 'first', negatives = 'missing', signal, onProgress } = options;
  const catalogue = catalogueSeries(tables, options, options.places);
  assertRelated(tables, catalogue.tablesOf);
  const axis = await findAxis(connection, tables, step);
  const { start, length } = axis;
  const count = catalogue.series.length;
  if (length * count > mostCells) {
    throw dataError(
      `times from ${formatTime(start)} to ${formatTime(start + (length - 1) * step)} make ${length} steps of ${count} series`,
      'look for a mistyped year, or pass a longer --freq',
    );
  }
  const panel = withMask(
    createPanel({ start, step, length, timeZone, series: catalogue.series }),
    catalogue.fillSteps,
  );
  const tally = createTally(panel);
  // How many readings a mean stands for so far.
  const readings = duplicates === 'mean' ? new Uint16Array(count * length) : undefined;
  const total = tables.reduce((sum, { files }) => sum + rowsOf(files), 0);
  let done = 0;
  for (const table of tables) {
    const routes = catalogue.routes.get(table) ?? [];
    const rows = await connection.stream(rowsQuery(table));
    for (let chunks = 1; ; chunks++) {
      const chunk = await rows.fetchChunk();
      if (!chunk || chunk.rowCount === 0) break;
      throwIfCancelled(signal);
      const keys = chunk.getColumnVector(0);
      const times = chunk.getColumnVector(1);
      const values = table.shape.values.map((_, index) => chunk.getColumnVector(index + 2));
      for (let row = 0; row < chunk.rowCount; row++) {
        const route = routes[keys.getItem(row) as number];
        const position = ((times.getItem(row) as number) - start) / step;
        const index = axis.toIndex(position);
        if (index !== position) tally.offStep++;
        for (let r = 0; r < route.length; r++) {
          const { column, series, measure, factor, concentration, filledBy } = route[r];
          const cell = series * length + index;
          const seen = tally.rowsSeen[cell];
          if (seen > 0) tally.duplicates[series]++;
          if (seen < 65535) tally.rowsSeen[cell] = seen + 1;
          const value = values[column].getItem(row) as number;
          if (Number.isNaN(value)) continue;
          if (!Number.isFinite(value)) {
            tally.infinite++;
            continue;
          }
          if (isSentinel(measure, value)) {
            tally.sentinels++;
            continue;
          }
          if (value < 0 && concentration) {
            tally.negatives[series]++;
            if (negatives === 'missing') continue;
          }
          const { values: cells, filledBy: mask } = panel.series[series];
          if (readings !== undefined) {
            const before = readings[cell];
            if (before === 65535) continue;
            readings[cell] = before + 1;
            cells[index] =
              before === 0 ? value * factor : cells[index] + (value * factor - cells[index]) / (before + 1);
          } else if (duplicates === 'last' || Number.isNaN(cells[index])) cells[index] = value * factor;
          else continue;
          if (mask !== undefined) mask[index] = filledBy;
        }
      }
      done += chunk.rowCount;
      if (chunks % 64 === 0) onProgress?.({ stage: 'filling', done, total, unit: 'rows' });
    }
  }
  onProgress?.({ stage: 'filling', done: total, total, unit: 'rows' });
  return { panel, report: reportOf(tables, panel, catalogue, tally) };
}

/** The panel with room to mark what an earlier imputation filled, where there was one. */
function withMask(panel: Panel, fillSteps: readonly string[]): Panel {
  if (fillSteps.length === 0) return panel;
  const { length } = panel;
  const masks = new Uint8Array(new SharedArrayBuffer(panel.series.length * length));
  const series = panel.series.map((one, index) => ({
    ...one,
    filledBy: masks.subarray(index * length, (index + 1) * length),
  }));
  return { ...panel, fillSteps, series };
}

// The regular axis that holds every row, and how a position between two steps is rounded.
async function findAxis(connection: DuckDBConnection, tables: readonly RowTable[], step: number) {
  const first = Math.min(...tables.map(({ firstTime }) => firstTime));
  const last = Math.max(...tables.map(({ lastTime }) => lastTime));
  // Readings belong to the step they fall in. Days begin at a local midnight that a change of clocks moves by an
  // hour, so a row belongs to the day it is nearest to.
  const toIndex = step >= day ? Math.round : Math.floor;
  const phase = await phaseOf(connection, tables, step);
  const start = Math.floor((first - phase) / step) * step + phase;
  return { start, toIndex, length: toIndex((last - start) / step) + 1 };
}

// Steps begin where most rows do: a network on the half hour keeps its half hours.
async function phaseOf(
  connection: DuckDBConnection,
  tables: readonly RowTable[],
  step: number,
): Promise<number> {
  if (step === 3_600_000 && tables.every(({ onTheHour }) => onTheHour)) return 0;
  const times = tables.map(({ name }) => `SELECT t FROM ${name}`).join(' UNION ALL ');
  const found = await connection.runAndReadAll(
    `SELECT ((t % ${step}) + ${step}) % ${step} AS phase FROM (${times}) GROUP BY 1 ORDER BY count(*) DESC, phase LIMIT 1`,
  );
  return Number(found.getRows()[0][0]);
}

/** Counts of what cleaning met; per series where the report is. */
interface Tally {
  readonly duplicates: Float64Array;
  readonly negatives: Float64Array;
  /** `[series * length]`, rows met for each cell, up to 65,535. */
  readonly rowsSeen: Uint16Array;
  infinite: number;
  sentinels: number;
  offStep: number;
}

function createTally({ series, length }: Panel): Tally {
  return {
    duplicates: new Float64Array(series.length),
    negatives: new Float64Array(series.length),
    rowsSeen: new Uint16Array(series.length * length),
    infinite: 0,
    sentinels: 0,
    offStep: 0,
  };
}

function reportOf(
  tables: readonly RowTable[],
  panel: Panel,
  { warnings }: SeriesCatalogue,
  tally: Tally,
): PanelReading['report'] {
  const { length } = panel;
  let filled = 0;
  const series = panel.series.map(({ id, values, filledBy }, index) => {
    let observed = 0;
    let withoutRow = 0;
    for (let i = 0; i < length; i++) {
      if (filledBy?.[i]) filled++;
      else if (!Number.isNaN(values[i])) observed++;
      if (tally.rowsSeen[index * length + i] === 0) withoutRow++;
    }
    const { [index]: duplicates } = tally.duplicates;
    const { [index]: negatives } = tally.negatives;
    return { id, duplicates, negatives, observed, withoutRow };
  });
  const files = tables.flatMap((table) =>
    table.files.map(({ path, rows }) => ({ path, layout: table.layout.name, rows })),
  );
  const silent = series.filter(({ observed }) => observed === 0).map(({ id }) => id);
  if (silent.length === series.length) {
    throw dataError(
      `no reading in any of ${series.length} series of ${files.map(({ path }) => path).join(', ')}`,
      'check that the value columns are the right ones and are not empty',
    );
  }
  return {
    files,
    duplicates: tally.duplicates.reduce((sum, one) => sum + one, 0),
    negatives: tally.negatives.reduce((sum, one) => sum + one, 0),
    series,
    warnings: [
      ...ignoredColumns(tables),
      ...emptyFiles(files),
      ...warnings,
      ...cellWarnings(tally, panel.step),
      ...(filled > 0 ? [filledWarning(filled, panel.fillSteps)] : []),
      ...(silent.length > 0 ? [silentWarning(silent)] : []),
    ],
  };
}

function filledWarning(filled: number, steps: readonly string[]): string {
  return `cells filled before by ${steps.join(', ')}: ${filled}, kept as filled and not as readings`;
}

function ignoredColumns(tables: readonly RowTable[]): string[] {
  const columns = new Set(tables.flatMap(({ shape }) => shape.ignored ?? []));
  return columns.size === 0 ? [] : [`ignored columns of text: ${[...columns].join(', ')}`];
}

function emptyFiles(files: PanelReading['report']['files']): string[] {
  return files.filter(({ rows }) => rows === 0).map(({ path }) => `${path} holds no rows`);
}

function cellWarnings({ offStep, sentinels, infinite }: Tally, step: number): string[] {
  const warnings: string[] = [];
  if (offStep > 0) {
    warnings.push(
      `rows between two steps of ${step / 60_000} minutes: ${offStep}, counted for the step they fall in; ` +
        'declare --freq for shorter steps, or --duplicates mean to average them',
    );
  }
  if (sentinels > 0) warnings.push(`codes for "no reading" such as -999: ${sentinels}, set missing`);
  if (infinite > 0) warnings.push(`infinite readings: ${infinite}, set missing`);
  return warnings;
}

function silentWarning(ids: readonly string[]): string {
  const named = ids.length <= 5 ? ids.join(', ') : `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more`;
  return `series without any reading: ${named}`;
}

function rowsOf(files: RowTable['files']): number {
  return files.reduce((sum, { rows }) => sum + rows, 0);
}
