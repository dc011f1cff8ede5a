"""Suspension, resumption and a void committee (中断、恢复、作废), as the course has them.

Owns when each happens; what a suspension allows is the rules'. Source: SPEC 17.3, 17.4; the rule of 丽江.
"""

from collections.abc import Iterator

from ops.people.deed import Deed, Scene
from protocol.commands_turns import ReconfirmSeat, Resume, Suspend, VoidCommittee, VoidReason
from protocol.plan.conduct import conduct_of
from protocol.views_review import SuspensionView

TRIED_MS = 2_000
"""How long after the limit a committee is given up: whoever would resume has tried by then."""
SHOWN_MS = 15_000
"""How long a suspension that no course has stands before the agent resumes: somebody wants to see it."""
TOO_LONG = "中断超过规定时限,原评标委员会不再继续评审。"


def suspensions(scene: Scene) -> Iterator[Deed]:
    """The course's suspension, by whom it is, once those have sealed who do so before it."""
    planned, view = scene.course.suspension, scene.view
    if planned is None or planned.by != scene.seat or view.phase != "COMMITTEE_READY":
        return
    if view.void or "SUSPENDED" in view.path or not _have_sealed(scene, planned.sealed):
        return
    limit_ms = conduct_of(scene.case.plan.conduct).suspension_during_ms
    text = scene.hide("statement", planned.text, "suspend")
    content = Suspend(planned.reason, text.digest, limit_ms)
    yield Deed("Suspend", content=content, disclosures=(text,), about="suspend")


def resumption(scene: Scene) -> Deed | None:
    """The agent resumes when the course says; whether that is still allowed is not asked before."""
    found, planned = scene.view.suspension, scene.course.suspension
    if found is None:
        return None
    lasts_ms = SHOWN_MS if planned is None else planned.lasts_ms
    return Deed("Resume", content=Resume(), about=str(found.at), not_before_ms=found.at + lasts_ms)


def reconfirmations(scene: Scene) -> Iterator[Deed]:
    """重新核验: a witness looks again at the members of its own venue."""
    found = scene.view.suspension
    if found is None:
        return
    venues = {seat.seat: seat.venue for seat in scene.view.seats}
    for seat in found.waiting:
        if venues.get(seat) == venues.get(scene.seat):
            yield Deed("ReconfirmSeat", content=ReconfirmSeat(seat, "face"))


def voidings(scene: Scene) -> Iterator[Deed]:
    """The tenderee voids the committee: where a suspension lasted too long, or as the course has it."""
    planned, view = scene.course.voiding, scene.view
    if view.suspension is not None and view.suspension.phase != "CHECKIN":
        yield _void(scene, "suspended_too_long", TOO_LONG, _given_up_ms(scene, view.suspension))
        return
    due = planned is not None and view.phase == "COMMITTEE_READY" and not view.void
    if planned is not None and due and _have_sealed(scene, planned.sealed):
        yield _void(scene, planned.reason, planned.text)


def _given_up_ms(scene: Scene, found: SuspensionView) -> int:
    """When a suspension has lasted too long for sure, and whoever would resume has tried."""
    planned = scene.course.suspension
    lasts_ms = 0 if planned is None else planned.lasts_ms
    return found.at + max(found.limit_ms, lasts_ms) + TRIED_MS


def _void(scene: Scene, reason: VoidReason, words: str, not_before_ms: int = 0) -> Deed:
    text = scene.hide("statement", words, "void", str(len(scene.view.void)))
    content = VoidCommittee(reason, text.digest)
    return Deed("VoidCommittee", content=content, disclosures=(text,), not_before_ms=not_before_ms)


def _have_sealed(scene: Scene, seats: frozenset[str]) -> bool:
    """Whether so many have sealed in a stage that is scored; who it was the tenderee does not see."""
    return any(place.phase == "DETAILED" and place.sealed_count == len(seats) for place in scene.view.stages)
