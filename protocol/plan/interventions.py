"""What a supervisor intervenes for (监督介入事由): the table of reasons, as data (SPEC 34.1).

A reason has a code of its own, its words, and the article that it stands on. The articles are told from the
texts as we know them, not quoted; whoever holds an installation has them checked. A published table never
changes: rules that need another reason bring a table of their own.
Sources: 招标投标法 7, 37-39, 44; 实施条例 48-52; 12号令 12-17; 87号令 39, 45, 62, 64; 355号 十; 807号.
"""

from typing import Final, Literal

from msgspec import Struct

from protocol.words import Role, Term

Kind = Literal["question", "warning", "suspend_request"]
Scope = Literal["session", "venue", "seat", "role"]
Outcome = Literal["explained", "corrected", "suspended", "declined"]

KIND_TERMS: Final[dict[str, Term]] = {
    "question": Term("询问", "question"),
    "warning": Term("警示", "warning"),
    "suspend_request": Term("要求暂停", "request to suspend"),
}

OUTCOME_TERMS: Final[dict[str, Term]] = {
    "explained": Term("已说明", "explained"),
    "corrected": Term("已纠正", "corrected"),
    "suspended": Term("已暂停", "suspended"),
    "declined": Term("不采纳", "declined"),
}

ADDRESSABLE: Final[tuple[Role, ...]] = ("expert", "tenderee", "witness", "keeper")
"""Whom a supervisor may address by seat or role; the agent is the session itself."""


class Reason(Struct, frozen=True, forbid_unknown_fields=True):
    """One reason: its code, its words, and the article it stands on."""

    code: str
    zh: str
    en: str
    source: str


REASONS: Final[tuple[Reason, ...]] = (
    Reason("procedure", "程序不符", "a step out of order", "招标投标法 7"),
    Reason("secrecy", "评标保密", "secrecy of the evaluation", "招标投标法 38, 44"),
    Reason("interference", "干预或影响评标", "interference", "招标投标法 38; 条例 48"),
    Reason("private_contact", "私下接触", "private contact", "招标投标法 44; 条例 49"),
    Reason("recusal", "应回避未回避", "recusal", "招标投标法 37; 12号令 12"),
    Reason("identity", "身份或席位核验", "identity or seat", "87号令 45"),
    Reason("criteria", "未按公布标准评审", "not by the published criteria", "条例 49; 12号令 17"),
    Reason("rejection", "否决投标依据", "grounds of a rejection", "条例 51"),
    Reason("clarification", "澄清超出范围", "clarification beyond its bounds", "招标投标法 39; 条例 52"),
    Reason("scores", "评分异常或计算错误", "abnormal scores, arithmetic", "87号令 64"),
    Reason("discipline", "评标纪律", "discipline", "12号令 13; 87号令 62"),
    Reason("recording", "音视频与见证", "recording and witnessing", "87号令 39; 355号 十"),
    Reason("technical", "设备与线路", "equipment and lines", "807号"),
    Reason("other", "其他", "other", ""),
)

CODES: Final = frozenset(one.code for one in REASONS)

FITTING: Final[dict[str, tuple[Outcome, ...]]] = {
    "question": ("explained", "corrected", "declined"),
    "warning": ("explained", "corrected", "declined"),
    "suspend_request": ("suspended", "declined"),
}
"""Which answers a kind takes."""
