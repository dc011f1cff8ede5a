"""The form of a scripted evaluation: a case, the course it takes, and what must come out of it.

Owns the forms alone, data throughout: the same script is played over the real stack (`tongchang act
--script`) and in memory (tests). Source: issue of the whole evaluation; DOMAIN 1-3.
"""

from typing import Any

from msgspec import Struct

from ops.people.course import PLAIN, Course
from protocol.plan.case import Case


class Wanted(Struct, frozen=True, kw_only=True):
    """What must come out.

    `ranking` and `totals` are of lot 01, by the drawn K where one is drawn (the key is empty else): bidders'
    ids, best first, and their totals. `facts` are parts of the outcome (SPEC 9) by dotted path, such as
    `stages.0.rejected`.
    """

    ranking: dict[str, tuple[str, ...]] = {}
    totals: dict[str, dict[str, str]] = {}
    facts: dict[str, Any] = {}
    phase: str = "ARCHIVED"


class Scripted(Struct, frozen=True, kw_only=True):
    """One scripted evaluation; `zh` and `en` say in a line what it shows."""

    name: str
    zh: str
    en: str
    case: Case
    wanted: Wanted
    course: Course = PLAIN
