import { Command } from 'commander';
import { networkError, usageError } from '../core/errors.ts';
import { wholeNumber } from './forecastOptions.ts';
import { splitList } from './panelOptions.ts';
import { addCommonOptions, type CommandContext, runCommand } from './runCommand.ts';

interface FetchFlags {
  from: string;
  to: string;
  stations?: string;
  out: string;
  baseUrl?: string;
  rate: string;
  timeout: string;
  retries: string;
  backoff: string;
  allowPartial?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** `trainyard data fetch SOURCE --from --to --stations --out DIR`. */
export function fetchCommand(): Command {
  const command = new Command('fetch')
    .summary('fetch readings that agencies publish')
    .description(
      'Fetches readings into a folder, politely: rate-limited, with retries, one file a station and day.\n' +
        'What is there is not fetched again; a run that was stopped goes on when started again.',
    )
    .argument('<source>', 'london-air, beijing-air, openaq or uci-prsa')
    .requiredOption('--from <day>', 'first day, for instance 2018-04-01')
    .requiredOption('--to <day>', 'last day')
    .requiredOption('--out <folder>', 'folder to keep the files in')
    .option('--stations <list>', 'london-air: site codes such as BL0,CD1; openaq: location ids such as 2178')
    .option('--base-url <url>', 'another server of the same shape')
    .option('--rate <n>', 'requests a second', '2')
    .option('--timeout <seconds>', 'time for an answer to be whole', '60')
    .option('--retries <n>', 'tries after the first', '4')
    .option('--backoff <ms>', 'wait before the first retry; doubles at each', '1000')
    .option('--allow-partial', 'exit with 0 even when stations failed')
    .option('--json', 'print what was fetched as JSON on stdout');
  return addCommonOptions(command).action((source: string, flags: FetchFlags) =>
    runCommand(flags, (context) => fetchFiles(source, flags, context)),
  );
}

async function fetchFiles(
  source: string,
  flags: FetchFlags,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const [{ fetchSource }, { parseTime }] = await Promise.all([
    import('../panel/sources/fetchSource.ts'),
    import('../panel/timeText.ts'),
  ]);
  const rate = Number(flags.rate);
  if (!(rate > 0)) throw usageError(`invalid --rate: ${flags.rate}; expected requests a second, more than 0`);
  const result = await fetchSource(source, {
    from: parseTime(flags.from, '--from'),
    to: parseTime(flags.to, '--to'),
    stations: splitList(flags.stations ?? ''),
    directory: flags.out,
    baseUrl: flags.baseUrl?.replace(/\/$/, ''),
    politeness: {
      rate,
      timeout: 1000 * wholeNumber('--timeout', flags.timeout, 1),
      retries: wholeNumber('--retries', flags.retries, 0),
      backoff: wholeNumber('--backoff', flags.backoff, 0),
    },
    signal,
    onProgress: terminal.progress,
  });
  if (flags.json) terminal.data(JSON.stringify(result, null, 2));
  const { files, fetched, kept, empty, failures } = result;
  terminal.info(
    `${files.length} files in ${flags.out}: ${fetched} fetched, ${kept} there before${empty > 0 ? `, ${empty} days without readings` : ''}`,
  );
  for (const { station, requests, reason } of failures) {
    terminal.warn(`${station}: ${requests} ${requests === 1 ? 'file' : 'files'} failed; first ${reason}`);
  }
  if (failures.length > 0 && !flags.allowPartial) {
    throw networkError(
      `${failures.length} of the stations could not be fetched whole: ${failures.map(({ station }) => station).join(', ')}`,
      'run the command again, what was fetched is kept; --allow-partial accepts what there is',
    );
  }
}
