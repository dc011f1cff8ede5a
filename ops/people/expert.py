"""An expert (评标专家) or tenderee's representative: checks in, scores in drafts, seals, signs.

Owns the order of a member's acts. Takes the points from the script and works nothing out. What was done
before (a second start) is seen in the view and not done again. Source: 12号令 12-17, 43; 87号令 45, 62.
"""

from functools import partial

from ops.people import script
from ops.people.person import Codes, Person
from ops.senses import Dice
from ops.trouble import Trouble
from protocol import canonical, hidden, wire
from protocol.commands import CheckIn, SealSheet
from protocol.hidden import Opening, Scores
from protocol.plan.case import Case
from protocol.session.phases import SESSION_ORDER, STAGE_ORDER, reached
from protocol.views import SeatView, StageView, View
from protocol.words import SESSION_STAGE, Stage


async def play(person: Person, case: Case, codes: Codes, dice: Dice) -> None:
    """Everything one member does, from the code to the signature.

    Raises:
      ActRefused: the rules refuse one of the acts.
      Trouble: the case lacks points, or the session ends before its time.
    """
    await person.bind(codes)
    view = await person.until(partial(_in_session, "CHECKIN"))
    if not _own(view, person.seat).checked_in:
        if view.undertaking is None:
            raise Trouble(
                f"席位 {person.seat} 未收到承诺书内容,无法签到。",
                f"Seat {person.seat} was not shown the undertaking and cannot check in.",
            )
        undertaking = canonical.sha256(view.undertaking.encode())
        await person.act(SESSION_STAGE, CheckIn(undertaking, "none"))
    view = await person.until(partial(_in_session, "COMMITTEE_READY"))
    for place in view.stages:
        stage = await person.until(partial(_in_stage, place.lot, place.envelope))
        if stage.phase == "DETAILED" and not _sealed(stage, person.seat):
            await _score(person, case, dice, stage)
    view = await person.until(partial(_in_session, "SIGNING"))
    if not _own(view, person.seat).signed:
        await person.act_prepared("SignReport", SESSION_STAGE)


async def _score(person: Person, case: Case, dice: Dice, stage: StageView) -> None:
    """Enter one bid after the other, the draft saved each time, then seal the whole sheet."""
    where = Stage(stage.lot, stage.envelope, stage.round)
    bidders = tuple(bid.bidder for bid in stage.bids or () if bid.valid)
    points = script.scores(case, person.seat, stage.lot, stage.envelope, bidders)
    entered: Scores = {}
    kept = await person.ask(wire.DRAFT_GET, wire.Draft(person.session, person.seat, where, 0, {}), wire.Draft)
    for revision, bidder in enumerate(bidders, start=kept.revision + 1):
        entered[bidder] = points[bidder]
        draft = wire.Draft(person.session, person.seat, where, revision, dict(entered))
        await person.ask(wire.DRAFT_PUT, draft, wire.DraftKept)
    nonce = dice.bytes32("nonce", person.session, person.seat, stage.lot, stage.envelope, str(stage.round))
    opening = Opening(person.session, where, person.seat, bidders, points, nonce)
    await person.act(where, SealSheet(hidden.commitment(opening)), opening=opening)


def _in_session(wanted: str, view: View) -> View | None:
    """The view once the session has come to a phase; a session that has failed ends the waiting."""
    if view.phase in ("FAILED", "COMMITTEE_VOID"):
        raise Trouble(
            f"会话 {view.session} 已终止({view.phase})。", f"Session {view.session} has ended ({view.phase})."
        )
    return view if reached(SESSION_ORDER, view.phase, wanted) else None


def _in_stage(lot: str, envelope: str, view: View) -> StageView | None:
    for stage in view.stages:
        if (stage.lot, stage.envelope) == (lot, envelope):
            ended = stage.phase == "FAILED" or _in_session("SUBMITTED", view) is not None
            return stage if ended or reached(STAGE_ORDER, stage.phase, "DETAILED") else None
    return None


def _own(view: View, seat: str) -> SeatView:
    return next(one for one in view.seats if one.seat == seat)


def _sealed(stage: StageView, seat: str) -> bool:
    return any(sheet.seat == seat and sheet.sealed for sheet in stage.sheets or ())
