/**
 * Median of the first `count` values, which are reordered; the mean of the two middle ones when `count` is even.
 * Linear time on average, no allocation. `count` is at least 1 and no value is NaN.
 */
export function medianInPlace(values: Float64Array, count: number): number {
  const middle = count >> 1;
  const upper = selectInPlace(values, count, middle);
  if (count % 2 === 1) return upper;
  // After selection everything left of the middle is at most it: the lower middle is their largest.
  let lower = values[0];
  for (let i = 1; i < middle; i++) if (values[i] > lower) lower = values[i];
  return (lower + upper) / 2;
}

/**
 * What would be `values[k]` if the first `count` values, which are reordered, were sorted ascending. Hoare's selection:
 * linear time on average, no allocation. No value may be NaN.
 */
export function selectInPlace(values: Float64Array, count: number, k: number): number {
  let left = 0;
  let right = count - 1;
  while (left < right) {
    const pivot = medianOfThree(values[left], values[(left + right) >> 1], values[right]);
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) {
        const swapped = values[i];
        values[i++] = values[j];
        values[j--] = swapped;
      }
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else break;
  }
  return values[k];
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
