import { formatDay } from '../timeText.ts';
import { daysOf, mayGrow, type Source } from './source.ts';

/** The archive of Beijing's readings that Wang Xiaolei keeps (beijingair, quotsoft). */
export const beijingAir: Source = {
  name: 'beijing-air',
  summary: 'beijingair / quotsoft: all stations of Beijing, two CSV files a day',
  baseUrl: 'https://quotsoft.net/air/data',
  stations: undefined,
  requests: (range) =>
    daysOf(range).flatMap((day) =>
      ['all', 'extra'].map((part) => {
        const file = `beijing_${part}_${formatDay(day).replaceAll('-', '')}.csv`;
        return {
          station: 'Beijing',
          label: `${formatDay(day)} (${part})`,
          url: `${range.baseUrl}/${file}`,
          file,
          growing: mayGrow(day, range.now),
        };
      }),
    ),
  fault(body) {
    const header = body
      .subarray(0, 200)
      .toString('utf8')
      .replace(/^\ufeff/, '');
    if (!/^date,hour,type,/.test(header))
      return `it begins with "${header.split('\n')[0].slice(0, 60)}", not with date,hour,type`;
    return body.at(-1) === 10 || body.toString('utf8').trimEnd().split('\n').length > 1
      ? undefined
      : 'it ends after the header';
  },
};
