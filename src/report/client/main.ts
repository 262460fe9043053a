import { startChooser } from './chooser.ts';
import { componentsChart } from './componentsChart.ts';
import { loadMissing, loadPayload } from './embedded.ts';
import { forecastChart, pastChart } from './forecastCharts.ts';
import { historyChart } from './historyChart.ts';
import { missingChart } from './missingChart.ts';
import { showFailure, startNavigation } from './navigation.ts';
import { measuresOf, openPage } from './page.ts';
import { daysChart, metricControl, stepsChart } from './scoreCharts.ts';
import { stationMap } from './stationMap.ts';
import { startTheme } from './theme.ts';

startTheme();
startNavigation();
start().catch(showFailure);

async function start(): Promise<void> {
  const payload = await loadPayload();
  if (payload.series.length === 0) return;
  const measures = measuresOf(payload);
  // Begin with a series that has something to show.
  const first = payload.series.findIndex(({ observed }) => observed > 0.5 * payload.length);
  const page = await openPage(payload, {
    series: Math.max(0, first),
    model: 0,
    start: Math.max(0, (payload.backtest?.starts.length ?? 0) - 1),
    metric: 'smape',
    mapMeasure: '',
    // All rows at once are too many to tell apart in a large panel.
    missingMeasure: payload.series.length > 60 && measures.length > 1 ? measures[0] : '',
  });
  startChooser(page);
  historyChart(page);
  forecastChart(page);
  componentsChart(page);
  pastChart(page);
  metricControl(page);
  daysChart(page);
  stepsChart(page);
  stationMap(page);
  missingChart(page, await loadMissing(payload.series.length));
  document.documentElement.dataset.ready = 'true';
}
