"""Why a venue objects to another venue's witness record (见证互认): the table of reasons (SPEC 13.4).

A reason has a code, one letter by which a witness at a keyboard chooses it, and its words. It says what does
not fit, never who is at fault. The table is of rules version 4 and never changes.
Source: 发改法规〔2022〕355号 十.
"""

from typing import Literal

from msgspec import Struct

from protocol.words import Term

Verdict = Literal["accepted", "objection"]
"""互认, 有异议: the venue accepts a record that was signed elsewhere, or says why it does not."""

VERDICT_TERMS: dict[str, Term] = {
    "accepted": Term("已互认", "accepted"),
    "objection": Term("有异议", "objection"),
}
AWAITED = Term("待互认", "not answered yet")
"""What stands where a venue has said nothing."""

OTHER = "other"
"""The reason that needs a remark."""


class Reason(Struct, frozen=True, forbid_unknown_fields=True):
    """One reason to object."""

    code: str
    key: str
    zh: str
    en: str


_REASONS: tuple[Reason, ...] = (
    Reason("incomplete", "1", "应记未记", "Something that had to be noted is not"),
    Reason(
        "mismatch", "2", "与本会场所见或会话记录不符", "Differs from what was seen here or from the record"
    ),
    Reason("time", "3", "时间不符", "Times do not fit"),
    Reason("place", "4", "会场或席位不符", "Wrong venue or seat"),
    Reason("recording", "5", "录像缺失或与记录对不上", "Recording missing, or it shows something else"),
    Reason(OTHER, "6", "其他(须写备注)", "Something else (a remark is needed)"),
)

REASONS: dict[str, Reason] = {one.code: one for one in _REASONS}
"""Every reason, by its code."""
