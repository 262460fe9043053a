import type { ComponentCurve, Forecast } from '../forecast/forecaster.ts';
import type { LeakageProof } from '../forecast/leakageProof.ts';
import type { FillExplanation } from '../impute/neighbours/explainFills.ts';
import type { ForecastTable } from '../metrics/forecastTable.ts';
import type { Scores } from '../metrics/scores.ts';
import type { Panel } from '../panel/panel.ts';
import type { ReadingReport } from '../panel/readingReport.ts';

/** Everything a report shows. Parts that are absent leave their section out. */
export interface ReportData {
  /** Heading, for instance `Forecast of 131 series from 2018-04-29`. */
  readonly title: string;
  readonly provenance: Provenance;
  /** Panel after imputation; cells with `filledBy` are marked in the charts. */
  readonly panel: Panel;
  readonly reading?: ReadingReport | undefined;
  /** Why some cells were filled with what they were filled with, shown with them. */
  readonly fills?: readonly FillExplanation[] | undefined;
  /** Forecasts of the future, one for each model, in the order of the panel's series. */
  readonly forecasts?: readonly { readonly model: string; readonly forecast: Forecast }[] | undefined;
  /** Parts of the forecasts of models that have some, `[series]` in the order of the panel's. */
  readonly components?:
    | readonly { readonly model: string; readonly series: readonly (readonly ComponentCurve[])[] }[]
    | undefined;
  /** Past forecasts against what came true. */
  readonly backtest?: ForecastTable | undefined;
  readonly scores?: Scores | undefined;
  readonly leakage?: LeakageProof | undefined;
  /** One line each, shown first. */
  readonly warnings?: readonly string[] | undefined;
}

/** How a result was made, enough to make it again. */
export interface Provenance {
  /** The command line, or a description of the library call. */
  readonly command: string;
  readonly seed: number;
  /** Package name to version, Node included. */
  readonly versions: Readonly<Record<string, string>>;
  /** SHA-256 of the panel as read. */
  readonly fingerprint: string;
  /** True when the data was simulated; the report then says so at the top. */
  readonly simulated: boolean;
  /** The settings that matter, name to value, shown as a table. */
  readonly settings: Readonly<Record<string, string>>;
}
