/**
 * China's provinces as tiles: code and letters of GB/T 2260, names, and a place in a grid.
 * Our own grid, since a drawn map of China needs an approval number; it says who is whose neighbour, no more.
 */

export interface Province {
  /** As a case names it: `anhui`. */
  readonly id: string;
  readonly code: string;
  readonly letters: string;
  readonly zh: string;
  readonly en: string;
  /** From 1, left to right and top to bottom. */
  readonly column: number;
  readonly row: number;
}

type Row = readonly [string, string, string, string, string, number, number];

const ROWS: readonly Row[] = [
  ["heilongjiang", "23", "HL", "黑龙江", "Heilongjiang", 7, 1],
  ["neimenggu", "15", "NM", "内蒙古", "Inner Mongolia", 4, 2],
  ["beijing", "11", "BJ", "北京", "Beijing", 5, 2],
  ["jilin", "22", "JL", "吉林", "Jilin", 7, 2],
  ["xinjiang", "65", "XJ", "新疆", "Xinjiang", 1, 3],
  ["gansu", "62", "GS", "甘肃", "Gansu", 2, 3],
  ["ningxia", "64", "NX", "宁夏", "Ningxia", 3, 3],
  ["shanxi", "14", "SX", "山西", "Shanxi", 4, 3],
  ["hebei", "13", "HE", "河北", "Hebei", 5, 3],
  ["tianjin", "12", "TJ", "天津", "Tianjin", 6, 3],
  ["liaoning", "21", "LN", "辽宁", "Liaoning", 7, 3],
  ["qinghai", "63", "QH", "青海", "Qinghai", 2, 4],
  ["shaanxi", "61", "SN", "陕西", "Shaanxi", 3, 4],
  ["henan", "41", "HA", "河南", "Henan", 4, 4],
  ["shandong", "37", "SD", "山东", "Shandong", 5, 4],
  ["xizang", "54", "XZ", "西藏", "Tibet", 1, 5],
  ["sichuan", "51", "SC", "四川", "Sichuan", 2, 5],
  ["chongqing", "50", "CQ", "重庆", "Chongqing", 3, 5],
  ["hubei", "42", "HB", "湖北", "Hubei", 4, 5],
  ["anhui", "34", "AH", "安徽", "Anhui", 5, 5],
  ["jiangsu", "32", "JS", "江苏", "Jiangsu", 6, 5],
  ["shanghai", "31", "SH", "上海", "Shanghai", 7, 5],
  ["yunnan", "53", "YN", "云南", "Yunnan", 2, 6],
  ["guizhou", "52", "GZ", "贵州", "Guizhou", 3, 6],
  ["hunan", "43", "HN", "湖南", "Hunan", 4, 6],
  ["jiangxi", "36", "JX", "江西", "Jiangxi", 5, 6],
  ["zhejiang", "33", "ZJ", "浙江", "Zhejiang", 6, 6],
  ["guangxi", "45", "GX", "广西", "Guangxi", 3, 7],
  ["guangdong", "44", "GD", "广东", "Guangdong", 4, 7],
  ["fujian", "35", "FJ", "福建", "Fujian", 5, 7],
  ["taiwan", "71", "TW", "台湾", "Taiwan", 6, 7],
  ["hainan", "46", "HI", "海南", "Hainan", 3, 8],
  ["aomen", "82", "MO", "澳门", "Macao", 4, 8],
  ["xianggang", "81", "HK", "香港", "Hong Kong", 5, 8],
];

export const PROVINCES: readonly Province[] = ROWS.map(([id, code, letters, zh, en, column, row]) => ({
  id, code, letters, zh, en, column, row,
}));

/** A province by its name in a case, its GB/T 2260 code or letters; undefined for none of ours. */
export function province(id: string): Province | undefined {
  return PROVINCES.find((one) => one.id === id || one.code === id || one.letters === id);
}
