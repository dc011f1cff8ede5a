"""The report as a PDF for keeping (PDF/A): the same record gives the same bytes.

Owns what the template is given. Its date is the record's last entry's, so that nobody can tell two printings
of one record apart.
"""

from typing import Final

from main_venue.report.gathered import Gathered
from main_venue.report.sections import sections
from main_venue.typeset import document
from main_venue.typeset.document import GlyphMissing

TEMPLATE: Final = "main_venue/report/report.typ"


def pdf(gathered: Gathered) -> bytes:
    """The report, typeset.

    Rare characters that the project's fonts lack are looked for in this machine's own.

    Raises:
      GlyphMissing: a character that no font here shows.
      Untypeset: we were wrong about the template.
    """
    values = {
        "title": "评标报告",
        "project": gathered.plan.title,
        "number": f"项目编号 {gathered.plan.tender}",
        "notice": gathered.plan.notice_zh
        or ("演示会话" if gathered.state.demonstration else gathered.plan.tender),
        "outcome": gathered.outcome.hex(),
        "head": f"{gathered.size}:{gathered.root.hex()}",
        "sections": [
            {"number": one.number, "title": one.title, "blocks": list(one.blocks)}
            for one in sections(gathered)
        ],
    }
    try:
        return document.pdf(TEMPLATE, values, at_ms=gathered.ended_ms)
    except GlyphMissing:
        return document.pdf(TEMPLATE, values, at_ms=gathered.ended_ms, system_fonts=True)
