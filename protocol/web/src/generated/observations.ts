// Written by `python -m ops.generate_messages` out of the Python of protocol/. Do not edit.
// tidy: long because it is generated, one block per struct or word.

/** Groups of items, in their order. */
export const GROUP_TERMS = {
  duty: { zh: "见证职责", en: "duties" },
  flow: { zh: "业务流程", en: "business flow" },
  opening: { zh: "开标", en: "bid opening" },
  evaluation: { zh: "评标", en: "evaluation" },
  movement: { zh: "人员行动", en: "movement of people" },
} as const;

/** What a witness may have found. */
export const FINDING_TERMS = {
  normal: { zh: "正常", en: "normal" },
  irregular: { zh: "异常", en: "irregular" },
  handled: { zh: "已处置", en: "dealt with" },
} as const;

export type Group = keyof typeof GROUP_TERMS;
export type Found = keyof typeof FINDING_TERMS;

/** One thing that a witness can note. */
export interface Item {
  readonly code: string;
  readonly group: Group;
  readonly usual: Found;
  readonly about: "session" | "venue" | "seat";
  readonly key: string;
  readonly zh: string;
  readonly en: string;
  readonly source: string;
}

/** Every published table, by the rules version that uses it. */
export const OBSERVATION_TABLES: Readonly<Record<string, readonly Item[]>> = {
  "2": [
    {"code": "room_ready", "group": "duty", "usual": "normal", "about": "venue", "key": "A", "zh": "评标场所与席位就绪", "en": "Room and seats ready", "source": "87号令 45; 355号 八"},
    {"code": "identity_checked", "group": "duty", "usual": "normal", "about": "seat", "key": "S", "zh": "身份核验", "en": "Identity checked", "source": "87号令 45(一)"},
    {"code": "devices_stored", "group": "duty", "usual": "normal", "about": "seat", "key": "D", "zh": "通讯工具统一存放", "en": "Phones handed in", "source": "87号令 45(八)"},
    {"code": "statements_signed", "group": "duty", "usual": "normal", "about": "seat", "key": "F", "zh": "承诺与回避声明", "en": "Undertaking and recusal signed", "source": "12号令 12; 87号令 45"},
    {"code": "recording_runs", "group": "duty", "usual": "normal", "about": "venue", "key": "G", "zh": "录音录像运行", "en": "Recording runs", "source": "87号令 39"},
    {"code": "materials_returned", "group": "duty", "usual": "normal", "about": "venue", "key": "H", "zh": "资料收回与移交", "en": "Materials returned and handed over", "source": "12号令 44"},
    {"code": "step_late", "group": "flow", "usual": "irregular", "about": "session", "key": "Q", "zh": "流程滞后或超时", "en": "A step is late", "source": "实施条例 48; 庆元四类预警"},
    {"code": "system_fault", "group": "flow", "usual": "irregular", "about": "venue", "key": "W", "zh": "系统或设备故障", "en": "System or equipment fails", "source": "20号令 31; 丽江中断规定"},
    {"code": "line_cut", "group": "flow", "usual": "irregular", "about": "venue", "key": "E", "zh": "线路中断", "en": "Line is cut", "source": "丽江中断规定"},
    {"code": "query_received", "group": "flow", "usual": "irregular", "about": "seat", "key": "R", "zh": "询问或来电", "en": "A query or call came in", "source": "溧阳五合一见证"},
    {"code": "out_of_order", "group": "flow", "usual": "irregular", "about": "session", "key": "T", "zh": "程序不符", "en": "A step out of order", "source": "庆元四类预警"},
    {"code": "opening_late", "group": "opening", "usual": "irregular", "about": "session", "key": "Z", "zh": "未按时开标", "en": "Opening not on time", "source": "招标投标法 34"},
    {"code": "bid_unreadable", "group": "opening", "usual": "irregular", "about": "session", "key": "X", "zh": "密封或解密异常", "en": "Seal or decryption faulty", "source": "招标投标法 36; 20号令 30-31"},
    {"code": "read_out_differs", "group": "opening", "usual": "irregular", "about": "session", "key": "C", "zh": "唱标与文件不符", "en": "Read-out differs from the bid", "source": "招标投标法 36"},
    {"code": "draw_faulty", "group": "opening", "usual": "irregular", "about": "session", "key": "V", "zh": "抽取程序异常", "en": "A draw was not in order", "source": "苏建规字〔2017〕1号"},
    {"code": "objection_raised", "group": "opening", "usual": "irregular", "about": "session", "key": "B", "zh": "现场提出异议", "en": "An objection on the spot", "source": "实施条例 44"},
    {"code": "guiding_words", "group": "evaluation", "usual": "irregular", "about": "seat", "key": "Y", "zh": "倾向性言论", "en": "Words that lean to a bidder", "source": "实施条例 48; 87号令 45, 66"},
    {"code": "opinions_exchanged", "group": "evaluation", "usual": "irregular", "about": "seat", "key": "U", "zh": "私下交换意见", "en": "Members confer apart", "source": "12号令 13; 招标投标法 44"},
    {"code": "score_abnormal", "group": "evaluation", "usual": "irregular", "about": "seat", "key": "I", "zh": "评分畸高畸低", "en": "Abnormally high or low score", "source": "87号令 64"},
    {"code": "objective_differs", "group": "evaluation", "usual": "irregular", "about": "seat", "key": "O", "zh": "客观分不一致", "en": "Objective items differ", "source": "87号令 64"},
    {"code": "clarification_faulty", "group": "evaluation", "usual": "irregular", "about": "seat", "key": "P", "zh": "澄清不规范", "en": "Clarification not in order", "source": "招标投标法 39; 实施条例 52"},
    {"code": "seat_left", "group": "movement", "usual": "irregular", "about": "seat", "key": "J", "zh": "离席", "en": "Left the seat", "source": "庆元四类预警"},
    {"code": "seat_swapped", "group": "movement", "usual": "irregular", "about": "seat", "key": "K", "zh": "换席或由他人代替", "en": "Another seat or another person", "source": "87号令 45"},
    {"code": "stranger_present", "group": "movement", "usual": "irregular", "about": "venue", "key": "L", "zh": "无关人员进入", "en": "Somebody who does not belong", "source": "87号令 66"},
    {"code": "device_used", "group": "movement", "usual": "irregular", "about": "seat", "key": "N", "zh": "违规使用电子设备", "en": "A device used against the rules", "source": "87号令 45(八)"},
    {"code": "materials_taken", "group": "movement", "usual": "irregular", "about": "seat", "key": "M", "zh": "携带或外传资料", "en": "Materials taken or passed on", "source": "招标投标法 44; 12号令 44"},
    {"code": "other", "group": "flow", "usual": "irregular", "about": "session", "key": "0", "zh": "其他情况", "en": "Something else", "source": "355号 八"},
  ],
  "3": [
    {"code": "room_ready", "group": "duty", "usual": "normal", "about": "venue", "key": "A", "zh": "评标场所与席位就绪", "en": "Room and seats ready", "source": "87号令 45; 355号 八"},
    {"code": "identity_checked", "group": "duty", "usual": "normal", "about": "seat", "key": "S", "zh": "身份核验", "en": "Identity checked", "source": "87号令 45(一)"},
    {"code": "devices_stored", "group": "duty", "usual": "normal", "about": "seat", "key": "D", "zh": "通讯工具统一存放", "en": "Phones handed in", "source": "87号令 45(八)"},
    {"code": "statements_signed", "group": "duty", "usual": "normal", "about": "seat", "key": "F", "zh": "承诺与回避声明", "en": "Undertaking and recusal signed", "source": "12号令 12; 87号令 45"},
    {"code": "recording_runs", "group": "duty", "usual": "normal", "about": "venue", "key": "G", "zh": "录音录像运行", "en": "Recording runs", "source": "87号令 39"},
    {"code": "materials_returned", "group": "duty", "usual": "normal", "about": "venue", "key": "H", "zh": "资料收回与移交", "en": "Materials returned and handed over", "source": "12号令 44"},
    {"code": "step_late", "group": "flow", "usual": "irregular", "about": "session", "key": "Q", "zh": "流程滞后或超时", "en": "A step is late", "source": "实施条例 48; 庆元四类预警"},
    {"code": "system_fault", "group": "flow", "usual": "irregular", "about": "venue", "key": "W", "zh": "系统或设备故障", "en": "System or equipment fails", "source": "20号令 31; 丽江中断规定"},
    {"code": "line_cut", "group": "flow", "usual": "irregular", "about": "venue", "key": "E", "zh": "线路中断", "en": "Line is cut", "source": "丽江中断规定"},
    {"code": "query_received", "group": "flow", "usual": "irregular", "about": "seat", "key": "R", "zh": "询问或来电", "en": "A query or call came in", "source": "溧阳五合一见证"},
    {"code": "out_of_order", "group": "flow", "usual": "irregular", "about": "session", "key": "T", "zh": "程序不符", "en": "A step out of order", "source": "庆元四类预警"},
    {"code": "opening_late", "group": "opening", "usual": "irregular", "about": "session", "key": "Z", "zh": "未按时开标", "en": "Opening not on time", "source": "招标投标法 34"},
    {"code": "bid_unreadable", "group": "opening", "usual": "irregular", "about": "session", "key": "X", "zh": "密封或解密异常", "en": "Seal or decryption faulty", "source": "招标投标法 36; 20号令 30-31"},
    {"code": "read_out_differs", "group": "opening", "usual": "irregular", "about": "session", "key": "C", "zh": "唱标与文件不符", "en": "Read-out differs from the bid", "source": "招标投标法 36"},
    {"code": "draw_faulty", "group": "opening", "usual": "irregular", "about": "session", "key": "V", "zh": "抽取程序异常", "en": "A draw was not in order", "source": "苏建规字〔2017〕1号"},
    {"code": "objection_raised", "group": "opening", "usual": "irregular", "about": "session", "key": "B", "zh": "现场提出异议", "en": "An objection on the spot", "source": "实施条例 44"},
    {"code": "guiding_words", "group": "evaluation", "usual": "irregular", "about": "seat", "key": "Y", "zh": "倾向性言论", "en": "Words that lean to a bidder", "source": "实施条例 48; 87号令 45, 66"},
    {"code": "opinions_exchanged", "group": "evaluation", "usual": "irregular", "about": "seat", "key": "U", "zh": "私下交换意见", "en": "Members confer apart", "source": "12号令 13; 招标投标法 44"},
    {"code": "score_abnormal", "group": "evaluation", "usual": "irregular", "about": "seat", "key": "I", "zh": "评分畸高畸低", "en": "Abnormally high or low score", "source": "87号令 64"},
    {"code": "objective_differs", "group": "evaluation", "usual": "irregular", "about": "seat", "key": "O", "zh": "客观分不一致", "en": "Objective items differ", "source": "87号令 64"},
    {"code": "clarification_faulty", "group": "evaluation", "usual": "irregular", "about": "seat", "key": "P", "zh": "澄清不规范", "en": "Clarification not in order", "source": "招标投标法 39; 实施条例 52"},
    {"code": "seat_left", "group": "movement", "usual": "irregular", "about": "seat", "key": "J", "zh": "离席", "en": "Left the seat", "source": "庆元四类预警"},
    {"code": "seat_swapped", "group": "movement", "usual": "irregular", "about": "seat", "key": "K", "zh": "换席或由他人代替", "en": "Another seat or another person", "source": "87号令 45"},
    {"code": "stranger_present", "group": "movement", "usual": "irregular", "about": "venue", "key": "L", "zh": "无关人员进入", "en": "Somebody who does not belong", "source": "87号令 66"},
    {"code": "device_used", "group": "movement", "usual": "irregular", "about": "seat", "key": "N", "zh": "违规使用电子设备", "en": "A device used against the rules", "source": "87号令 45(八)"},
    {"code": "materials_taken", "group": "movement", "usual": "irregular", "about": "seat", "key": "M", "zh": "携带或外传资料", "en": "Materials taken or passed on", "source": "招标投标法 44; 12号令 44"},
    {"code": "other", "group": "flow", "usual": "irregular", "about": "session", "key": "0", "zh": "其他情况", "en": "Something else", "source": "355号 八"},
  ],
  "4": [
    {"code": "room_ready", "group": "duty", "usual": "normal", "about": "venue", "key": "A", "zh": "评标场所与席位就绪", "en": "Room and seats ready", "source": "87号令 45; 355号 八"},
    {"code": "identity_checked", "group": "duty", "usual": "normal", "about": "seat", "key": "S", "zh": "身份核验", "en": "Identity checked", "source": "87号令 45(一)"},
    {"code": "devices_stored", "group": "duty", "usual": "normal", "about": "seat", "key": "D", "zh": "通讯工具统一存放", "en": "Phones handed in", "source": "87号令 45(八)"},
    {"code": "statements_signed", "group": "duty", "usual": "normal", "about": "seat", "key": "F", "zh": "承诺与回避声明", "en": "Undertaking and recusal signed", "source": "12号令 12; 87号令 45"},
    {"code": "recording_runs", "group": "duty", "usual": "normal", "about": "venue", "key": "G", "zh": "录音录像运行", "en": "Recording runs", "source": "87号令 39"},
    {"code": "materials_returned", "group": "duty", "usual": "normal", "about": "venue", "key": "H", "zh": "资料收回与移交", "en": "Materials returned and handed over", "source": "12号令 44"},
    {"code": "step_late", "group": "flow", "usual": "irregular", "about": "session", "key": "Q", "zh": "流程滞后或超时", "en": "A step is late", "source": "实施条例 48; 庆元四类预警"},
    {"code": "system_fault", "group": "flow", "usual": "irregular", "about": "venue", "key": "W", "zh": "系统或设备故障", "en": "System or equipment fails", "source": "20号令 31; 丽江中断规定"},
    {"code": "line_cut", "group": "flow", "usual": "irregular", "about": "venue", "key": "E", "zh": "线路中断", "en": "Line is cut", "source": "丽江中断规定"},
    {"code": "query_received", "group": "flow", "usual": "irregular", "about": "seat", "key": "R", "zh": "询问或来电", "en": "A query or call came in", "source": "溧阳五合一见证"},
    {"code": "out_of_order", "group": "flow", "usual": "irregular", "about": "session", "key": "T", "zh": "程序不符", "en": "A step out of order", "source": "庆元四类预警"},
    {"code": "opening_late", "group": "opening", "usual": "irregular", "about": "session", "key": "Z", "zh": "未按时开标", "en": "Opening not on time", "source": "招标投标法 34"},
    {"code": "bid_unreadable", "group": "opening", "usual": "irregular", "about": "session", "key": "X", "zh": "密封或解密异常", "en": "Seal or decryption faulty", "source": "招标投标法 36; 20号令 30-31"},
    {"code": "read_out_differs", "group": "opening", "usual": "irregular", "about": "session", "key": "C", "zh": "唱标与文件不符", "en": "Read-out differs from the bid", "source": "招标投标法 36"},
    {"code": "draw_faulty", "group": "opening", "usual": "irregular", "about": "session", "key": "V", "zh": "抽取程序异常", "en": "A draw was not in order", "source": "苏建规字〔2017〕1号"},
    {"code": "objection_raised", "group": "opening", "usual": "irregular", "about": "session", "key": "B", "zh": "现场提出异议", "en": "An objection on the spot", "source": "实施条例 44"},
    {"code": "guiding_words", "group": "evaluation", "usual": "irregular", "about": "seat", "key": "Y", "zh": "倾向性言论", "en": "Words that lean to a bidder", "source": "实施条例 48; 87号令 45, 66"},
    {"code": "opinions_exchanged", "group": "evaluation", "usual": "irregular", "about": "seat", "key": "U", "zh": "私下交换意见", "en": "Members confer apart", "source": "12号令 13; 招标投标法 44"},
    {"code": "score_abnormal", "group": "evaluation", "usual": "irregular", "about": "seat", "key": "I", "zh": "评分畸高畸低", "en": "Abnormally high or low score", "source": "87号令 64"},
    {"code": "objective_differs", "group": "evaluation", "usual": "irregular", "about": "seat", "key": "O", "zh": "客观分不一致", "en": "Objective items differ", "source": "87号令 64"},
    {"code": "clarification_faulty", "group": "evaluation", "usual": "irregular", "about": "seat", "key": "P", "zh": "澄清不规范", "en": "Clarification not in order", "source": "招标投标法 39; 实施条例 52"},
    {"code": "seat_left", "group": "movement", "usual": "irregular", "about": "seat", "key": "J", "zh": "离席", "en": "Left the seat", "source": "庆元四类预警"},
    {"code": "seat_swapped", "group": "movement", "usual": "irregular", "about": "seat", "key": "K", "zh": "换席或由他人代替", "en": "Another seat or another person", "source": "87号令 45"},
    {"code": "stranger_present", "group": "movement", "usual": "irregular", "about": "venue", "key": "L", "zh": "无关人员进入", "en": "Somebody who does not belong", "source": "87号令 66"},
    {"code": "device_used", "group": "movement", "usual": "irregular", "about": "seat", "key": "N", "zh": "违规使用电子设备", "en": "A device used against the rules", "source": "87号令 45(八)"},
    {"code": "materials_taken", "group": "movement", "usual": "irregular", "about": "seat", "key": "M", "zh": "携带或外传资料", "en": "Materials taken or passed on", "source": "招标投标法 44; 12号令 44"},
    {"code": "other", "group": "flow", "usual": "irregular", "about": "session", "key": "0", "zh": "其他情况", "en": "Something else", "source": "355号 八"},
  ],
};

/** What a venue says of another's record. */
export const VERDICT_TERMS = {
  accepted: { zh: "已互认", en: "accepted" },
  objection: { zh: "有异议", en: "objection" },
} as const;

export const UNANSWERED = {"zh": "待互认", "en": "not answered yet"};

/** Why a venue objects to another's record. */
export interface Reason {
  readonly code: string;
  readonly key: string;
  readonly zh: string;
  readonly en: string;
}

export const REASONS: readonly Reason[] = [
  {"code": "incomplete", "key": "1", "zh": "应记未记", "en": "Something that had to be noted is not"},
  {"code": "mismatch", "key": "2", "zh": "与本会场所见或会话记录不符", "en": "Differs from what was seen here or from the record"},
  {"code": "time", "key": "3", "zh": "时间不符", "en": "Times do not fit"},
  {"code": "place", "key": "4", "zh": "会场或席位不符", "en": "Wrong venue or seat"},
  {"code": "recording", "key": "5", "zh": "录像缺失或与记录对不上", "en": "Recording missing, or it shows something else"},
  {"code": "other", "key": "6", "zh": "其他(须写备注)", "en": "Something else (a remark is needed)"},
];
