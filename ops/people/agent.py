"""The agent (招标代理): books the session, issues codes, conducts it phase by phase to the archive.

Owns the order of the agent's acts, always the same for a case: act by act, and within one act lot by lot, so
that two runs leave the same order behind. Contents and disclosures are worked out by the node (`prepare`);
the agent signs them. An act that is done already (a second start) is seen in the view and left out.
"""

import asyncio
from functools import partial

from ops import senses
from ops.people import script
from ops.people.desk import TurnedDown
from ops.people.person import AGAIN_MS, ActRefused, Person
from ops.trouble import Trouble
from protocol import canonical, wire
from protocol.commands import DrawK
from protocol.plan.case import Case
from protocol.session.phases import SESSION_ORDER, STAGE_ORDER, reached
from protocol.views import StageView, View
from protocol.words import SESSION_STAGE, Stage

SEAT = "agent"
WAIT_CODES = frozenset({"GuardUnmet", "MilestoneAwaited"})
"""Refusals that mean: somebody else's act comes first."""


async def book(person: Person, case: Case) -> None:
    """Book the session from a case, its plan disclosed."""
    await person.act_prepared("BookSession", SESSION_STAGE, script.source(case))


async def open_check_in(person: Person, case: Case) -> None:
    """From the booked session to the moment when people check in: committee, bids, drawn rates."""
    await _session_act(person, case, "ImportCommittee", "DRAWN")
    await _stage_acts(person, case, "ImportOpening", "OPENED")
    await _draw(person, case)
    await _session_act(person, case, "OpenCheckIn", "CHECKIN")


async def conduct(person: Person, case: Case) -> None:
    """From check-in to the archive."""
    await open_check_in(person, case)
    await _session_act(person, case, "LockRoster", "COMMITTEE_READY")
    await _stage_acts(person, case, "BeginPreliminary", "PRELIM")
    await _stage_acts(person, case, "ImportPreliminary", "DETAILED")
    await _stage_acts(person, case, "CloseScoring", "SCORES_SEALED")
    await _stage_acts(person, case, "PublishTally", "")
    await _stage_acts(person, case, "ConfirmRanking", "RANKED")
    await _session_act(person, case, "BeginReport", "REPORT_DRAFT")
    await _session_act(person, case, "ImportReport", "SIGNING")
    await _session_act(person, case, "SubmitReport", "SUBMITTED")
    await _session_act(person, case, "ArchiveSession", "ARCHIVED")


async def issue_codes(person: Person, seats: tuple[str, ...]) -> tuple[wire.SeatCode, ...]:
    """Fresh one-time codes for seats; codes issued for them before are good no more.

    Raises:
      ActRefused: the coordinator does not know the agent's key.
    """
    at = senses.now_ms()
    statement = {"session": person.session, "seats": seats, "key": person.key_text, "at": at}
    sig = person.sign(canonical.tag("issue-codes/v1") + canonical.encode(statement))
    message = wire.IssueCodes(person.session, seats, person.key_text, at, sig)
    try:
        found = await person.ask(wire.ISSUE_CODES, message, wire.Codes)
    except TurnedDown as error:
        raise ActRefused(person.seat, "IssueCodes", error.refused) from error
    return found.codes


async def _session_act(person: Person, case: Case, type_: str, target: str) -> None:
    """One act of the session's track, when it can be done and is not done yet."""
    while True:
        ready = await person.until(partial(_session_ready, type_, target))
        if not ready:
            return
        if await _did(person, case, type_, SESSION_STAGE):
            return


async def _stage_acts(person: Person, case: Case, type_: str, target: str) -> None:
    """One act for every lot's envelope in turn."""
    assert person.view is not None
    for place in person.view.stages:
        while True:
            now = await person.until(partial(_stage_ready, place, type_, target))
            if not now or await _did(person, case, type_, now[0]):
                break


async def _did(person: Person, case: Case, type_: str, stage: Stage) -> bool:
    """Do an act; False when somebody else's act has to come first after all."""
    source = script.source(case) if type_.startswith("Import") else ""
    try:
        await person.act_prepared(type_, stage, source)
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
