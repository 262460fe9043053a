import type { LeakageProof } from '../../forecast/leakageProof.ts';
import type { KddScore, ModelScores, ScoreRow, Scores } from '../../metrics/scores.ts';
import { levelsOf, unitsOfScores } from '../buildPayload.ts';
import { type Content, dataText, html, type Markup } from '../html.ts';
import { bestRows, type MetricColumn, metricColumns } from '../metricTable.ts';
import { count, fixed, noNumber, percent, plural } from '../numberText.ts';
import type { ReportData } from '../reportData.ts';
import { section, table } from './layout.ts';

/** Scores of every model, the competition's score and the leakage proof; nothing when there is none of them. */
export function summarySection({ panel, scores, leakage }: ReportData): Markup | undefined {
  if (!scores && !leakage) return undefined;
  const content: Content[] = [];
  if (scores) {
    const units = unitsOfScores(panel, scores.models);
    const columns = metricColumns(units, levelsOf(scores.models)).filter(({ name, read }) =>
      scores.models.some(({ overall }) =>
        name === 'missing' ? overall.missing > 0 : Number.isFinite(read(overall)),
      ),
    );
    content.push(
      headline(scores),
      keyFigures(scores, leakage),
      scoreTable('All series', columns, scores.models.map(named)),
      definitions(scores, columns),
      groups(columns, scores.models),
      competition(scores.models),
    );
  }
  if (leakage) content.push(leakageBadge(leakage));
  return section('summary', 'How good the forecasts have been', content);
}

// Best first, by the competition's score where there is one.
function ranking({ models }: Scores): { rule: string; ranked: { model: ModelScores; score: number }[] } {
  const byRule = models.some(({ kdd2018 }) => kdd2018);
  const ranked = models
    .map((model) => ({ model, score: byRule ? (model.kdd2018?.mean ?? Number.NaN) : model.overall.smape }))
    .filter(({ score }) => Number.isFinite(score))
    .sort((a, b) => a.score - b.score);
  return { rule: byRule ? 'competition score' : 'SMAPE', ranked };
}

function headline(scores: Scores): Content {
  const { rule, ranked } = ranking(scores);
  if (ranked.length === 0)
    return html`<p class="lead">No forecast could be compared with what came true.</p>`;
  const [best, second] = ranked;
  const { byStart, bySeries } = best.model;
  const series = bySeries.filter(({ points }) => points > 0).length;
  return html`<p class="lead">
    Over ${plural(byStart.length, 'forecast start')} and ${plural(series, 'series', 'series')},
    <strong>${dataText(best.model.model)}</strong> ${second ? 'has the best' : 'has a'} ${rule},
    <strong>${fixed(best.score, 4)}</strong> on a scale from 0 to 2 where 0 is perfect${
      second && html`; next is ${dataText(second.model.model)} with ${fixed(second.score, 4)}`
    }.</p>`;
}

function keyFigures(scores: Scores, leakage: LeakageProof | undefined): Content {
  const { rule, ranked } = ranking(scores);
  if (ranked.length === 0) return undefined;
  const [{ model, score }] = ranked;
  const { overall, byStart } = model;
  const name = dataText(model.model);
  const figure = (value: string, label: string, note: Content) =>
    html`<div class="figure"><dt>${label}</dt><dd><b>${value}</b><span>${note}</span></dd></div>`;
  return html`<dl class="figures">
    ${figure(fixed(score, 3), `${rule.charAt(0).toUpperCase()}${rule.slice(1)}, 0 to 2`, name)}
    ${Number.isFinite(overall.skill) && figure(percent(overall.skill), 'Skill', 'against seasonal naive')}
    ${levelsOf([model]).map((level) => figure(percent(overall.coverage[level]), `Inside ${level} % interval`, name))}
    ${figure(count(overall.points), 'Points scored', plural(byStart.length, 'start'))}
    ${
      leakage &&
      html`<div class="figure ${leakage.passed ? 'good' : 'bad'}"><dt>Leakage proof</dt>
        <dd><b>${leakage.passed ? '✓ Passed' : '✗ Failed'}</b><span><a href="#leakage">what it says</a></span></dd></div>`
    }
  </dl>`;
}

interface NamedRow {
  readonly names: readonly string[];
  readonly row: ScoreRow;
}

const named = ({ model, overall }: ModelScores): NamedRow => ({ names: [model], row: overall });

function scoreTable(
  caption: string,
  columns: readonly MetricColumn[],
  rows: readonly NamedRow[],
  heads: readonly string[] = ['Model'],
): Markup {
  const best = columns.map((column) => bestByGroup(column, rows));
  return table({
    caption,
    heads: [...heads, ...columns.map(({ label }) => label)],
    textColumns: heads.length,
    rows: rows.map(({ names, row }, index) => [
      ...names.map(dataText),
      ...columns.map((column, k) => {
        const text = column.write(column.read(row));
        return best[k].has(index) ? html`<b class="best">${text}</b>` : text;
      }),
    ]),
  });
}

