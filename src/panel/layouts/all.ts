import { beijingAir } from './beijingAir.ts';
import { kddApi, kddBeijing, kddLondon, kddLondonRaw } from './kdd2018.ts';
import type { Layout } from './layout.ts';
import { londonAirCsv, londonAirJson } from './londonAir.ts';
import { generic, longForm } from './longForm.ts';
import { monashTsf } from './monashTsf.ts';
import { openaq } from './openaq.ts';
import { uciPrsa } from './uciPrsa.ts';

/** Every layout, in the order in which headers are tried; columns declared by the user go first. */
export const layouts: readonly Layout[] = [
  generic,
  kddBeijing,
  kddLondon,
  kddLondonRaw,
  kddApi,
  uciPrsa,
  londonAirCsv,
  londonAirJson,
  beijingAir,
  openaq,
  monashTsf,
  longForm,
];
