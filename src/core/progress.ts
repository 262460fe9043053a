/** One step of a long piece of work. `done` and `total` count `unit`s; `total` may grow, never shrinks. */
export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
}

/** Receives progress on the calling thread; must not throw. */
export type ProgressCallback = (progress: Progress) => void;
