import type { Series } from '../../panel/panel.ts';

/** Kilometres between two stations along the earth's surface (haversine); NaN where a place is not known. */
export function distanceBetween(a: Series, b: Series): number {
  const toRadians = Math.PI / 180;
  const north = Math.sin(((b.latitude - a.latitude) * toRadians) / 2);
  const east = Math.sin(((b.longitude - a.longitude) * toRadians) / 2);
  const chord =
    north * north + Math.cos(a.latitude * toRadians) * Math.cos(b.latitude * toRadians) * east * east;
  return 2 * 6371 * Math.asin(Math.min(1, Math.sqrt(chord)));
}

// Two instruments at one place count as 100 metres apart.
const closest = 0.1;

/** Weight of one station for another in a mean by distance. */
export function distanceWeight(a: Series, b: Series, power: number): number {
  return Math.max(closest, distanceBetween(a, b)) ** -power;
}
