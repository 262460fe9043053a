import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFiles } from '../panel/testing/temporaryFiles.ts';

const root = join(import.meta.dirname, '../..');
const files = temporaryFiles();
const path = files.write('雾/two stations.csv', [
  'stationId,utc_time,PM2.5,PM10,NO2',
  'BL0,2018-04-29 13:00:00,8,12,',
  'BL0,2018-04-29 13:00:00,9,12,',
  'BL0,2018-04-29 16:00:00,-1,12,',
  'CD1,2018-04-29 13:00:00,8,3000,30',
]);

function trainyard(...words: string[]) {
  const script = ['--import', './scripts/registerTypeScript.mjs', 'src/cli/main.ts', ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, script, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { status, stdout, stderr };
}

describe('trainyard data describe', () => {
  it('prints aligned tables on stdout and what was cleaned on stderr', () => {
    const { status, stdout, stderr } = trainyard('data', 'describe', path, '--exclude', 'CD1#NO2');
    expect(status).toBe(0);
    expect(stdout).toContain('5 series of 4 hours, 2018-04-29 13:00:00 to 2018-04-29 16:00:00 UTC');
    expect(stdout).toMatch(/BL0#PM2\.5 +ug\/m3 .* 25\.0% +8 +8 +8 +1 +1 +0 +0\n/);
    expect(stdout).toMatch(/BL0#PM10 +0 +1 +0 +0 +0 +0 +2 +0 +0\n/);
    expect(stderr).toContain('read 5 series from 2018-04-29 13:00:00');
    expect(stderr).toContain('repeated readings: 3, took the first');
    expect(stderr).toContain('concentrations below zero: 1, set missing');
    expect(stderr).toContain('warning: series without any reading: BL0#NO2');
  });

  it('prints JSON that holds the same facts, and nothing else with --quiet', () => {
    const options = ['--json', '--quiet', '--drop-empty', '--negatives', 'keep', '--measures', 'pm25,PM10'];
    const { status, stdout, stderr } = trainyard('data', 'describe', path, ...options);
    expect(status).toBe(0);
    expect(stderr).toBe('');
    const { series, length, files: read } = JSON.parse(stdout);
    expect(length).toBe(4);
    expect(read).toEqual([{ path, layout: 'kdd2018-london', rows: 4 }]);
    expect(series.map(({ id }: { id: string }) => id)).toEqual([
      'BL0#PM2.5',
      'BL0#PM10',
      'CD1#PM2.5',
      'CD1#PM10',
    ]);
    expect(series[0]).toMatchObject({ duplicates: 1, negatives: 1, minimum: -1, withoutRow: 2 });
    expect(series[0].outOfRange).toMatchObject({ runs: 1, range: [0, 1000] });
    expect(series[3].outOfRange.longest).toEqual({ from: '2018-04-29 13:00:00', steps: 1, value: 3000 });
  });

  it.each([
    [['/nowhere.csv'], 'no such file: /nowhere.csv', 'check the path'],
    [[path, '--freq', 'soon'], 'invalid --freq: soon', 'write 30m, 1h'],
    [[path, '--duplicates', 'all'], 'invalid --duplicates: all; expected first, last, mean', ''],
    [[path, '--unit', 'CO'], 'invalid --unit: CO; expected MEASURE=UNIT', ''],
    [[path, '--stuck', '1h'], 'invalid length of stuck runs: 60 minutes', 'pass a longer --stuck'],
    [[path, '--exclude', '*'], 'no series left after --exclude', 'leave fewer out'],
  ])('fails on %j with a message, a remedy and exit code 2', (words, message, remedy) => {
    const { status, stdout, stderr } = trainyard('data', 'describe', ...words);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(`error: ${message}`);
    if (remedy) expect(stderr).toContain(`fix: ${remedy}`);
  });
});
