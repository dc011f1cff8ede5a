"""The form of a scripted evaluation: a case, the course it takes, and what must come out of it.

Owns the forms alone, data throughout: the same script is played over the real stack (`tongchang act
--script`) and in memory (tests). Source: issue of the whole evaluation; DOMAIN 1-3.
"""

from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from ops.people.course import PLAIN, Course
from protocol.plan.case import Case
from protocol.plan.conduct import conduct_of

HOUR_MS: Final = 3_600_000


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
    """One scripted evaluation; `zh` and `en` say in a line what it shows, its titles in a few words."""

    name: str
    title_zh: str
    title_en: str
    zh: str
    en: str
    case: Case
    wanted: Wanted
    course: Course = PLAIN
    hour_ms: int = HOUR_MS
    """How long an hour of the plan's suspensions takes over the real stack, where nobody waits for hours."""

    def over_the_stack(self) -> "Scripted":
        """The same, with the plan's limits and the suspension shortened alike where `hour_ms` says so."""
        if self.hour_ms == HOUR_MS:
            return self
        conduct = conduct_of(self.case.plan.conduct)
        shorter = replace(
            conduct,
            suspension_before_ms=self._shortened(conduct.suspension_before_ms),
            suspension_during_ms=self._shortened(conduct.suspension_during_ms),
        )
        case = replace(self.case, plan=replace(self.case.plan, conduct=shorter))
        course = self.course
        if course.suspension is not None:
            lasts_ms = self._shortened(course.suspension.lasts_ms)
            course = replace(course, suspension=replace(course.suspension, lasts_ms=lasts_ms))
        if course.anew is not None:
            course = replace(course, anew=replace(course.anew, plan=case.plan))
        return replace(self, case=case, course=course)

    def _shortened(self, span_ms: int) -> int:
        return span_ms * self.hour_ms // HOUR_MS
