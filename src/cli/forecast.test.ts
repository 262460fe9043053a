import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPanel, type Panel } from '../panel/panel.ts';
import { readPanel } from '../panel/readPanel.ts';
import { simulatePanel, writeSimulation } from '../panel/simulate.ts';
import { writePanel } from '../panel/writePanel.ts';
import { runCli } from './testing/runCli.ts';

let data: string;
beforeAll(async () => {
  data = join(mkdtempSync(join(tmpdir(), 'trainyard-')), 'city.csv');
  await writeSimulation(simulatePanel({ stations: 3, days: 60, measures: ['PM2.5', 'O3'] }), data);
});

let out: string;
beforeEach(() => {
  out = join(mkdtempSync(join(tmpdir(), 'trainyard-')), 'out');
});

/** Number of finished folds that a run has kept in its output folder so far. */
function keptFolds(folder: string): number {
  const resume = join(folder, '.resume');
  if (!existsSync(resume)) return 0;
  return readdirSync(resume).reduce(
    (sum, key) => sum + readdirSync(join(resume, key)).filter((name) => /^\d+\.bin$/.test(name)).length,
    0,
  );
}

/** KDD-shaped files of two cities over some days. */
function writeKdd(folder: string): string[] {
  const hours = Array.from({ length: 24 * 12 }, (_, i) =>
    new Date(Date.UTC(2018, 3, 1) + i * 3_600_000).toISOString().slice(0, 19).replace('T', ' '),
  );
  const beijing = ['stationId,utc_time,PM2.5,PM10,NO2,CO,O3,SO2'];
  const london = ['stationId,utc_time,PM2.5,PM10,NO2'];
  for (const [i, time] of hours.entries()) {
    for (const station of ['dongsi_aq', 'tiantan_aq'])
      beijing.push(`${station},${time},${50 + (i % 24)},${80 + (i % 24)},30,0.7,${i % 24},5`);
    london.push(`BL0,${time},${10 + (i % 24) / 10},${20 + (i % 24) / 10},30`);
  }
  mkdirSync(folder, { recursive: true });
  const files = [join(folder, 'beijing.csv'), join(folder, 'london.csv')];
  writeFileSync(files[0], `${beijing.join('\n')}\n`);
  writeFileSync(files[1], `${london.join('\n')}\n`);
  return files;
}

