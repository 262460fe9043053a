import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageVersion } from '../core/version.ts';
import { commands } from './commands.ts';
import { cliPath, runCli } from './testing/runCli.ts';

// Prints, as the process ends, which native libraries it had loaded.
const listLibraries = `data:text/javascript,process.on('exit',()=>process.stderr.write(process.report.getReport().sharedObjects.join(' ')))`;

describe('trainyard', () => {
  it('lists every command with --help, on stdout, and ends with code 0', async () => {
    const { code, stdout } = await runCli(['--help']);
    for (const command of commands) expect(stdout).toContain(`  ${command().name()} `);
    expect(code).toBe(0);
  });

  it.each(commands.map((command) => command().name()))('explains the options of %s', async (name) => {
    const { code, stdout, stderr } = await runCli([name, '--help']);
    expect(stdout).toContain(`Usage: trainyard ${name}`);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it('loads no heavy library for --help', async () => {
    const preload = { NODE_OPTIONS: `--import "${listLibraries}"` };
    const { stderr } = await runCli(['--help'], { env: preload });
    expect(stderr).toMatch(/libc|libSystem|node/i);
    expect(stderr).not.toMatch(/duckdb/i);
    // The check sees what it looks for when a command does read data.
    const reading = await runCli(['data', 'describe', 'package.json'], { env: preload });
    expect(reading.stderr).toMatch(/duckdb/i);
  });

  it('goes on where nobody reads its messages any more', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'trainyard-'));
    const [data, filled] = [join(folder, 'data.csv'), join(folder, 'filled.csv')];
    await runCli(['data', 'simulate', '--stations', '3', '--days', '10', '--out', data]);
    const command = [process.execPath, cliPath, 'impute', data, '--steps', 'linear:3', '--out', filled];
    spawnSync('sh', ['-c', '"$@" 2>&1 | true', 'sh', ...command]);
    expect(existsSync(filled)).toBe(true);
  });

  it('prints its version', async () => {
    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${packageVersion()}\n`, stderr: '' });
  });

  it('suggests the command that was meant and ends with code 2', async () => {
    const { code, stderr } = await runCli(['forcast']);
    expect(stderr).toContain("unknown command 'forcast'");
    expect(stderr).toContain('Did you mean forecast?');
    expect(code).toBe(2);
  });
});
