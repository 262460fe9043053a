/** Errors over a set of points; NaN where no point could be scored. */
export interface ScoreRow {
  /** Number of points scored: those with a truth and a forecast. */
  readonly points: number;
  /** Number of points with a truth but no forecast. */
  readonly missing: number;
  readonly smape: number;
  readonly mae: number;
  readonly rmse: number;
  readonly mase: number;
  /** Mean pinball loss over the ends of the prediction intervals. */
  readonly pinball: number;
  /** Share of truths inside each interval, by level: `{ 80: 0.81, 95: 0.94 }`. */
  readonly coverage: Readonly<Record<number, number>>;
  /** Mean width of each interval, by level. */
  readonly width: Readonly<Record<number, number>>;
  /** 1 - mae / mae of seasonal naive over the same points. */
  readonly skill: number;
}

/** Scores of one model, whole and by every side of the table. */
export interface ModelScores {
  readonly model: string;
  readonly overall: ScoreRow;
  readonly byStart: readonly (ScoreRow & { readonly start: number })[];
  readonly bySeries: readonly (ScoreRow & { readonly id: string })[];
  /** `step` counts from 1. */
  readonly byStep: readonly (ScoreRow & { readonly step: number })[];
  readonly byCity: readonly (ScoreRow & { readonly city: string })[];
  readonly byMeasure: readonly (ScoreRow & { readonly measure: string })[];
  /** Present when the competition's score was asked for. */
  readonly kdd2018: KddScore | undefined;
}

/** The score of KDD Cup 2018 (Fresh Air). */
export interface KddScore {
  readonly days: readonly {
    readonly start: number;
    /** SMAPE of the day by city; NaN when every hour of the city was dropped. */
    readonly cities: Readonly<Record<string, number>>;
    /** Mean of the cities. */
    readonly score: number;
  }[];
  /** Mean of each city over the days. */
  readonly cities: Readonly<Record<string, number>>;
  /** Mean over all days. */
  readonly mean: number;
  /** Mean of the 25 lowest days: the competition's final score; of all days when there are fewer. */
  readonly best25: number;
  /** Mean over many samples of 25 days, drawn with the seed: the practitioner's local score. */
  readonly sampled25: number;
  readonly samples: number;
  readonly seed: number;
}

/** Scores of every model, with the definitions that make the numbers comparable. */
export interface Scores {
  /** Metric name to its definition in words and formula, printed beside every table. */
  readonly definitions: Readonly<Record<string, string>>;
  readonly models: readonly ModelScores[];
}
