import { type Content, html, type Markup } from '../html.ts';
import { stepText } from '../numberText.ts';
import type { ReportData } from '../reportData.ts';
import { chartFigure, section } from './layout.ts';

/** One series at a time: its history, its forecast, and past forecasts of it. */
export function seriesSection({ panel, forecasts, components, backtest }: ReportData): Markup | undefined {
  if (panel.series.length === 0) return undefined;
  return section('series', 'Series by series', [
    html`<div class="chooser" role="group" aria-label="Choose a series">
      <div class="chooser-row">
        <div class="combobox">
          <label for="series-search">Series <span class="note">type a city, a station or a measure</span></label>
          <input id="series-search" type="text" role="combobox" autocomplete="off" spellcheck="false"
            aria-expanded="false" aria-controls="series-options" aria-autocomplete="list">
          <ul id="series-options" role="listbox" aria-label="Series" hidden></ul>
        </div>
        <div class="stepper">
          <button type="button" id="series-previous" aria-keyshortcuts="P" title="Previous series (P)">← Previous</button>
          <span id="series-position" class="note"></span>
          <button type="button" id="series-next" aria-keyshortcuts="N" title="Next series (N)">Next →</button>
        </div>
      </div>
      <div class="series-title" aria-live="polite"><h3 id="series-name"></h3><p class="note" id="series-facts"></p></div>
      <div class="controls" data-controls="measures"></div>
      <p class="note keys">In this section, <kbd>N</kbd> and <kbd>P</kbd> go to the next and previous series; in a
        focused chart, arrow keys read values, <kbd>+</kbd> and <kbd>−</kbd> zoom.</p>
    </div>`,
    chartFigure('history', 'History', timesNote(panel.timeZone)),
    forecasts?.length && chartFigure('forecast', 'Forecast', intervalNote),
    components?.length && chartFigure('components', 'Parts of the forecast', componentsNote),
    backtest?.starts.length &&
      chartFigure('past', 'Past forecasts against what came true', `${intervalNote} ${pastNote}`),
  ]);
}

/** When which series was observed, filled or missing. */
export function missingSection({ panel }: ReportData): Markup | undefined {
  if (panel.series.length === 0) return undefined;
  return section(
    'missing',
    'Missing data',
    chartFigure('missing', 'Observed, filled and missing', [
      'Each row is a series, each column a stretch of time. The colour is the most frequent state of the ',
      `${stepText(panel.step)}s that were not observed; the stronger it is, the more of them. `,
      'Choose a row to see its series.',
    ]),
  );
}

/** Scores by day, by station and by horizon step. */
export function scoresSection({ scores, panel, backtest }: ReportData): Markup | undefined {
  if (!scores || scores.models.length === 0) return undefined;
  const step = backtest?.step ?? panel.step;
  const placed = panel.series.some(
    ({ latitude, longitude }) => Number.isFinite(latitude) && Number.isFinite(longitude),
  );
  const content: Content[] = [
    html`<div class="controls" data-controls="metric"></div>`,
    chartFigure('days', 'By day', 'Score of the forecasts that start on that day.'),
    placed &&
      html`<figure class="chart-figure" id="figure-map">
        <figcaption><h3 id="caption-map">By station</h3>
          <p class="note">Mean over the series of a station. Distances are true within a city; north is up.</p></figcaption>
        <div class="controls" data-controls="map"></div>
        <div data-map></div>
        <details class="numbers" data-numbers="map"><summary>Show as a table</summary></details>
      </figure>`,
    chartFigure('steps', 'By horizon', `Score of the forecasts so many ${stepText(step)}s ahead.`),
  ];
  return section('scores', 'Scores by day, station and horizon', content);
}

const intervalNote =
  'Shaded: the intervals that 80 % and 95 % of outcomes should fall into, for the chosen model.';

const componentsNote =
  'What the model adds up: its trend over the history and the forecast, and what repeats by year, week and day.';

const pastNote =
  'Marked cells before the start are filled as in the whole panel; the forecast itself saw only what could be filled at its cutoff.';

function timesNote(timeZone: string): string {
  return `Times are ${timeZone === 'UTC' ? 'UTC' : `in ${timeZone}`}.`;
}
