import { zeroThreshold } from './constants.ts';

/**
 * The upper bounds of the bins of one numerical feature, ascending and ending in `Infinity`: the negative side,
 * a bin of its own for zero, the positive side.
 *
 * Source: LightGBM `FindBinWithZeroAsOneBin`.
 *
 * @param distinct Distinct values, ascending, zero included where it occurs.
 * @param counts How often each occurs.
 * @param total Values in all, NaN not counted.
 */
export function zeroCentredBounds(
  distinct: Float64Array,
  counts: Int32Array,
  maxBin: number,
  total: number,
  minDataInBin: number,
): number[] {
  const size = distinct.length;
  let leftTotal = 0;
  let zeroTotal = 0;
  let rightTotal = 0;
  for (let i = 0; i < size; i++) {
    if (distinct[i] <= -zeroThreshold) leftTotal += counts[i];
    else if (distinct[i] > zeroThreshold) rightTotal += counts[i];
    else zeroTotal += counts[i];
  }
  const leftSize = firstAbove(distinct, -zeroThreshold, 0);
  let bounds: number[] = [];
  if (leftSize > 0 && maxBin > 1) {
    const share = Math.trunc((leftTotal / (total - zeroTotal)) * (maxBin - 1));
    bounds = greedyBounds(distinct, counts, 0, leftSize, Math.max(1, share), leftTotal, minDataInBin);
    bounds[bounds.length - 1] = -zeroThreshold;
  }
  const rightStart = firstAbove(distinct, zeroThreshold, leftSize);
  const rightBins = maxBin - 1 - bounds.length;
  if (rightStart < size && rightBins > 0) {
    bounds.push(zeroThreshold);
    bounds.push(...greedyBounds(distinct, counts, rightStart, size, rightBins, rightTotal, minDataInBin));
  } else {
    bounds.push(Number.POSITIVE_INFINITY);
  }
  return bounds;
}

/**
 * The upper bounds of at most `maxBin` bins over `distinct[start..end)`, nearly equal in count; a value that
 * alone fills a bin gets one.
 *
 * Source: LightGBM `GreedyFindBin`.
 */
function greedyBounds(
  distinct: Float64Array,
  counts: Int32Array,
  start: number,
  end: number,
  maxBin: number,
  total: number,
  minDataInBin: number,
): number[] {
  if (end - start <= maxBin) return boundsBetweenValues(distinct, counts, start, end, minDataInBin);
  const bins = minDataInBin > 0 ? Math.max(1, Math.min(maxBin, Math.floor(total / minDataInBin))) : maxBin;
  let mean = total / bins;
  let restBins = bins;
  let restTotal = total;
  const isBig = new Uint8Array(end);
  for (let i = start; i < end; i++) {
    if (counts[i] < mean) continue;
    isBig[i] = 1;
    restBins--;
    restTotal -= counts[i];
  }
  mean = restTotal / restBins;
  const bounds: number[] = [];
  let closed = 0;
  let inBin = 0;
  for (let i = start; i < end - 1; i++) {
    if (!isBig[i]) restTotal -= counts[i];
    inBin += counts[i];
    // Once no bins are left the mean is NaN, which must let any count pass.
    const nearlyFull = inBin >= 1 && !(inBin < mean * 0.5);
    if (!(isBig[i] || inBin >= mean || (isBig[i + 1] && nearlyFull))) continue;
    if (closed < bins - 1) pushBound(bounds, nextUp((distinct[i] + distinct[i + 1]) / 2));
    closed++;
    if (closed >= bins - 1) break;
    inBin = 0;
    if (!isBig[i]) {
      restBins--;
      mean = restTotal / restBins;
    }
  }
  bounds.push(Number.POSITIVE_INFINITY);
  return bounds;
}

function boundsBetweenValues(
  distinct: Float64Array,
  counts: Int32Array,
  start: number,
  end: number,
  minDataInBin: number,
): number[] {
  const bounds: number[] = [];
  let inBin = 0;
  for (let i = start; i < end - 1; i++) {
    inBin += counts[i];
    if (inBin < minDataInBin) continue;
    if (pushBound(bounds, nextUp((distinct[i] + distinct[i + 1]) / 2))) inBin = 0;
  }
  bounds.push(Number.POSITIVE_INFINITY);
  return bounds;
}

function pushBound(bounds: number[], bound: number): boolean {
  if (bounds.length > 0 && bound <= nextUp(bounds[bounds.length - 1])) return false;
  bounds.push(bound);
  return true;
}

function firstAbove(distinct: Float64Array, limit: number, from: number): number {
  let i = from;
  while (i < distinct.length && distinct[i] <= limit) i++;
  return i;
}

const float64 = new Float64Array(1);
const bits = new BigInt64Array(float64.buffer);

/** The next double towards +Infinity, C's `nextafter(value, INFINITY)`. */
export function nextUp(value: number): number {
  if (Number.isNaN(value) || value === Number.POSITIVE_INFINITY) return value;
  if (value === 0) return Number.MIN_VALUE;
  float64[0] = value;
  bits[0] += value > 0 ? 1n : -1n;
  return float64[0];
}
