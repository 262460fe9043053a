import { beijingAir } from './beijingAir.ts';
import { kddApi, kddBeijing, kddLondon, kddLondonRaw, kddWeather } from './kdd2018.ts';
import type { Layout } from './layout.ts';
import { londonAirCsv, londonAirJson } from './londonAir.ts';
import { generic, longForm } from './longForm.ts';
import { monashTsf } from './monashTsf.ts';
import { openaq } from './openaq.ts';
import { uciPrsa } from './uciPrsa.ts';

/** Every layout, in the order of the documentation; a header fits one of them at most. */
export const layouts: readonly Layout[] = [
  generic,
  kddBeijing,
  kddLondon,
  kddLondonRaw,
  kddApi,
  kddWeather,
  uciPrsa,
  londonAirCsv,
  londonAirJson,
  beijingAir,
  openaq,
  monashTsf,
  longForm,
];
