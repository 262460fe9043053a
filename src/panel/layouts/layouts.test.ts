import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPanel } from '../readPanel.ts';
import { cellsOf, temporaryFiles } from '../testing/temporaryFiles.ts';
import { layouts } from './all.ts';

const files = temporaryFiles();

async function read(name: string, content: string | readonly string[]) {
  const { panel, report } = await readPanel([files.write(name, content)]);
  return { panel, report, cells: cellsOf(panel), layout: report.files[0].layout };
}

const utc = (text: string) => `2018-04-29 ${text}:00:00`;

describe('KDD Cup 2018', () => {
  it('reads Beijing with city, coordinates and CO in mg/m3', async () => {
    const { panel, cells, layout } = await read('beijing.csv', [
      'stationId,utc_time,PM2.5,PM10,NO2,CO,O3,SO2',
      'aotizhongxin_aq,2018-04-29 13:00:00,45,60,,0.7,80,3',
    ]);
    expect(layout).toBe('kdd2018-beijing');
    expect(panel).toMatchObject({ timeZone: 'UTC', step: 3_600_000, length: 1 });
    expect(cells).toEqual({
      'aotizhongxin_aq#PM2.5': { [utc('13')]: 45 },
      'aotizhongxin_aq#PM10': { [utc('13')]: 60 },
      'aotizhongxin_aq#NO2': {},
      'aotizhongxin_aq#CO': { [utc('13')]: 0.7 },
      'aotizhongxin_aq#O3': { [utc('13')]: 80 },
      'aotizhongxin_aq#SO2': { [utc('13')]: 3 },
    });
    expect(panel.series[3]).toMatchObject({
      city: 'Beijing',
      station: 'aotizhongxin_aq',
      measure: 'CO',
      unit: 'mg/m3',
      latitude: 39.982,
      longitude: 116.397,
    });
  });

  it('reads London as cleaned and as published, with its index column and slashed dates', async () => {
    const cleaned = await read('london.csv', [
      'stationId,utc_time,PM2.5,PM10,NO2',
      'BL0,2018-04-29 13:00:00,8,12,30',
    ]);
    const raw = await read('london-raw.csv', [
      ',MeasurementDateGMT,station_id,PM2.5 (ug/m3),PM10 (ug/m3),NO2 (ug/m3)',
      '0,2018/4/29 13:00,BL0,8,12,30',
    ]);
    const other = await read('london-other.csv', [
      'Station_ID,MeasurementDateGMT,PM2.5 (ug/m3),PM10 (ug/m3),NO2 (ug/m3),,',
      'BL0,2018/4/29 13:00,8,12,30,,',
    ]);
    expect([cleaned.layout, raw.layout, other.layout]).toEqual([
      'kdd2018-london',
      'kdd2018-london-raw',
      'kdd2018-london-raw',
    ]);
    expect(cleaned.cells).toEqual({
      'BL0#PM2.5': { [utc('13')]: 8 },
      'BL0#PM10': { [utc('13')]: 12 },
      'BL0#NO2': { [utc('13')]: 30 },
    });
    expect(raw.cells).toEqual(cleaned.cells);
    expect(other.cells).toEqual(cleaned.cells);
    expect(raw.panel.series[0]).toMatchObject({ city: 'London', unit: 'ug/m3', latitude: 51.52229 });
  });

  it('reads the API, telling the city by the station', async () => {
    const { panel, cells, layout } = await read('api.csv', [
      'id,station_id,time,PM25_Concentration,PM10_Concentration,NO2_Concentration,CO_Concentration,O3_Concentration,SO2_Concentration',
      '2942597,dongsi_aq,2018-04-29 13:00:00,45.0,60.0,20.0,0.7,80.0,3.0',
      '2942598,KF1,2018-04-29 13:00:00,8.0,,,,,',
    ]);
    expect(layout).toBe('kdd2018-api');
    expect(cells['dongsi_aq#PM2.5']).toEqual({ [utc('13')]: 45 });
    expect(cells['KF1#PM2.5']).toEqual({ [utc('13')]: 8 });
    expect(panel.series.map(({ city }) => city)).toEqual([
      ...Array(6).fill('Beijing'),
      ...Array(6).fill('London'),
    ]);
  });

  it('reads the weather of the API with units, without its text, and without its 999999', async () => {
    const { panel, cells, report } = await read('weather.csv', [
      'id,station_id,time,weather,temperature,pressure,humidity,wind_speed,wind_direction',
      '1,beijing_grid_000,2018-04-29 13:00:00,Sunny/clear,-3.5,1012.1,40,2.2,999017.0',
    ]);
    expect(cells['beijing_grid_000#temperature']).toEqual({ [utc('13')]: -3.5 });
    expect(cells['beijing_grid_000#wind_direction']).toEqual({});
    expect(panel.series.map(({ unit }) => unit)).toEqual(['degC', 'hPa', '%', 'm/s', 'deg']);
    expect(report.warnings).toContain('ignored columns of text: weather');
    expect(report.warnings.join()).toContain('codes for "no reading"');
  });
});