describe('trainyard forecast', () => {
  it('writes tables and a report, keeps stdout for scores, and repeats itself bit for bit', async () => {
    const first = await runCli([
      'forecast',
      data,
      '--horizon',
      '24',
      '--past',
      '3',
      '--calibration',
      '5',
      '--out',
      out,
    ]);
    expect(first.stderr).not.toContain('error');
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/model +smape/);
    expect(first.stdout).toContain('medianOfMedians');
    expect(readdirSync(out).sort()).toEqual([
      'forecast.csv',
      'forecast.parquet',
      'report.html',
      'scores.json',
    ]);
    const csv = readFileSync(join(out, 'forecast.csv'), 'utf8');
    expect(csv.split('\n')[0]).toBe('unique_id,ds,model,yhat,lo-80,hi-80,lo-95,hi-95');
    expect(csv.trim().split('\n').length).toBe(1 + 6 * 24 * 3);
    expect(csv).toContain('sim01#PM2.5,2024-03-01 00:00:00,medianOfMedians,');
    const again = join(out, 'again');
    await runCli([
      'forecast',
      data,
      '--horizon',
      '24',
      '--past',
      '3',
      '--calibration',
      '5',
      '--out',
      again,
      '--workers',
      '0',
    ]);
    expect(readFileSync(join(again, 'forecast.csv'), 'utf8')).toBe(csv);
  });

  it('reads back its Parquet like its CSV', async () => {
    await runCli(['forecast', data, '--horizon', '6', '--past', '0', '--models', 'naive', '--out', out]);
    const [csv, parquet] = await Promise.all(
      ['forecast.csv', 'forecast.parquet'].map((name) =>
        readPanel([join(out, name)], { time: 'ds', id: 'unique_id', value: 'yhat' }),
      ),
    );
    expect(parquet.panel.series.map(({ id }) => id).sort()).toEqual(
      csv.panel.series.map(({ id }) => id).sort(),
    );
    expect(parquet.panel.length).toBe(6);
  });

  it('writes the submission of KDD Cup 2018 for its files, its series alone', async () => {
    const files = writeKdd(join(out, '..', 'kdd'));
    const { code, stderr } = await runCli([
      'forecast',
      ...files,
      '--at',
      '2018-04-10',
      '--models',
      'medianOfMedians:windows=3/5,naive',
      '--past',
      '2',
      '--out',
      out,
    ]);
    expect(stderr).toContain('forecasting the 8 series of KDD Cup 2018 out of 15');
    expect(code).toBe(0);
    const lines = readFileSync(join(out, 'submission.csv'), 'utf8').trim().split('\n');
    expect(stderr).toMatch(/submission.csv has 0, .* for stations without forecast: guanyuan_aq/);
    expect(lines[0]).toBe('test_id,PM2.5,PM10,O3');
    expect(lines.length).toBe(1 + 48 * 48);
    expect(readdirSync(out)).toContain('submission-naive.csv');
    expect(lines).toContain('dongsi_aq#5,55,85,5');
    expect(lines).toContain('BL0#47,12.3,22.3,');
  });

  it('prints JSON a program can read, and nothing else on stdout', async () => {
    const { stdout, stderr } = await runCli([
      'forecast',
      data,
      '--horizon',
      '6',
      '--past',
      '2',
      '--models',
      'naive,seasonalNaive',
      '--json',
      '--quiet',
      '--out',
      out,
    ]);
    expect(stderr).toBe('');
    const { scores, files } = JSON.parse(stdout);
    expect(scores.models.map(({ model }: { model: string }) => model)).toEqual(['naive', 'seasonalNaive']);
    expect(files).toContain(join(out, 'report.html'));
  });
});

describe('trainyard backtest', () => {
  it('writes every forecast beside the truth and proves that it saw no future', async () => {
    const { code, stderr, stdout } = await runCli([
      ...[
        'backtest',
        data,
        '--from',
        '2024-02-20',
        '--to',
        '2024-02-23',
        '--horizon',
        '24',
        '--calibration',
        '4',
      ],
      ...['--models', 'medianOfMedians:windows=7/14,seasonalNaive', '--prove-no-leak', '--out', out],
    ]);
    expect(stderr).toContain('no leakage');
    expect(code).toBe(0);
    expect(stdout).toContain('medianOfMedians:windows=7/14');
    expect(readdirSync(out).sort()).toEqual([
      'backtest.csv',
      'backtest.parquet',
      'report.html',
      'scores.json',
    ]);
    const lines = readFileSync(join(out, 'backtest.csv'), 'utf8').trim().split('\n');
    expect(lines[0]).toBe('unique_id,ds,cutoff,model,y,yhat,lo-80,hi-80,lo-95,hi-95');
    expect(lines.length).toBe(1 + 4 * 2 * 6 * 24);
    expect(lines[1]).toMatch(
      /^sim01#PM2\.5,2024-02-20 00:00:00,2024-02-19 23:00:00,medianOfMedians:windows=7\/14,/,
    );
    const { leakage, scores, provenance } = JSON.parse(readFileSync(join(out, 'scores.json'), 'utf8'));
    expect(leakage).toMatchObject({ passed: true, cutoffs: 4 + 4, different: 0 });
    expect(scores.definitions.smape).toContain('0 to 2');
    expect(provenance.simulated).toBe(true);
  });

  it('scores KDD files by the rule of the competition', async () => {
    const files = writeKdd(join(out, '..', 'kdd'));
    const { stdout, code } = await runCli([
      'backtest',
      ...files,
      '--from',
      '2018-04-08',
      '--to',
      '2018-04-10',
      '--models',
      'seasonalNaive',
      '--metric',
      'kdd2018',
      '--json',
      '--quiet',
      '--out',
      out,
    ]);
    expect(code).toBe(0);
    const [model] = JSON.parse(stdout).scores.models;
    // The files repeat every day: a forecast of the day before is right.
    expect(model.kdd2018).toMatchObject({ mean: 0, best25: 0, sampled25: 0 });
    expect(Object.keys(model.kdd2018.cities)).toEqual(['Beijing', 'London']);
  });

  it('stops at Ctrl-C with exit code 130, keeps finished folds, and goes on to the same result', async () => {
    const big = join(out, '..', 'big.csv.gz');
    await writeSimulation(simulatePanel({ stations: 60, days: 400, measures: ['PM2.5'] }), big);
    const command = [
      'backtest',
      big,
      '--from',
      '2024-07-01',
      '--to',
      '2025-01-31',
      '--models',
      'medianOfMedians',
      '--levels',
      'none',
    ];
    const stopped = await runCli([...command, '--out', out], { interruptWhen: () => keptFolds(out) >= 3 });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('run the same command again');
    expect(readdirSync(out)).toEqual(['.resume']);
    const resumed = await runCli([...command, '--out', out]);
    expect(resumed.stderr).toContain('going on from an interrupted run');
    expect(resumed.code).toBe(0);
    const fresh = join(out, 'fresh');
    await runCli([...command, '--out', fresh]);
    expect(
      readFileSync(join(out, 'backtest.csv'), 'utf8') === readFileSync(join(fresh, 'backtest.csv'), 'utf8'),
    ).toBe(true);
    expect(existsSync(join(out, '.resume'))).toBe(false);
  }, 120_000);
});

