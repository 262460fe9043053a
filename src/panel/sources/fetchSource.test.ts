import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPanel } from '../readPanel.ts';
import { type FetchOptions, fetchSource } from './fetchSource.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

let server: Server;
let baseUrl: string;
let directory: string;
let handler: Handler;
let seen: string[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'trainyard-'));
  seen = [];
  server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    seen.push(url);
    handler(request, response, seen.filter((other) => other === url).length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const april = (day: number) => Date.UTC(2018, 3, day);

const fetch = (source: string, options: Partial<FetchOptions> = {}) =>
  fetchSource(source, {
    from: april(1),
    to: april(2),
    directory,
    baseUrl,
    politeness: { rate: 1000, timeout: 300, retries: 2, backoff: 5 },
    ...options,
  });

/** The shape of London Air: a list of readings, or the reading itself when there is one. */
function londonDay(url: string): string {
  const [, site, day] = /SiteCode=([^/]+)\/StartDate=([^/]+)/.exec(url) ?? [];
  const reading = (hour: string, value: string) => ({
    '@SpeciesCode': 'PM25',
    '@MeasurementDateGMT': `${day} ${hour}:00:00`,
    '@Value': value,
  });
  const several = [reading('00', '12.5'), reading('01', ''), reading('02', '14')];
  const Data = day === '2018-04-02' ? reading('05', '9.5') : several;
  return JSON.stringify({ AirQualityData: { '@SiteCode': site, Data } });
}

const serveLondon: Handler = (request, response) => response.end(londonDay(request.url ?? ''));

describe('fetchSource', () => {
  it('fetches London Air day by day in files that the reader knows', async () => {
    handler = serveLondon;
    const { files, fetched, failures } = await fetch('london-air', { stations: ['BL0', 'CD1'] });
    expect(failures).toEqual([]);
    expect(fetched).toBe(4);
    expect(seen).toContain('/AirQuality/Data/Site/SiteCode=BL0/StartDate=2018-04-02/EndDate=2018-04-03/Json');
    const { panel } = await readPanel(files);
    const series = panel.series.find(({ id }) => id === 'BL0#PM2.5');
    expect(panel.start).toBe(april(1));
    expect([...(series?.values.slice(0, 3) ?? [])]).toEqual([12.5, Number.NaN, 14]);
    expect(series?.values[29]).toBe(9.5);
  });

  it('does not fetch again what is there, unless the day may still grow', async () => {
    handler = serveLondon;
    await fetch('london-air', { stations: ['BL0'] });
    const again = await fetch('london-air', { stations: ['BL0'] });
    expect(again).toMatchObject({ fetched: 0, kept: 2 });
    expect(seen.length).toBe(2);
    const young = await fetch('london-air', { stations: ['BL0'], now: april(3) });
    expect(young).toMatchObject({ fetched: 1, kept: 1 });
  });

  it('tries again after HTTP 500, 429 with Retry-After, a broken connection, a short body and a page of HTML', async () => {
    const troubles: Handler[] = [
      (_request, response) => response.writeHead(500).end(),
      (_request, response) => response.writeHead(429, { 'retry-after': '0' }).end(),
      (_request, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{"AirQualityData":', () => response.destroy());
      },
      (_request, response) => response.end('{"AirQualityData": {"@SiteCode": "BL0", "Data"'),
      (_request, response) => response.end('<html>maintenance</html>'),
    ];
    for (const trouble of troubles) {
      directory = mkdtempSync(join(tmpdir(), 'trainyard-'));
      seen = [];
      handler = (request, response, count) => (count === 1 ? trouble : serveLondon)(request, response, count);
      const { fetched, failures } = await fetch('london-air', { stations: ['BL0'], to: april(1) });
      expect({ fetched, failures, tries: seen.length }).toEqual({ fetched: 1, failures: [], tries: 2 });
    }
  });

  it('gives up on a station that stays broken, keeps the others and leaves nothing half-written', async () => {
    handler = (request, response, count) => {
      if (request.url?.includes('SiteCode=CD1')) response.writeHead(503).end();
      else serveLondon(request, response, count);
    };
    const { files, failures } = await fetch('london-air', {
      stations: ['CD1', 'BL0'],
      to: april(5),
      concurrency: 1,
    });
    expect(files.length).toBe(5);
    expect(failures).toEqual([{ station: 'CD1', requests: 5, reason: expect.stringContaining('HTTP 503') }]);
    expect(failures[0].reason).toContain('2018-04-01');
    expect(existsSync(join(directory, 'london-air', 'CD1'))).toBe(false);
    // Three days of three tries each; then the station is left alone.
    expect(seen.filter((url) => url.includes('CD1')).length).toBe(3 * 3);
  });

  it('does not retry an answer that will not change', async () => {
    handler = (_request, response) => response.writeHead(403).end();
    const { failures } = await fetch('london-air', { stations: ['BL0'], to: april(1) });
    expect(failures[0].reason).toContain('HTTP 403');
    expect(seen.length).toBe(1);
  });

  it('names an answer that takes too long', async () => {
    handler = () => {};
    const { failures } = await fetch('london-air', {
      stations: ['BL0'],
      to: april(1),
      politeness: { rate: 1000, timeout: 50, retries: 1, backoff: 5 },
    });
    expect(failures[0].reason).toContain('no whole answer within 0.05 s');
  });

  it('refuses an answer for another site', async () => {
    handler = (_request, response) => response.end(londonDay('/SiteCode=XX1/StartDate=2018-04-01/'));
    const { failures } = await fetch('london-air', { stations: ['BL0'], to: april(1) });
    expect(failures[0].reason).toContain('it is of site XX1');
  });

  it('goes on where it was stopped', async () => {
    const controller = new AbortController();
    handler = (request, response, count) => {
      if (seen.length === 3) controller.abort();
      serveLondon(request, response, count);
    };
    const stopped = fetch('london-air', {
      stations: ['BL0'],
      to: april(6),
      concurrency: 1,
      signal: controller.signal,
    });
    await expect(stopped).rejects.toMatchObject({ kind: 'cancelled' });
    const kept = readdirSync(join(directory, 'london-air', 'BL0'));
    expect(kept).toEqual(['2018-04-01.json', '2018-04-02.json']);
    handler = serveLondon;
    expect(await fetch('london-air', { stations: ['BL0'], to: april(6) })).toMatchObject({
      fetched: 4,
      kept: 2,
    });
  });

  it('keeps to the rate it was given', async () => {
    const times: number[] = [];
    handler = (request, response, count) => {
      times.push(performance.now());
      serveLondon(request, response, count);
    };
    await fetch('london-air', { stations: ['BL0'], to: april(4), politeness: { rate: 20 }, concurrency: 4 });
    // Four requests at 20 a second take at least 150 ms from first to last; timers may be some milliseconds early.
    expect(times[3] - times[0]).toBeGreaterThan(130);
  });

  it('fetches both daily files of Beijing and reads the Chinese names', async () => {
    handler = (request, response) => {
      const measure = request.url?.includes('_all_') ? 'PM2.5' : 'O3';
      const date = /(\d{8})\.csv/.exec(request.url ?? '')?.[1];
      response.end(`date,hour,type,东四,天坛\n${date},0,${measure},35,\n${date},1,${measure},36,41\n`);
    };
    const { files } = await fetch('beijing-air');
    expect(files.length).toBe(4);
    const { panel } = await readPanel(files);
    expect(panel.series.map(({ id }) => id).sort()).toEqual([
      'dongsi_aq#O3',
      'dongsi_aq#PM2.5',
      'tiantan_aq#O3',
      'tiantan_aq#PM2.5',
    ]);
    // Midnight in Beijing is 16:00 UTC of the day before.
    expect(panel.start).toBe(april(1) - 8 * 3_600_000);
  });

  it('takes a missing day of OpenAQ for a day without readings, and broken gzip for a failure', async () => {
    handler = (request, response) => {
      if (request.url?.includes('20180401')) response.writeHead(404).end();
      else if (request.url?.includes('20180402')) response.end(openaqDay());
      else response.end(openaqDay().subarray(0, 40));
    };
    const result = await fetch('openaq', { stations: ['2178'], to: april(3) });
    expect(result).toMatchObject({ fetched: 1, empty: 1 });
    expect(result.failures[0].reason).toContain('gzip data is broken');
    const { panel } = await readPanel(result.files);
    expect(panel.series[0].id).toBe('Del Norte µ-2178#PM10');
    expect(panel.series[0].values[0]).toBe(18);
  });

  it('unpacks the archives within the archive of UCI', async () => {
    const csv = 'No,year,month,day,hour,PM2.5,CO,station\n1,2013,3,1,0,4,300,Dongsi\n';
    const inner = zipSync({ 'PRSA/PRSA_Data_Dongsi_20130301-20170228.csv': strToU8(csv) });
    handler = (_request, response) =>
      response.end(zipSync({ 'inner.zip': inner, 'notes.txt': strToU8('x') }));
    const { failures } = await fetch('uci-prsa');
    expect(failures).toEqual([]);
    const file = join(directory, 'uci-prsa', 'PRSA_Data_Dongsi_20130301-20170228.csv');
    expect(readFileSync(file, 'utf8')).toBe(csv);
  });

  it.each([
    ['nowhere', {}, 'unknown source: nowhere'],
    ['london-air', {}, 'london-air needs --stations'],
    ['beijing-air', { from: april(3), to: april(2) }, '--from is after --to'],
  ])('rejects %s with %j', async (source, options, message) => {
    handler = serveLondon;
    await expect(fetch(source, options)).rejects.toThrow(message);
    expect(seen).toEqual([]);
  });
});

function openaqDay(): Buffer {
  return gzipSync(
    'location_id,sensors_id,location,datetime,lat,lon,parameter,units,value\n' +
      '2178,3920,"Del Norte µ-2178","2018-04-02T00:00:00-06:00","35.1353","-106.5847","pm10","µg/m³","18.0"\n' +
      '2178,3920,"Del Norte µ-2178","2018-04-02T01:00:00-06:00","35.1353","-106.5847","pm10","μg/m³","-999"\n',
  );
}
