export {
  describePanel,
  type GapDescription,
  type PanelDescription,
  type RunDescription,
  type SeriesDescription,
} from './describePanel.ts';
export { isKdd2018, isKddTarget, kddMeasures, kddTargets } from './kddTargets.ts';
export { localDays, localTimes, slotsOfDay, slotsPerDay, zoneOffset } from './localTime.ts';
export {
  countPresent,
  createPanel,
  day,
  fingerprint,
  hour,
  indexAt,
  type Panel,
  type PanelShape,
  readingsOf,
  type Series,
  type SeriesAttributes,
  selectSeries,
  slicePanel,
  timeAt,
  withoutFills,
} from './panel.ts';
export type { PanelReading, ReadingReport, SeriesReading } from './readingReport.ts';
export type { DuplicateRule, NegativeRule, ReadPanelOptions } from './readOptions.ts';
export { readPanel } from './readPanel.ts';
export { type Simulation, type SimulationOptions, simulatePanel, writeSimulation } from './simulate.ts';
export { type FetchOptions, type FetchResult, fetchSource } from './sources/fetchSource.ts';
export type { Politeness } from './sources/politeFetch.ts';
export { formatDay, formatTime, parseDuration, parseTime } from './timeText.ts';
export { writePanel } from './writePanel.ts';
