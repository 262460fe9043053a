import { unpackNumbers } from '../packNumbers.ts';
import type { ReportPayload } from '../reportPayload.ts';
import { readSeriesChunk, type SeriesChunk } from '../seriesChunk.ts';

/** Reads the page's description of itself. */
export async function loadPayload(): Promise<ReportPayload> {
  return JSON.parse(new TextDecoder().decode(await inflate('report')));
}

/** Reads the arrays of a series; those of the last few series are kept. */
export function loadSeries(payload: ReportPayload, index: number): Promise<SeriesChunk> {
  const known = recent.get(index);
  if (known) return known;
  const loading = inflate(`series-${index}`).then((bytes) =>
    readSeriesChunk(
      bytes,
      payload.forecast?.models.map(({ levels }) => levels.length) ?? [],
      payload.series[index].tested ? (payload.backtest?.models.map(({ levels }) => levels.length) ?? []) : [],
    ),
  );
  recent.set(index, loading);
  if (recent.size > 12) recent.delete([...recent.keys()][0]);
  return loading;
}

/** Reads the counts of states, one array `[column][state]` a series. */
export async function loadMissing(series: number): Promise<Float32Array[]> {
  const bytes = await inflate('missing');
  let offset = 0;
  return Array.from({ length: series }, () => {
    const { values, end } = unpackNumbers(bytes, offset);
    offset = end;
    return values;
  });
}

const recent = new Map<number, Promise<SeriesChunk>>();

async function inflate(name: string): Promise<Uint8Array> {
  const holder = document.querySelector(`script[data-chunk="${name}"]`);
  const text = atob(holder?.textContent ?? '');
  const packed = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