describe('UCI PRSA', () => {
  it('reads local time, NA, CO in ug/m3 and the weather beside it', async () => {
    const { panel, cells, layout, report } = await read('prsa.csv', [
      '"No","year","month","day","hour","PM2.5","PM10","SO2","NO2","CO","O3","TEMP","PRES","DEWP","RAIN","wd","WSPM","station"',
      '1,2018,4,29,7,4,4,4,7,300,77,-0.7,1023,-18.8,0,"NNW",4.4,"Aotizhongxin"',
      '2,2018,4,29,8,NA,4,4,7,300,77,-1.1,1023.2,-18.2,0,NA,4.4,"Aotizhongxin"',
    ]);
    expect(layout).toBe('uci-prsa');
    expect(panel.timeZone).toBe('Asia/Shanghai');
    expect(cells['Aotizhongxin#PM2.5']).toEqual({ '2018-04-28 23:00:00': 4 });
    expect(cells['Aotizhongxin#TEMP']).toEqual({ '2018-04-28 23:00:00': -0.7, '2018-04-29 00:00:00': -1.1 });
    expect(Object.fromEntries(panel.series.map(({ measure, unit }) => [measure, unit]))).toEqual({
      'PM2.5': 'ug/m3',
      PM10: 'ug/m3',
      SO2: 'ug/m3',
      NO2: 'ug/m3',
      CO: 'ug/m3',
      O3: 'ug/m3',
      TEMP: 'degC',
      PRES: 'hPa',
      DEWP: 'degC',
      RAIN: 'mm',
      WSPM: 'm/s',
    });
    expect(panel.series[0]).toMatchObject({ city: 'Beijing', latitude: 39.982 });
    expect(report.warnings).toContain('ignored columns of text: wd');
  });
});

describe('London Air', () => {
  it('reads the wide CSV, with the code of a known site and the name of another', async () => {
    const { panel, cells, layout } = await read('wide.csv', [
      'MeasurementDateGMT,Camden - Swiss Cottage: PM2.5 Particulate (ug/m3),Camden - Swiss Cottage: Carbon Monoxide (mg/m3),Ealing - Acton: Nitrogen Dioxide (ug/m3)',
      '2018-04-29 13:00,12.5,,40',
      '2018-04-29 14:00,,0.4,41',
    ]);
    expect(layout).toBe('london-air-csv');
    expect(cells).toEqual({
      'CD1#PM2.5': { [utc('13')]: 12.5 },
      'CD1#CO': { [utc('14')]: 0.4 },
      'Ealing - Acton#NO2': { [utc('13')]: 40, [utc('14')]: 41 },
    });
    expect(panel.series[1]).toMatchObject({ city: 'London', unit: 'mg/m3', latitude: 51.54422 });
  });

  const reading = (value: string) => ({
    '@SpeciesCode': 'PM25',
    '@MeasurementDateGMT': '2018-04-29 13:00:00',
    '@Value': value,
  });

  it('reads JSON, where empty text is missing', async () => {
    const data = [reading('8.1'), { ...reading(''), '@SpeciesCode': 'NO2' }];
    const { cells, layout } = await read(
      'site.json',
      JSON.stringify({ AirQualityData: { '@SiteCode': 'CD1', Data: data } }),
    );
    expect(layout).toBe('london-air-json');
    expect(cells).toEqual({ 'CD1#PM2.5': { [utc('13')]: 8.1 }, 'CD1#NO2': {} });
  });

  it('reads JSON whose list of one reading arrived as an object', async () => {
    const { cells } = await read(
      'one.json',
      JSON.stringify({ AirQualityData: { '@SiteCode': 'CD1', Data: reading('8.1') } }),
    );
    expect(cells).toEqual({ 'CD1#PM2.5': { [utc('13')]: 8.1 } });
  });
});

