import { reading } from '../numberText.ts';
import type { Page } from './page.ts';

/** Which stations spoke for a filled cell, and how far each moved the estimate; empty where that is not known. */
export function fillReasons({ payload, choices }: Page, step: number): { name: string; value: string }[] {
  const fill = payload.fills?.cells[choices.series]?.[step];
  if (!payload.fills || !fill) return [];
  const { inputs } = payload.fills;
  return [
    { name: 'without any input', value: reading(fill.base) },
    ...fill.parts.map(([input, value, added]) => ({
      name: `${inputs[input]} ${value === null ? 'missing' : `read ${reading(value)}`}`,
      value: signed(added),
    })),
    ...(fill.rest === 0 ? [] : [{ name: 'all others', value: signed(fill.rest) }]),
  ];
}

function signed(value: number): string {
  return value > 0 ? `+${reading(value)}` : reading(value);
}
