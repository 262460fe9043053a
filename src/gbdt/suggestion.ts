/** `did you mean x?` for the nearest of the known names, or a list of them when none is near. */
export function suggestion(name: string, known: readonly string[]): string {
  const distances = known.map((candidate) => editDistance(name.toLowerCase(), candidate.toLowerCase()));
  const nearest = distances.indexOf(Math.min(...distances));
  if (distances[nearest] <= Math.max(2, Math.floor(name.length / 3)))
    return `did you mean ${known[nearest]}?`;
  return `known are ${known.join(', ')}`;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(change, previous[j] + 1, current[j - 1] + 1));
    }
    previous = current;
  }
  return previous[b.length];
}
