"""The agent (招标代理): books the session, issues codes, conducts it phase by phase to the archive.

Owns the order of the agent's acts, always the same for a case: act by act, and within one act lot by lot, so
that two runs leave the same order behind. Contents and disclosures are worked out by the node (`prepare`);
the agent signs them. An act that is done already (a second start) is seen in the view and left out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from msgspec import UNSET

from ops import senses
from ops.people import script
from ops.people.course import PLAIN, Course
from ops.people.desk import TurnedDown, Unanswered
from ops.people.listener import ActRefused
from ops.people.person import PASSING, Person
from ops.people.sign_in import AGAIN_MS
from ops.trouble import Trouble
from protocol import canonical, wire
from protocol.commands import DrawK
from protocol.commands_draw import CallReplacement
from protocol.plan.case import Case
from protocol.session.phases import RULES, SESSION_ORDER, STAGE_ORDER, reached
from protocol.views import StageView, View
from protocol.words import SESSION_STAGE, Stage

SEAT = "agent"
UNOPENED = frozenset({"AWAITED", "OPENING", "BIDDERS_RELEASE", "CUSTODIANS_RELEASE"})
"""Phases of a stage whose bids are not open yet."""
WAIT_CODES = frozenset({"GuardUnmet", "MilestoneAwaited"})
"""Refusals that mean: somebody else's act comes first."""


async def book(person: Person, case: Case) -> None:
    """Book the session from a case, which the node keeps for the acts that follow."""
    await person.act_prepared("BookSession", SESSION_STAGE, script.source(case))


async def seat_committee(person: Person, case: Case, course: Course = PLAIN) -> None:
    """From the booked session to the one whose committee stands fast, and is known unless it was drawn."""
    if case.drawing is UNSET:
        await _session_act(person, "ImportCommittee", "DRAWN")
        return
    while True:
        act = await person.until(_next_of_draw)
        if not act:
            break
        await _see_done(person, act)
    await _called(person, course, "DRAWN")


async def open_check_in(
    person: Person, case: Case, course: Course = PLAIN, opening: Callable[[], Awaitable[None]] | None = None
) -> None:
    """From the booked session to the moment when people check in: committee, bids, drawn rates.

    Bids that are sealed are opened by `opening`, in front of everyone, and an opening that was interrupted
    goes on where it stood; others are imported.
    From rules version 3 on first envelopes alone; rates are drawn by those who watch, when they are there.
    """
    await seat_committee(person, case, course)
    assert person.view is not None
    if RULES[person.view.rules_version].grown:
        if opening is None:
            await _open_first_envelopes(person)
        elif any(one.phase in UNOPENED for one in _first_envelopes(person.view)):
            await opening()
        await _session_act(person, "OpenCheckIn", "CHECKIN")
        if case.drawing is not UNSET:
            await person.until(lambda view: True if view.phase != "DRAWN" else None)
            if any(one.act == "PublishDraw" for one in person.view.awaited):
                await _see_done(person, "PublishDraw")
            await _called(person, course, "CHECKIN")
        return
    await _stage_acts(person, "ImportOpening", "OPENED")
    await _draw(person, case)
    await _session_act(person, "OpenCheckIn", "CHECKIN")


async def conduct(person: Person, case: Case, *, patient: bool = False) -> None:
    """From check-in to the archive.

    A patient agent waits for what nothing in the rules waits for: until the opening is read out and signed
    before the review begins, and until the witnesses have signed before the archive.
    """
    await open_check_in(person, case)
    await _session_act(person, "LockRoster", "COMMITTEE_READY")
    await person.until(partial(_may_review, patient))
    await _stage_acts(person, "BeginPreliminary", "PRELIM")
    await _stage_acts(person, "ImportPreliminary", "DETAILED")
    await _stage_acts(person, "CloseScoring", "SCORES_SEALED")
    await _stage_acts(person, "PublishTally", "")
    await _stage_acts(person, "ConfirmRanking", "RANKED")
    await _session_act(person, "BeginReport", "REPORT_DRAFT")
    await _session_act(person, "ImportReport", "SIGNING")
    await _session_act(person, "SubmitReport", "SUBMITTED")
    await person.until(partial(_may_go_on, patient))
    await _session_act(person, "ArchiveSession", "ARCHIVED")


async def issue_codes(
    person: Person, seats: tuple[str, ...], *, bidders: bool = False
) -> tuple[wire.SeatCode, ...]:
    """Fresh one-time codes for seats, or for `bidders`; codes issued for them before are good no more.

    A request whose answer was lost is made anew with a later clock, since its codes are known to nobody.

    Raises:
      ActRefused: the key does not speak for the agent's seat (any more).
    """
    last_at = 0
    while True:
        last_at = max(senses.now_ms(), last_at + 1)
        whose = "bidders" if bidders else "seats"
        tag = canonical.tag("issue-bidder-codes/v1" if bidders else "issue-codes/v1")
        statement = {"session": person.session, whose: seats, "key": person.key_text, "at": last_at}
        sig = person.sign(tag + canonical.encode(statement))
        message = wire.IssueCodes(
            person.session, () if bidders else seats, person.key_text, last_at, sig,
            bidders=seats if bidders else (),
        )  # fmt: skip
        await person.desk.ready.wait()
        try:
            return (await person.desk.call(wire.ISSUE_CODES, message, wire.Codes)).codes
        except Unanswered:
            pass
        except TurnedDown as error:
            if error.refused.code not in PASSING | {"OutOfOrder"}:
                raise ActRefused(person.seat, "IssueCodes", error.refused) from error
        await asyncio.sleep(AGAIN_MS / 1000)


