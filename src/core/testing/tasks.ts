import { dataError } from '../errors.ts';

export function square(value: number): number {
  return value * value;
}

export function failOn(value: number): number {
  if (value === 2) throw dataError('row 2 is bad', 'mend row 2');
  return value;
}

export function addOne(shared: Float64Array): void {
  shared[0] += 1;
}

export async function sleepForever(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 60_000));
}
