import { unzipSync } from 'fflate';
import type { Source } from './source.ts';

/** Beijing Multi-Site Air Quality (PRSA) of the UCI repository: one archive, March 2013 to February 2017. */
export const uciPrsa: Source = {
  name: 'uci-prsa',
  summary:
    'UCI Beijing multi-site (PRSA): twelve stations, 2013 to 2017, one archive; --from and --to have no effect',
  baseUrl: 'https://archive.ics.uci.edu',
  stations: undefined,
  requests: ({ baseUrl }) => [
    {
      station: 'PRSA',
      label: 'the archive',
      url: `${baseUrl}/static/public/501/beijing+multi+site+air+quality+data.zip`,
      file: 'beijing+multi+site+air+quality+data.zip',
      growing: false,
    },
  ],
  fault(body) {
    try {
      return csvFilesIn(body).length > 0 ? undefined : 'it holds no CSV';
    } catch {
      return 'it is no zip archive, or is cut short';
    }
  },
  unpack: (body) => csvFilesIn(body),
};

// The archive holds another archive, which holds a CSV for each station.
function csvFilesIn(body: Uint8Array): { file: string; content: Uint8Array }[] {
  return Object.entries(unzipSync(body)).flatMap(([name, content]) => {
    if (/\.zip$/i.test(name)) return csvFilesIn(content);
    const file = name.split('/').at(-1) ?? name;
    return /\.csv$/i.test(file) ? [{ file, content }] : [];
  });
}
