/**
 * The id that KDD Cup 2018 gave to a station of Beijing, from its Chinese name; other names are kept as they are.
 * Since about 2021 most names carry the district in front (东四 became 东城东四), and both forms are known. Only
 * names that surely mean the same station are mapped.
 */
export function beijingStationId(name: string): string {
  return stationIds.get(name.replace(/\s*[（(].*[）)]\s*$/u, '')) ?? name;
}

const names: readonly (readonly [id: string, ...names: string[]])[] = [
  ['dongsi_aq', '东四', '东城东四'],
  ['tiantan_aq', '天坛', '东城天坛'],
  ['guanyuan_aq', '官园', '西城官园'],
  ['wanshouxigong_aq', '万寿西宫', '西城万寿西宫'],
  ['aotizhongxin_aq', '奥体中心', '朝阳奥体中心'],
  ['nongzhanguan_aq', '农展馆', '朝阳农展馆'],
  ['wanliu_aq', '万柳', '海淀万柳'],
  ['beibuxinqu_aq', '北部新区', '海淀北部新区'],
  ['zhiwuyuan_aq', '植物园', '海淀植物园'],
  ['fengtaihuayuan_aq', '丰台花园'],
  ['yungang_aq', '云岗', '丰台云岗'],
  ['gucheng_aq', '古城', '石景山古城'],
  ['fangshan_aq', '房山', '房山良乡'],
  ['daxing_aq', '大兴', '大兴黄村', '大兴黄村镇'],
  ['yizhuang_aq', '亦庄', '亦庄开发区'],
  ['tongzhou_aq', '通州', '通州新城'],
  ['shunyi_aq', '顺义', '顺义新城'],
  ['pingchang_aq', '昌平', '昌平镇'],
  ['mentougou_aq', '门头沟', '门头沟龙泉镇'],
  ['pinggu_aq', '平谷', '平谷镇'],
  ['huairou_aq', '怀柔', '怀柔镇'],
  ['miyun_aq', '密云', '密云镇'],
  ['yanqin_aq', '延庆', '延庆镇'],
  ['dingling_aq', '定陵', '昌平定陵'],
  ['badaling_aq', '八达岭', '京西北八达岭'],
  ['miyunshuiku_aq', '密云水库', '京东北密云水库'],
  ['donggaocun_aq', '东高村', '京东东高村'],
  ['yongledian_aq', '永乐店', '京东南永乐店'],
  ['yufa_aq', '榆垡', '京南榆垡'],
  ['liulihe_aq', '琉璃河', '京西南琉璃河'],
  ['qianmen_aq', '前门', '前门东大街'],
  ['yongdingmennei_aq', '永定门内', '永定门内大街'],
  ['xizhimenbei_aq', '西直门北', '西直门北大街'],
  ['nansanhuan_aq', '南三环', '南三环西路'],
  ['dongsihuan_aq', '东四环', '东四环北路'],
];

const stationIds: ReadonlyMap<string, string> = new Map(
  names.flatMap(([id, ...known]) => known.map((name) => [name, id] as const)),
);
