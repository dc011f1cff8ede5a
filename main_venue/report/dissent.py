"""A member's dissent as a document of its own (保留意见): what is attached to the report before it is signed.

Owns what the template is given; its date is the dissent's own. PDF/A as the report is, so that it may stand
within it (ISO 19005-2, 6.8). Sources: 实施条例 53, 12号令 43.
"""

from typing import Final

from main_venue.report.gathered import Gathered, clock
from main_venue.report.turns_facts import DissentFacts
from main_venue.typeset import document

TEMPLATE: Final = "main_venue/report/dissent.typ"


def pdf(gathered: Gathered, said: DissentFacts) -> bytes:
    """The dissent, typeset; its reasons must be disclosed.

    Raises:
      GlyphMissing: a character that no font here shows.
      Untypeset: we were wrong about the template.
    """
    assert said.dissent is not None, "whoever calls has seen that it is disclosed"
    member = next((one for one in gathered.members if one.seat == said.seat), None)
    name = member.name if member is not None and member.name else said.seat
    values = {
        "title": "评标委员会成员书面不同意见",
        "project": gathered.plan.title,
        "notice": gathered.plan.notice_zh or gathered.plan.tender,
        "report": gathered.report_digest,
        "blocks": [
            {"kind": "text", "text": f"成员:{name}(席位 {said.seat})"},
            {"kind": "text", "text": f"记录时间:{clock(said.at_ms)}"},
            {"kind": "text", "text": said.dissent},
        ],
    }
    return document.pdf(TEMPLATE, values, at_ms=said.at_ms)
