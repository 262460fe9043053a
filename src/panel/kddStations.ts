import type { StationPlace } from './stationPlaces.ts';

// From the organisers' tables of stations: id of the competition's files, degrees north, degrees east.
const beijing: readonly (readonly [id: string, latitude: number, longitude: number])[] = [
  ['dongsi_aq', 39.929, 116.417],
  ['tiantan_aq', 39.886, 116.407],
  ['guanyuan_aq', 39.929, 116.339],
  ['wanshouxigong_aq', 39.878, 116.352],
  ['aotizhongxin_aq', 39.982, 116.397],
  ['nongzhanguan_aq', 39.937, 116.461],
  ['wanliu_aq', 39.987, 116.287],
  ['beibuxinqu_aq', 40.09, 116.174],
  ['zhiwuyuan_aq', 40.002, 116.207],
  ['fengtaihuayuan_aq', 39.863, 116.279],
  ['yungang_aq', 39.824, 116.146],
  ['gucheng_aq', 39.914, 116.184],
  ['fangshan_aq', 39.742, 116.136],
  ['daxing_aq', 39.718, 116.404],
  ['yizhuang_aq', 39.795, 116.506],
  ['tongzhou_aq', 39.886, 116.663],
  ['shunyi_aq', 40.127, 116.655],
  ['pingchang_aq', 40.217, 116.23],
  ['mentougou_aq', 39.937, 116.106],
  ['pinggu_aq', 40.143, 117.1],
  ['huairou_aq', 40.328, 116.628],
  ['miyun_aq', 40.37, 116.832],
  ['yanqin_aq', 40.453, 115.972],
  ['dingling_aq', 40.292, 116.22],
  ['badaling_aq', 40.365, 115.988],
  ['miyunshuiku_aq', 40.499, 116.911],
  ['donggaocun_aq', 40.1, 117.12],
  ['yongledian_aq', 39.712, 116.783],
  ['yufa_aq', 39.52, 116.3],
  ['liulihe_aq', 39.58, 116.0],
  ['qianmen_aq', 39.899, 116.395],
  ['yongdingmennei_aq', 39.876, 116.394],
  ['xizhimenbei_aq', 39.954, 116.349],
  ['nansanhuan_aq', 39.856, 116.368],
  ['dongsihuan_aq', 39.939, 116.483],
];

// The same, and the name that London Air gives the site.
const london: readonly (readonly [id: string, latitude: number, longitude: number, site: string])[] = [
  ['BX9', 51.46598, 0.18488, 'Bexley - Slade Green FDMS'],
  ['BX1', 51.46598, 0.18488, 'Bexley - Slade Green'],
  ['BL0', 51.52229, -0.12585, 'Camden - Bloomsbury'],
  ['CD9', 51.52771, -0.12905, 'Camden - Euston Road'],
  ['CD1', 51.54422, -0.17528, 'Camden - Swiss Cottage'],
  ['CT2', 51.51453, -0.10452, 'City of London - Farringdon Street'],
  ['CT3', 51.51385, -0.07777, 'City of London - Sir John Cass School'],
  ['CR8', 51.41004, -0.12752, 'Croydon - Norbury Manor'],
  ['GN0', 51.49053, 0.074, 'Greenwich - A206 Burrage Grove'],
  ['GR4', 51.45258, 0.07077, 'Greenwich - Eltham'],
  ['GN3', 51.48696, 0.09511, 'Greenwich - Plumstead High Street'],
  ['GR9', 51.45636, 0.04072, 'Greenwich - Westhorne Avenue'],
  ['GB0', 51.4563, 0.08561, 'Greenwich and Bexley - Falconwood FDMS'],
  ['HR1', 51.61733, -0.29878, 'Harrow - Stanmore'],
  ['HV1', 51.52079, 0.20546, 'Havering - Rainham'],
  ['LH0', 51.48878, -0.44163, 'Hillingdon - Harlington'],
  ['KC1', 51.52105, -0.21349, 'Kensington and Chelsea - North Ken'],
  ['KF1', 51.52105, -0.21349, 'Kensington and Chelsea - North Ken FIDAS'],
  ['LW2', 51.47495, -0.03964, 'Lewisham - New Cross'],
  ['RB7', 51.56948, 0.08291, 'Redbridge - Ley Street'],
  ['TD5', 51.42526, -0.34561, 'Richmond Upon Thames - Bushy Park'],
  ['ST5', 51.38929, -0.14166, 'Sutton - Beddington Lane north'],
  ['TH4', 51.51505, -0.00842, 'Tower Hamlets - Blackwall'],
  ['MY7', 51.52254, -0.15459, 'Westminster - Marylebone Road FDMS'],
];

/** The 35 stations of Beijing and the 24 of London, by the ids of the competition's files. */
export const kddStations: ReadonlyMap<string, StationPlace> = new Map<string, StationPlace>([
  ...beijing.map(([id, latitude, longitude]) => [id, { city: 'Beijing', latitude, longitude }] as const),
  ...london.map(([id, latitude, longitude]) => [id, { city: 'London', latitude, longitude }] as const),
]);

/** The code of a London site by its full name, `CD1` for `Camden - Swiss Cottage`; other names are kept. */
export function londonSiteCode(name: string): string {
  return codesOfSites.get(name) ?? name;
}

const codesOfSites: ReadonlyMap<string, string> = new Map(london.map(([id, , , site]) => [site, id]));