def _next_of_draw(view: View) -> str | None:
    """The agent's next act of the draw; empty when all is drawn, None while parties are awaited."""
    if view.phase != "BOOKED":
        return ""
    return next((one.act for one in view.awaited if one.who == SEAT), None)


async def _called(person: Person, course: Course, phase: str) -> None:
    """补抽: who of the course does not come is followed, once each; only in that phase."""
    assert person.view is not None
    for one in course.calls:
        if (one.phase, person.view.phase) == (phase, phase):
            meant = canonical.encode(CallReplacement(one.seat, one.reason, ())).decode()
            await _see_done(person, "CallReplacement", meant)


async def _see_done(person: Person, type_: str, source: str = "") -> None:
    """Do an act of the session, and see it in the view."""
    answer = await person.act_prepared(type_, SESSION_STAGE, source)
    await person.until(lambda view: True if view.as_of.size > answer.seq else None)


async def _open_first_envelopes(person: Person) -> None:
    assert person.view is not None
    await _acts_at(_first_envelopes(person.view), person, "ImportOpening", "OPENED")


def _first_envelopes(view: View) -> list[StageView]:
    first = {place.lot: place for place in reversed(view.stages)}
    return [first[lot] for lot in sorted(first)]


async def _session_act(person: Person, type_: str, target: str) -> None:
    """One act of the session's track, when it can be done and is not done yet."""
    while True:
        ready = await person.until(partial(_session_ready, type_, target))
        if not ready:
            return
        if await _did(person, type_, SESSION_STAGE):
            return


async def _stage_acts(person: Person, type_: str, target: str) -> None:
    """One act for every lot's envelope in turn."""
    assert person.view is not None
    await _acts_at(person.view.stages, person, type_, target)


async def _acts_at(places: Iterable[StageView], person: Person, type_: str, target: str) -> None:
    for place in places:
        while True:
            now = await person.until(partial(_stage_ready, place, type_, target))
            if not now or await _did(person, type_, now[0]):
                break


async def _did(person: Person, type_: str, stage: Stage) -> bool:
    """Do an act; False when somebody else's act has to come first after all."""
    try:
        await person.act_prepared(type_, stage)
    except ActRefused as error:
        if error.refused.code not in WAIT_CODES:
            raise
        await asyncio.sleep(AGAIN_MS / 1000)
        return False
    return True


async def _draw(person: Person, case: Case) -> None:
    """Draw every rate that the plan has drawn in public, with the results that the case tells."""
    assert person.view is not None
    for place in person.view.stages:
        stage = await person.until(partial(_at_least, place, "OPENED"))
        for rate in stage.rates or ():
            if rate.rate not in stage.draws and stage.phase in ("OPENED", "PRELIM"):
                k = script.drawn(case, stage.lot, rate.rate, rate.candidates)
                await person.act(Stage(stage.lot, stage.envelope, stage.round), DrawK(rate.rate, k))


def _may_review(patient: bool, view: View) -> bool | None:
    """As `_may_go_on`; what is outstanding once the review has begun is no matter of the opening's."""
    begun = all(
        stage.phase == "FAILED" or reached(STAGE_ORDER, stage.phase, "PRELIM") for stage in view.stages
    )
    return True if begun else _may_go_on(patient, view)


def _may_go_on(patient: bool, view: View) -> bool | None:
    _not_ended(view)
    return None if patient and view.outstanding else True


def _session_ready(type_: str, target: str, view: View) -> bool | None:
    """True: now; False: it is behind us; None: not yet."""
    if reached(SESSION_ORDER, view.phase, target):
        return False
    _not_ended(view)
    ready = any(act.type == type_ and not act.lot and not act.code for act in view.acts)
    return True if ready else None


def _stage_ready(place: StageView, type_: str, target: str, view: View) -> tuple[Stage, ...] | None:
    """The stage: now; nothing: it is behind us; None: not yet. Without a target the phase stays (a tally)."""
    stage = _find(view, place)
    _not_ended(view)
    if stage.phase == "FAILED" or (target and reached(STAGE_ORDER, stage.phase, target)):
        return ()
    here = {act.type: act for act in view.acts if (act.lot, act.envelope) == (stage.lot, stage.envelope)}
    if not target and (stage.phase == "RANKED" or "ConfirmRanking" in here):
        return ()
    if type_ in here and not here[type_].code:
        return (Stage(stage.lot, stage.envelope, stage.round),)
    return None


def _at_least(place: StageView, phase: str, view: View) -> StageView | None:
    stage = _find(view, place)
    _not_ended(view)
    return stage if stage.phase == "FAILED" or reached(STAGE_ORDER, stage.phase, phase) else None


def _find(view: View, place: StageView) -> StageView:
    return next(s for s in view.stages if (s.lot, s.envelope) == (place.lot, place.envelope))


def _not_ended(view: View) -> None:
    if view.phase in ("FAILED", "COMMITTEE_VOID", "SUSPENDED"):
        raise Trouble(
            f"会话 {view.session} 处于“{view.phase}”,无法继续。",
            f"Session {view.session} is in phase “{view.phase}” and cannot go on.",
        )
