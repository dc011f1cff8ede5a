"""What a witness observes (见证记录): the table of items, as data, by the rules version that uses it.

An item has a code of its own, a group, the finding that is usual for it, what it is usually about, one
letter by which a witness at a keyboard notes it, its words, and its source. Groups: the duties that a
witness confirms, and the four groups of alerts that Zhejiang's practice tells apart (庆元: business flow,
opening, evaluation, movement of people). 杭州 DB3301/T 0382-2022 (公共资源交易开评标数字见证服务规范) is the
standard to map to; its text was not at hand, so the codes are ours, and a mapping is a table beside this one.

A published table never changes; a version of the rules that needs another item brings a table of its own.
A witness reports and does not judge (南华): a finding says what was seen, never what follows from it.
Sources: 发改法规〔2022〕355号 八, 十; 招标投标法 34-38, 44; 实施条例 44, 48, 52; 12号令 12-17; 20号令 29-31;
87号令 45, 64-66.
"""

from typing import Literal

from msgspec import Struct

from protocol.words import Term

Finding = Literal["normal", "irregular", "handled"]
"""正常, 异常, 已处置: as it should be; not as it should be; was irregular, and was dealt with."""

Group = Literal["duty", "flow", "opening", "evaluation", "movement"]
About = Literal["session", "venue", "seat"]

FINDING_TERMS: dict[str, Term] = {
    "normal": Term("正常", "normal"),
    "irregular": Term("异常", "irregular"),
    "handled": Term("已处置", "dealt with"),
}

GROUP_TERMS: dict[str, Term] = {
    "duty": Term("见证职责", "duties"),
    "flow": Term("业务流程", "business flow"),
    "opening": Term("开标", "bid opening"),
    "evaluation": Term("评标", "evaluation"),
    "movement": Term("人员行动", "movement of people"),
}


class Item(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that a witness can note; `about` is a page's first choice of subject, never a rule."""

    code: str
    group: Group
    usual: Finding
    about: About
    key: str
    zh: str
    en: str
    source: str


_ITEMS_2: tuple[Item, ...] = (
    Item("room_ready", "duty", "normal", "venue", "A", "评标场所与席位就绪",
         "Room and seats ready", "87号令 45; 355号 八"),
    Item("identity_checked", "duty", "normal", "seat", "S", "身份核验",
         "Identity checked", "87号令 45(一)"),
    Item("devices_stored", "duty", "normal", "seat", "D", "通讯工具统一存放",
         "Phones handed in", "87号令 45(八)"),
    Item("statements_signed", "duty", "normal", "seat", "F", "承诺与回避声明",
         "Undertaking and recusal signed", "12号令 12; 87号令 45"),
    Item("recording_runs", "duty", "normal", "venue", "G", "录音录像运行",
         "Recording runs", "87号令 39"),
    Item("materials_returned", "duty", "normal", "venue", "H", "资料收回与移交",
         "Materials returned and handed over", "12号令 44"),
    Item("step_late", "flow", "irregular", "session", "Q", "流程滞后或超时",
         "A step is late", "实施条例 48; 庆元四类预警"),
    Item("system_fault", "flow", "irregular", "venue", "W", "系统或设备故障",
         "System or equipment fails", "20号令 31; 丽江中断规定"),
    Item("line_cut", "flow", "irregular", "venue", "E", "线路中断",
         "Line is cut", "丽江中断规定"),
    Item("query_received", "flow", "irregular", "seat", "R", "询问或来电",
         "A query or call came in", "溧阳五合一见证"),
    Item("out_of_order", "flow", "irregular", "session", "T", "程序不符",
         "A step out of order", "庆元四类预警"),
    Item("opening_late", "opening", "irregular", "session", "Z", "未按时开标",
         "Opening not on time", "招标投标法 34"),
    Item("bid_unreadable", "opening", "irregular", "session", "X", "密封或解密异常",
         "Seal or decryption faulty", "招标投标法 36; 20号令 30-31"),
    Item("read_out_differs", "opening", "irregular", "session", "C", "唱标与文件不符",
         "Read-out differs from the bid", "招标投标法 36"),
    Item("draw_faulty", "opening", "irregular", "session", "V", "抽取程序异常",
         "A draw was not in order", "苏建规字〔2017〕1号"),
    Item("objection_raised", "opening", "irregular", "session", "B", "现场提出异议",
         "An objection on the spot", "实施条例 44"),
    Item("guiding_words", "evaluation", "irregular", "seat", "Y", "倾向性言论",
         "Words that lean to a bidder", "实施条例 48; 87号令 45, 66"),
    Item("opinions_exchanged", "evaluation", "irregular", "seat", "U", "私下交换意见",
         "Members confer apart", "12号令 13; 招标投标法 44"),
    Item("score_abnormal", "evaluation", "irregular", "seat", "I", "评分畸高畸低",
         "Abnormally high or low score", "87号令 64"),
    Item("objective_differs", "evaluation", "irregular", "seat", "O", "客观分不一致",
         "Objective items differ", "87号令 64"),
    Item("clarification_faulty", "evaluation", "irregular", "seat", "P", "澄清不规范",
         "Clarification not in order", "招标投标法 39; 实施条例 52"),
    Item("seat_left", "movement", "irregular", "seat", "J", "离席",
         "Left the seat", "庆元四类预警"),
    Item("seat_swapped", "movement", "irregular", "seat", "K", "换席或由他人代替",
         "Another seat or another person", "87号令 45"),
    Item("stranger_present", "movement", "irregular", "venue", "L", "无关人员进入",
         "Somebody who does not belong", "87号令 66"),
    Item("device_used", "movement", "irregular", "seat", "N", "违规使用电子设备",
         "A device used against the rules", "87号令 45(八)"),
    Item("materials_taken", "movement", "irregular", "seat", "M", "携带或外传资料",
         "Materials taken or passed on", "招标投标法 44; 12号令 44"),
    Item("other", "flow", "irregular", "session", "0", "其他情况",
         "Something else", "355号 八"),
)  # fmt: skip

TABLES: dict[str, dict[str, Item]] = {
    version: {item.code: item for item in _ITEMS_2} for version in ("2", "3", "4")
}
"""Every published table, code to item, by the rules version that uses it; version 1 knows none."""
