import { writeFile } from 'node:fs/promises';
import { type OutputFolder, writingFailed } from '../core/outputFiles.ts';
import { packageVersion } from '../core/version.ts';
import { modelName } from '../forecast/registry.ts';
import { formatSteps } from '../impute/chain.ts';
import type { ModelScores, Scores } from '../metrics/scores.ts';
import { fingerprint } from '../panel/panel.ts';
import { renderReport } from '../report/renderReport.ts';
import type { Provenance, ReportData } from '../report/reportData.ts';
import type { ForecastSetUp, MetricName } from './forecastOptions.ts';
import { decimals, textTable } from './textTable.ts';

/** The scores of all models as an aligned table, the chosen metric first, best model first. */
export function scoresText(scores: Scores, metric: MetricName): string {
  const models = [...scores.models].sort((a, b) => primaryScore(a, metric) - primaryScore(b, metric));
  const levels = Object.keys(models[0]?.overall.coverage ?? {});
  const competition = models[0]?.kdd2018 !== undefined;
  const header = [
    'model',
    ...(competition ? ['kdd mean', 'best 25', 'sampled 25'] : []),
    ...['smape', 'mae', 'rmse', 'mase', 'skill'],
    ...(levels.length > 0 ? ['pinball'] : []),
    ...levels.map((level) => `cover ${level}`),
  ];
  const rows = models.map(({ model, overall, kdd2018 }) => [
    model,
    ...(kdd2018 ? [kdd2018.mean, kdd2018.best25, kdd2018.sampled25].map((score) => decimals(score, 4)) : []),
    decimals(overall.smape, 4),
    decimals(overall.mae, 3),
    decimals(overall.rmse, 3),
    decimals(overall.mase, 3),
    decimals(overall.skill, 3),
    ...(levels.length > 0 ? [decimals(overall.pinball, 3)] : []),
    ...levels.map((level) => decimals(overall.coverage[Number(level)], 3)),
  ]);
  const explained = [...(competition ? ['kdd mean'] : []), 'smape', 'skill'];
  const notes = explained.map((name) => `${name}: ${scores.definitions[name]}`);
  return [textTable(header, rows), '', ...notes].join('\n');
}

/** Lower is better. */
function primaryScore({ overall, kdd2018 }: ModelScores, metric: MetricName): number {
  const score = metric === 'kdd2018' ? kdd2018?.mean : overall[metric];
  return score === undefined || Number.isNaN(score) ? Number.POSITIVE_INFINITY : score;
}

/** How a result was made, for its report and its `scores.json`. */
export function provenanceOf(
  { panel, report, rolling, seed }: ForecastSetUp,
  extra: Record<string, string>,
): Provenance {
  return {
    command: ['trainyard', ...process.argv.slice(2)].map(shellWord).join(' '),
    seed,
    versions: { trainyard: packageVersion(), node: process.versions.node },
    fingerprint: fingerprint(panel),
    simulated: panel.series.some(({ city }) => /simulated/i.test(city)),
    settings: {
      files: report.files.map(({ path, layout }) => `${path} (${layout})`).join(', '),
      ...extra,
      models: rolling.models.map(modelName).join(', '),
      imputation: formatSteps(rolling.steps ?? []),
      horizon: `${rolling.horizon} steps of ${panel.step / 60_000} minutes`,
      delay: `${(rolling.delay ?? 0) / 60_000} minutes`,
      refit: (rolling.refit ?? 1) === 1 ? 'at every start' : `every ${rolling.refit} starts`,
      'interval calibration': `${rolling.calibration} earlier forecasts`,
      'time zone of hours of the day': panel.timeZone,
    },
  };
}

/** Writes `report.html` and, where there are scores, `scores.json`. */
export async function writeReport(out: OutputFolder, data: ReportData): Promise<void> {
  const files: [string, string][] = [['report.html', renderReport(data)]];
  if (data.scores) {
    const { provenance, scores, leakage } = data;
    files.push(['scores.json', `${JSON.stringify({ provenance, scores, leakage }, nullForNaN, 2)}\n`]);
  }
  for (const [name, text] of files) {
    await writeFile(out.pathFor(name), text).catch((cause) => {
      throw writingFailed(out.pathFor(name), cause);
    });
  }
}

/** JSON has no NaN. */
export function nullForNaN(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./#-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