describe('beijingair', () => {
  it('maps Chinese names, old and new, to station ids, and keeps raw types only', async () => {
    const { panel, cells, layout } = await read('beijing_all_20180429.csv', [
      'date,hour,type,东四,西城万寿西宫,某新站',
      '20180429,8,PM2.5,45,50,55',
      '20180429,8,PM2.5_24h,1,2,3',
      '20180429,8,AQI,4,5,6',
      '20180429,8,CO,0.7,,',
    ]);
    expect(layout).toBe('beijing-air');
    expect(panel.timeZone).toBe('Asia/Shanghai');
    expect(cells['dongsi_aq#PM2.5']).toEqual({ [utc('00')]: 45 });
    expect(cells['wanshouxigong_aq#PM2.5']).toEqual({ [utc('00')]: 50 });
    expect(cells['某新站#PM2.5']).toEqual({ [utc('00')]: 55 });
    expect(panel.series.map(({ measure }) => measure)).not.toContain('AQI');
    expect(panel.series.find(({ id }) => id === 'dongsi_aq#CO')).toMatchObject({
      unit: 'mg/m3',
      city: 'Beijing',
      longitude: 116.417,
    });
  });

  it('continues a renamed station as one series over several days', async () => {
    const paths = [
      files.write('d/beijing_all_20180428.csv', ['date,hour,type,东四', '20180428,23,PM2.5,45']),
      files.write('d/beijing_all_20180429.csv', ['date,hour,type,东城东四', '20180429,0,PM2.5,46']),
    ];
    const { panel, report } = await readPanel([`${files.folder}/d/beijing_all_*.csv`]);
    expect(cellsOf(panel)).toEqual({
      'dongsi_aq#PM2.5': { '2018-04-28 15:00:00': 45, '2018-04-28 16:00:00': 46 },
    });
    expect(report.files.map(({ path, rows }) => [path, rows])).toEqual(paths.map((path) => [path, 1]));
  });

  it('reads national files by their codes', async () => {
    const { cells, panel } = await read('china_sites_20180429.csv', [
      'date,hour,type,1001A,1002A',
      '20180429,0,O3,45,46',
    ]);
    expect(cells['1002A#O3']).toEqual({ '2018-04-28 16:00:00': 46 });
    expect(panel.series[0]).toMatchObject({ city: '', latitude: Number.NaN });
  });
});

describe('OpenAQ', () => {
  const header = '"location_id","sensors_id","location","datetime","lat","lon","parameter","units","value"';

  it('reads half-hour offsets, two letters mu, ppm and -999', async () => {
    const { panel, cells, layout, report } = await read('openaq.csv.gz', [
      header,
      '1,11,"Delhi, ITO","2018-04-29T01:30:00+05:30",28.6,77.2,"pm25","µg/m³","45"',
      '1,11,"Delhi, ITO","2018-04-29T02:30:00+05:30",28.6,77.2,"pm25","μg/m³","-999"',
      '1,12,"Delhi, ITO","2018-04-29T01:30:00+05:30",28.6,77.2,"o3","ppm","0.02"',
    ]);
    expect(layout).toBe('openaq');
    expect(cells).toEqual({
      'Delhi, ITO#PM2.5': { '2018-04-28 20:00:00': 45 },
      'Delhi, ITO#O3': { '2018-04-28 20:00:00': 0.02 },
    });
    expect(panel.series[0]).toMatchObject({ unit: 'ug/m3', latitude: 28.6, longitude: 77.2 });
    expect(panel.series[1].unit).toBe('ppm');
    expect(report.warnings.join()).toContain('codes for "no reading" such as -999: 1, set missing');
  });

  it('keeps the half hours of a network that reports on them', async () => {
    const { panel } = await read('half.csv', [
      header,
      '1,11,A,2018-04-29T01:00:00+05:30,28.6,77.2,pm25,µg/m³,45',
      '1,11,A,2018-04-29T02:00:00+05:30,28.6,77.2,pm25,µg/m³,46',
    ]);
    expect(cellsOf(panel)).toEqual({ 'A#PM2.5': { '2018-04-28 19:30:00': 45, '2018-04-28 20:30:00': 46 } });
  });

  it('converts a series that changes its unit to the first one', async () => {
    const { cells, report } = await read('units.csv', [
      header,
      '1,11,A,2018-04-29T13:00:00Z,28.6,77.2,co,mg/m³,1.5',
      '1,11,A,2018-04-29T14:00:00Z,28.6,77.2,co,µg/m³,1500',
      '1,11,A,2018-04-29T15:00:00Z,28.6,77.2,co,ppm,1',
    ]);
    // 1 ppm of CO at 25 °C: 28.01 g/mol over 24.45 l/mol.
    expect(cells['A#CO']).toEqual({
      [utc('13')]: 1.5,
      [utc('14')]: 1.5,
      [utc('15')]: expect.closeTo(28.01 / 24.45, 12),
    });
    expect(report.warnings.join()).toContain('A#CO converted from ug/m3 to mg/m3');
  });
});

