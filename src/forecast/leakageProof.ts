/**
 * The outcome of rerunning a backtest with everything after each cutoff overwritten by garbage. `passed` only
 * when every number of every forecast and interval came out bit-identical.
 */
export interface LeakageProof {
  readonly passed: boolean;
  /** Cutoffs at which forecasts were made again, those that only calibrate intervals among them. */
  readonly cutoffs: number;
  /** Numbers compared, bit by bit. */
  readonly compared: number;
  readonly different: number;
  /** The first few places that differ, in words. */
  readonly examples: readonly string[];
}
