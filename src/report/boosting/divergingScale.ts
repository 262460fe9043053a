/** Colours from blue over light grey to red; made for a white page and for those who see red and green alike. */
export interface DivergingScale {
  readonly low: number;
  /** The value that is grey. */
  readonly middle: number;
  readonly high: number;
  colorOf(value: number): string;
  /** Black or white, whichever reads better on the colour. */
  inkOn(value: number): string;
}

// ColorBrewer RdBu, its middle a little darker so that it shows on white.
const stops = [
  [33, 102, 172],
  [103, 169, 207],
  [209, 229, 240],
  [236, 236, 236],
  [253, 219, 199],
  [239, 138, 98],
  [178, 24, 43],
] as const;

/** A scale over values; both sides are stretched alike, so that equal distances from `middle` look equally strong. */
export function divergingScale(values: readonly number[], middle: number): DivergingScale {
  const low = Math.min(middle, ...values);
  const high = Math.max(middle, ...values);
  const reach = Math.max(middle - low, high - middle) || 1;
  const rgb = (value: number) => {
    const at = ((Math.max(-1, Math.min(1, (value - middle) / reach)) + 1) / 2) * (stops.length - 1);
    const below = Math.min(stops.length - 2, Math.floor(at));
    return stops[below].map((part, i) => Math.round(part + (stops[below + 1][i] - part) * (at - below)));
  };
  return {
    low,
    middle,
    high,
    colorOf: (value) => `rgb(${rgb(value).join(',')})`,
    inkOn: (value) => {
      const [red, green, blue] = rgb(value);
      return 0.3 * red + 0.59 * green + 0.11 * blue < 140 ? '#fff' : '#1b1f24';
    },
  };
}