describe('Monash .tsf', () => {
  const head = [
    '# Dataset: KDD cup',
    '@relation KDD',
    '@attribute series_name string',
    '@attribute city string',
    '@attribute station string',
    '@attribute air_quality_measurement string',
    '@attribute start_timestamp date',
    '@frequency hourly',
    '@missing true',
    '@equallength false',
    '@data',
  ];

  it('unfolds a series a line, with ? for missing', async () => {
    const { panel, cells, layout } = await read('kdd.tsf', [
      ...head,
      'T1:Beijing:aotizhongxin_aq:PM2.5:2018-04-29 13-00-00:453.0,?,467.5',
      'T2:London:BL0:NO2:2018-04-29 14-00-00:10.8',
    ]);
    expect(layout).toBe('monash-tsf');
    expect(cells).toEqual({
      'aotizhongxin_aq#PM2.5': { [utc('13')]: 453, [utc('15')]: 467.5 },
      'BL0#NO2': { [utc('14')]: 10.8 },
    });
    expect(panel.series[1]).toMatchObject({ city: 'London', station: 'BL0', measure: 'NO2', unit: '' });
  });

  it('names series by their first attribute where nothing else does, at their own frequency', async () => {
    const { panel, cells } = await read('electricity.tsf.gz', [
      '@relation electricity',
      '@attribute series_name string',
      '@attribute start_timestamp date',
      '@frequency half_hourly',
      '@data',
      'T1:2018-04-29 13-00-00:-1.5,2,3',
    ]);
    expect(panel.step).toBe(1_800_000);
    expect(cells).toEqual({ T1: { [utc('13')]: -1.5, '2018-04-29 13:30:00': 2, [utc('14')]: 3 } });
  });
});

describe('long form', () => {
  it('keeps ids as they are and takes attributes from columns or from the id', async () => {
    const { panel, cells, layout } = await read('long.csv', [
      'unique_id,ds,y,city,latitude,longitude,unit',
      'dongsi_aq#PM2.5,2018-04-29 13:00:00,45,Beijing,39.9,116.4,ug/m3',
      'plain id ü,2018-04-29T13:00:00,-3,,,,',
    ]);
    expect(layout).toBe('long');
    expect(cells).toEqual({ 'dongsi_aq#PM2.5': { [utc('13')]: 45 }, 'plain id ü': { [utc('13')]: -3 } });
    expect(panel.series).toMatchObject([
      { station: 'dongsi_aq', measure: 'PM2.5', city: 'Beijing', latitude: 39.9, unit: 'ug/m3' },
      { station: '', measure: '', city: '', latitude: Number.NaN, unit: '' },
    ]);
  });

  it('takes the commonest distance between rows for its step', async () => {
    const day = (n: number) => `a,2018-04-0${n},${n}`;
    const { panel } = await read('daily.csv', ['unique_id,ds,y', day(1), day(2), day(3), day(7)]);
    expect(panel).toMatchObject({ step: 86_400_000, length: 7, start: Date.UTC(2018, 3, 1) });
  });

  it('reads JSON lines', async () => {
    const { cells } = await read('long.jsonl', [
      '{"unique_id":"a","ds":"2018-04-29T13:00:00Z","y":1.25}',
      '{"unique_id":"a","ds":"2018-04-29T14:00:00Z","y":null}',
    ]);
    expect(cells).toEqual({ a: { [utc('13')]: 1.25 } });
  });
});