// Models are compared within a city or a measure, whose name comes first.
function bestByGroup(column: MetricColumn, rows: readonly NamedRow[]): Set<number> {
  const best = new Set<number>();
  const groupOf = ({ names }: NamedRow) => (names.length > 1 ? names[0] : '');
  for (const group of new Set(rows.map(groupOf))) {
    const members = rows.flatMap((row, index) => (groupOf(row) === group ? [index] : []));
    for (const place of bestRows(
      column,
      members.map((index) => column.read(rows[index].row)),
    )) {
      best.add(members[place]);
    }
  }
  return best;
}

function groups(columns: readonly MetricColumn[], models: readonly ModelScores[]): Content {
  const cities = models.flatMap(({ model, byCity }) =>
    byCity.map((row) => ({ names: [row.city || noNumber, model], row })),
  );
  const measures = models.flatMap(({ model, byMeasure }) =>
    byMeasure.map((row) => ({ names: [row.measure || noNumber, model], row })),
  );
  return [
    groupTable('City', cities, columns, models.length),
    groupTable('Measure', measures, columns, models.length),
  ];
}

function groupTable(
  name: string,
  rows: readonly NamedRow[],
  columns: readonly MetricColumn[],
  models: number,
): Content {
  if (rows.length <= models) return undefined;
  const order = [...new Set(rows.map(({ names }) => names[0]))];
  const sorted = order.flatMap((group) => rows.filter(({ names }) => names[0] === group));
  return html`<details><summary>Scores by ${name.toLowerCase()}</summary>
    ${scoreTable(`By ${name.toLowerCase()}`, columns, sorted, [name, 'Model'])}</details>`;
}

function competition(models: readonly ModelScores[]): Content {
  const scored = models.flatMap(({ model, kdd2018 }) => (kdd2018 ? [{ model, score: kdd2018 }] : []));
  if (scored.length === 0) return undefined;
  const { days, samples, seed } = scored[0].score;
  const cities = Object.keys(scored[0].score.cities);
  const columns: { label: string; read(score: KddScore): number }[] = [
    { label: 'Mean of all days', read: ({ mean }) => mean },
    { label: 'Mean of best 25', read: ({ best25 }) => best25 },
    { label: 'Mean of sampled 25', read: ({ sampled25 }) => sampled25 },
    ...cities.map((city) => ({ label: city || noNumber, read: (score: KddScore) => score.cities[city] })),
  ];
  return html`<h3>Competition score</h3>
    <p class="note">KDD Cup 2018: SMAPE 2|a − p| / (a + p), from 0 to 2, of a day and city over the hours where
      every scored measure of a station was read; a missing forecast counts as 0; cities weigh the same.
      ${plural(days.length, 'day')}; the best 25 are all of them when there are fewer;
      sampled 25 is the mean of ${count(samples)} samples drawn with seed ${String(seed)}.</p>
    ${table({
      caption: 'Competition score, 0 to 2, lower is better',
      heads: ['Model', ...columns.map(({ label }) => label)],
      textColumns: 1,
      rows: scored.map(({ model, score }) => [
        dataText(model),
        ...columns.map(({ read }) => {
          const best = Math.min(...scored.map((other) => read(other.score)));
          const text = fixed(read(score), 4);
          return scored.length > 1 && read(score) === best ? html`<b class="best">${text}</b>` : text;
        }),
      ]),
    })}`;
}

function definitions({ definitions: words }: Scores, columns: readonly MetricColumn[]): Content {
  const used = [...new Set(columns.map(({ definition }) => definition))].filter((name) => name in words);
  const label = (name: string) =>
    columns.find(({ definition }) => definition === name)?.label.replace(/[,( ].*$/, '') ?? name;
  return html`<div class="definitions"><h3>What the numbers mean</h3><dl>${used.map(
    (name) => html`<div><dt>${label(name)}</dt><dd>${words[name]}</dd></div>`,
  )}</dl><p class="note">a is what came true, p the forecast. The best number of a column is marked.</p></div>`;
}

function leakageBadge({ passed, cutoffs, compared, different, examples }: LeakageProof): Content {
  return html`<div class="badge ${passed ? 'good' : 'bad'}" id="leakage">
    <p><strong>${passed ? '✓ No look into the future' : '✗ The future leaked into the forecasts'}</strong></p>
    <p>Everything after each of ${plural(cutoffs, 'cutoff')} was overwritten with garbage and the forecasts were made
      again: of ${plural(compared, 'number')} compared bit by bit,
      ${different === 0 ? 'none differs' : `${plural(different, 'number')} differ`}.</p>
    ${examples.length > 0 && html`<ul>${examples.map((example) => html`<li>${dataText(example)}</li>`)}</ul>`}
  </div>`;
}
