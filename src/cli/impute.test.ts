import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultSteps, formatSteps } from '../impute/chain.ts';
import { imputeSteps } from '../impute/steps.ts';
import { temporaryFiles } from '../panel/testing/temporaryFiles.ts';
import { formatTime } from '../panel/timeText.ts';
import { imputeCommand } from './impute.ts';

const root = join(import.meta.dirname, '../..');
const files = temporaryFiles();

// Four days; `a` has a gap of two hours and one of five, `b` is a line with a gap, `c` never reads.
const hours = Array.from({ length: 96 }, (_, i) => formatTime(Date.UTC(2018, 0, 1, i)));
const readings = {
  a: hours.map((_, i) => ([10, 11, 40, 41, 42, 43, 44].includes(i) ? '' : String(i % 24))),
  b: hours.map((_, i) => (i === 7 ? '' : String(2 * i))),
  c: hours.map(() => ''),
};
const path = files.write('three series.csv', [
  'unique_id,ds,y',
  ...Object.entries(readings).flatMap(([id, cells]) => cells.map((y, i) => `${id},${hours[i]},${y}`)),
]);

function trainyard(...words: string[]) {
  const script = ['--import', './scripts/registerTypeScript.mjs', 'src/cli/main.ts', 'impute', ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, script, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { status, stdout, stderr };
}

describe('trainyard impute', () => {
  it('writes the filled panel and says on stderr what filled it', () => {
    const out = join(files.folder, 'filled.csv');
    const steps = 'linear:3,seasonalFill';
    const { status, stdout, stderr } = trainyard(path, '--steps', steps, '--out', out);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toContain('warning: series without any reading: c');
    expect(stderr).toContain('cells read: 184 (63.89 %)');
    expect(stderr).toContain('filled by linear:3: 3 (1.04 %)\nfilled by seasonalFill:hour: 5 (1.74 %)');
    expect(stderr).toContain(`still missing: 96 (33.33 %)\nwrote ${out}\n`);
    const lines = readFileSync(out, 'utf8').split('\n');
    expect(lines).toHaveLength(1 + 3 * 96 + 1);
    expect(lines[1 + 10]).toBe('a,2018-01-01 10:00:00,10,linear:3,,,,,,');
    expect(lines[1 + 40]).toBe('a,2018-01-02 16:00:00,16,seasonalFill:hour,,,,,,');
    expect(lines[1 + 12]).toBe('a,2018-01-01 12:00:00,12,,,,,,,');
    expect(lines[1 + 96 + 7]).toBe('b,2018-01-01 07:00:00,14,linear:3,,,,,,');
  });

  it('prints the summary as JSON alone with --json --quiet', () => {
    const out = join(files.folder, 'filled.parquet');
    const { status, stdout } = trainyard(path, '--out', out, '--json', '--quiet', '--drop-empty');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      file: out,
      steps: 'linear:3,neighbours:0.999:inputs=own,linear:72,median:hour',
      series: 2,
      length: 96,
      trained: 0,
      reused: 0,
      read: 184,
      filledBy: { 'linear:3': 3, 'neighbours:0.999:inputs=own': 0, 'linear:72': 5, 'median:hour': 0 },
      missing: 0,
      empty: [],
    });
    expect(existsSync(out)).toBe(true);
  });

  it('measures methods on cells it hides, alike for any number of workers', () => {
    const words = [path, '--evaluate', '--methods', 'linear:any; mean', '--seed', '4'];
    const table = trainyard(...words, '--workers', '0');
    expect(table.status).toBe(0);
    expect(table.stdout).toMatch(/^points 10 % +gap +1 +2-3/);
    expect(table.stdout).toMatch(/\nmae +linear:any +\d/);
    expect(table.stdout).toMatch(/\nown gaps moved/);
    const alone = trainyard(...words, '--json', '--workers', '0');
    const { seed, rows } = JSON.parse(alone.stdout);
    expect(seed).toBe(4);
    expect(rows[0]).toMatchObject({ scenario: 'points 10 %', method: 'linear:any', gap: '1' });
    expect(trainyard(...words, '--json', '--workers', '2').stdout).toBe(alone.stdout);
  });

  it.each([
    [[path], 'nothing to do: neither --out nor --evaluate', 'add --out filled.parquet'],
    [[path, '--out', 'x.txt'], 'cannot tell the form of x.txt from its ending', 'end it in .csv'],
    [[path, '--out', 'x.csv', '--steps', 'liner'], 'unknown imputation step: liner', 'did you mean linear?'],
    [[path, '--out', 'x.csv', '--steps', 'linear:0'], 'invalid maxGap of linear: 0; expected a whole', ''],
    [[path, '--out', 'x.csv', '--seed', '2'], '--seed is for --evaluate only', 'add --evaluate'],
    [[path, '--evaluate', '--seed', '-1'], 'invalid --seed: -1; expected a whole number', ''],
    [[path, '--evaluate', '--methods', 'mean;;linear'], 'no imputation steps', 'name some, or write none'],
    [[path, '--out', 'x.csv', '--refit', 'never'], '--refit without --imputers', 'add --imputers FOLDER'],
    [[path, '--evaluate', '--imputers', 'x'], '--imputers without --out', 'add --out'],
    [[path, '--out', 'x.csv', '--imputers', 'x', '--refit', 'daily'], 'invalid --refit: daily', ''],
    // The options are looked at before the files.
    [['/nowhere.csv', '--out', 'x.txt'], 'cannot tell the form of x.txt', ''],
    [['/nowhere.csv', '--out', 'x.csv'], 'no such file: /nowhere.csv', 'check the path'],
    [[path, '--out', join(path, 'x.csv')], 'cannot write', 'a file of that name is in the way'],
  ])('fails on %j with a message, a remedy and exit code 2', (words, message, remedy) => {
    const { status, stdout, stderr } = trainyard(...words);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(`error: ${message}`);
    if (remedy) expect(stderr).toContain(`fix: ${remedy}`);
  });

  it('leaves no file behind when it cannot write', () => {
    const folder = join(files.folder, 'taken.csv');
    mkdirSync(folder);
    expect(trainyard(path, '--out', folder).status).toBe(2);
    expect(readdirSync(files.folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('keeps trained models, and uses them again', () => {
    const [out, folder] = [join(files.folder, 'out.csv'), join(files.folder, 'imputers')];
    const words = [path, '--out', out, '--steps', 'neighbours:minRows=10', '--imputers', folder];
    expect(trainyard(...words).stderr).toContain('imputation models: 2 trained, 0 reused');
    expect(readdirSync(folder)).toHaveLength(2);
    const first = readFileSync(out, 'utf8');
    expect(trainyard(...words, '--refit', 'never').stderr).toContain(
      'imputation models: 0 trained, 2 reused',
    );
    expect(readFileSync(out, 'utf8')).toBe(first);
  });

  it('names every step and the default chain in its help', () => {
    let help = '';
    imputeCommand()
      .configureOutput({ writeOut: (text) => (help += text) })
      .outputHelp();
    expect(help.replace(/\s+/g, ' ')).toContain(`(default: ${formatSteps(defaultSteps)})`);
    for (const { name } of imputeSteps) expect(help).toMatch(new RegExp(`\\n {2}${name}[:, ]`));
  });
});
