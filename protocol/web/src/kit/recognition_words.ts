/** The words of mutual recognition (见证互认): which venues have accepted whose witness record. */

export const RECOGNITION_ZH = {
  title: "见证互认",
  record: "见证记录",
  answers: "其他会场",
  unsigned: "尚未签署",
  count: "{venue} · {count} 条",
  none: "尚无见证记录",
  noneWhy: "见证人员签署见证记录后,其他会场在此互认。评标与报告不等待互认;线路中断时可稍后补办。",
};

export const RECOGNITION_EN: typeof RECOGNITION_ZH = {
  title: "Mutual recognition",
  record: "Witness record",
  answers: "Other venues",
  unsigned: "not signed yet",
  count: "{venue} · {count} observations",
  none: "No witness record yet",
  noneWhy: "Once a witness has signed a record, the other venues accept it here. Neither evaluation nor report waits for that; where a line is down it can be done later.",
};