describe('bad input to forecast and backtest', () => {
  const range = ['--from', '2024-02-20', '--to', '2024-02-21'];

  it.each([
    [['forecast', '--horizon', '0'], 'invalid --horizon: 0'],
    [['forecast', '--horizon', '-48'], 'invalid --horizon: -48'],
    [['forecast', '--horizon', '1.5'], 'invalid --horizon: 1.5'],
    [['forecast', '--at', '2024-03-05'], 'forecast start 2024-03-05 00:00:00 is outside the data'],
    [['forecast', '--at', '2023-01-01'], 'forecast start 2023-01-01 00:00:00 is outside the data'],
    [['forecast', '--at', 'tomorrow'], 'invalid --at: tomorrow'],
    [['forecast', '--at', '2024-02-20T00:30Z'], 'lies between two steps'],
    [['forecast', '--models', 'profet'], 'unknown model: profet'],
    [['forecast', '--models', 'medianOfMedians:windows=90'], 'window of 90 days'],
    [['forecast', '--models', 'naive,naive'], 'model named twice: naive'],
    [['forecast', '--steps', 'liner:3'], 'unknown imputation step: liner'],
    [['forecast', '--metric', 'accuracy'], 'invalid --metric: accuracy'],
    [['forecast', '--workers', '-1'], 'invalid --workers: -1'],
    [['forecast', '--levels', '80,120'], 'invalid --levels: 120'],
    [['forecast', '--measures', 'SO2'], 'SO2'],
    [['forecast', '--exclude', '*'], 'no series left'],
    [
      ['backtest', '--from', '2024-02-21', '--to', '2024-02-20'],
      '--from 2024-02-21 is after --to 2024-02-20',
    ],
    [
      ['backtest', '--from', '2024-02-20', '--to', '2024-03-20'],
      'forecast start 2024-03-02 00:00:00 is outside the data',
    ],
    [['backtest', ...range, '--every', '90m'], 'invalid every: 90 minutes'],
    [['backtest', ...range, '--delay', '-1h'], 'invalid --delay: -1h'],
    [['backtest', ...range, '--refit', '0'], 'invalid --refit: 0'],
  ])('%j ends with code 2, says why and writes nothing', async (args, message) => {
    const [command, ...rest] = args;
    const { code, stdout, stderr } = await runCli([command, data, ...rest, '--out', out]);
    expect(stderr).toContain(`error: `);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
    expect(existsSync(out)).toBe(false);
  });

  it('says so plainly every time when forecasts fail on several threads at once', async () => {
    // Answers of threads that are being ended came up as uncaught errors in two runs of five.
    for (let round = 0; round < 8; round++) {
      const { code, stderr } = await runCli([
        ...[
          'forecast',
          data,
          '--models',
          'medianOfMedians:windows=90',
          '--workers',
          '2',
          '--quiet',
          '--out',
          out,
        ],
      ]);
      expect(stderr.trim().split('\n')).toEqual([
        expect.stringMatching(/^error: window of 90 days for .* is longer than the history of 60 days$/),
        expect.stringMatching(/^ +fix: give shorter windows/),
      ]);
      expect(code).toBe(2);
    }
  }, 60_000);

  it('leaves no staging folder behind when Ctrl-C is pressed twice', async () => {
    const big = join(out, '..', 'big.csv.gz');
    await writeSimulation(simulatePanel({ stations: 40, days: 300, measures: ['PM2.5'] }), big);
    const { code } = await runCli(
      [
        ...['backtest', big, '--from', '2024-06-01', '--to', '2024-10-20', '--models', 'medianOfMedians'],
        ...['--levels', 'none', '--workers', '0', '--out', out],
      ],
      { interruptWhen: () => keptFolds(out) >= 3, interrupts: 2 },
    );
    // Null where the second one came when Node had taken its handlers down.
    expect([130, null]).toContain(code);
    expect(readdirSync(out)).toEqual(['.resume']);
  }, 60_000);

  it('names series without any reading and how to leave them out', async () => {
    const panel: Panel = createPanel({
      start: Date.UTC(2024, 0, 1),
      length: 24 * 20,
      series: [
        { id: 'dead#PM2.5', station: 'dead', measure: 'PM2.5' },
        { id: 'a#PM2.5', station: 'a', measure: 'PM2.5' },
      ],
    });
    panel.series[1].values.fill(5);
    const file = join(out, '..', 'dead.csv');
    await writePanel(panel, file);
    const failed = await runCli(['forecast', file, '--out', out]);
    expect(failed.stderr).toContain('without any reading: dead#PM2.5');
    expect(failed.stderr).toContain('--drop-empty');
    expect(failed.code).toBe(2);
    const passed = await runCli([
      'forecast',
      file,
      '--drop-empty',
      '--past',
      '0',
      '--models',
      'naive',
      '--out',
      out,
    ]);
    expect(passed.code).toBe(0);
  });

  it('names an output folder that cannot be written', async () => {
    const file = join(out, '..', 'file');
    writeFileSync(file, '');
    const { code, stderr } = await runCli([
      'forecast',
      data,
      '--past',
      '0',
      '--models',
      'naive',
      '--out',
      file,
    ]);
    expect(stderr).toContain(`cannot write ${file}`);
    expect(code).toBe(2);
  });

  it('leaves nothing half-written when files cannot grow, as on a full disk', async () => {
    // Files of at most 64 blocks of 512 bytes; the signal that would kill the process is ignored, as Node does.
    const { code, stderr } = await runCli(
      ['forecast', data, '--past', '0', '--models', 'naive', '--out', out],
      { before: "trap '' XFSZ; ulimit -f 64" },
    );
    expect(stderr).toMatch(/cannot write .*out\/(forecast\.csv|report\.html)/);
    expect(code).toBe(2);
    expect(existsSync(join(out, 'forecast.csv'))).toBe(false);
    if (existsSync(out)) expect(readdirSync(out).filter((name) => name !== '.resume')).toEqual([]);
  });

  it('shows usage errors of the command line itself with code 2', async () => {
    for (const args of [
      ['forecast', data],
      ['forecast', data, '--out', out, '--horizn', '3'],
      ['forcast'],
      ['data', 'describ'],
    ]) {
      const { code, stderr } = await runCli(args);
      expect(stderr).toMatch(/error: /);
      expect(code).toBe(2);
    }
  });
});