describe('tables of the user’s own form', () => {
  const content = ['when;site;PM2.5;note', '29/04/2018 15:00;Nord;12;x', '29/04/2018 15:00;Süd;-1;y'];

  it('reads declared columns in a declared zone and format', async () => {
    const path = files.write('own.csv', content);
    const { panel, report } = await readPanel([path], {
      time: 'when',
      id: 'site',
      value: 'PM2.5',
      timeZone: 'Europe/Berlin',
      timeFormat: '%d/%m/%Y %H:%M',
      units: { pm25: 'µg/m³' },
    });
    expect(report.files[0].layout).toBe('generic');
    expect(panel.timeZone).toBe('Europe/Berlin');
    expect(cellsOf(panel)).toEqual({ 'Nord#PM2.5': { [utc('13')]: 12 }, 'Süd#PM2.5': {} });
    expect(panel.series[1]).toMatchObject({ station: 'Süd', measure: 'PM2.5', unit: 'ug/m3' });
    expect(report.negatives).toBe(1);
  });

  it('reads several value columns, and one series without an id', async () => {
    const path = files.write('sensor.csv', ['t,temp,load', '2018-04-29 13:00:00,-5,1']);
    const both = await readPanel([path], { time: 't', value: 'temp,load' });
    expect(cellsOf(both.panel)).toEqual({ temp: { [utc('13')]: -5 }, load: { [utc('13')]: 1 } });
    const one = await readPanel([path], { time: 't', value: 'load' });
    expect(cellsOf(one.panel)).toEqual({ load: { [utc('13')]: 1 } });
  });
});

describe('headers as they vary', () => {
  it.each([
    ['a byte-order mark', '\ufeffstationId,utc_time,PM2.5,PM10,NO2'],
    ['quotes', '"stationId","utc_time","PM2.5","PM10","NO2"'],
    ['another case', 'STATIONID,UTC_TIME,pm2.5,pm10,no2'],
    ['blanks', 'stationId , utc_time, PM2.5 ,PM10,NO2'],
    ['Windows line ends', 'stationId,utc_time,PM2.5,PM10,NO2\r'],
    ['another order', 'PM10,stationId,utc_time,PM2.5,NO2'],
  ])('reads a header with %s', async (name, header) => {
    const row =
      name === 'another order' ? '12,BL0,2018-04-29 13:00:00,8,30' : 'BL0,2018-04-29 13:00:00,8,12,30';
    const { cells } = await read('header.csv', `${header}\n${row}${header.endsWith('\r') ? '\r' : ''}\n`);
    expect(cells['BL0#PM2.5']).toEqual({ [utc('13')]: 8 });
    expect(cells['BL0#PM10']).toEqual({ [utc('13')]: 12 });
    expect(Object.keys(cells)).toHaveLength(3);
  });

  it.each([';', '\t', '|'])('reads the delimiter %j', async (delimiter) => {
    const lines = ['stationId,utc_time,PM2.5,PM10,NO2', 'BL0,2018-04-29 13:00:00,8,12,30'];
    const { cells } = await read(
      'delimited.csv',
      lines.map((line) => line.replaceAll(',', delimiter)),
    );
    expect(cells['BL0#NO2']).toEqual({ [utc('13')]: 30 });
  });
});

it('has every layout in the documentation', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/reading-data.md'), 'utf8');
  for (const { name } of layouts) expect(page).toMatch(new RegExp(`^\\| \`${name}\` *\\|`, 'm'));
});

it('gives every layout a name and a summary of its own', () => {
  for (const key of ['name', 'summary'] as const) {
    expect(new Set(layouts.map((layout) => layout[key])).size).toBe(layouts.length);
  }
});
