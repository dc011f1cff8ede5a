"""An expert (评标专家) or tenderee's representative: checks in, scores in drafts, seals, signs.

Owns the order of a member's acts. Takes the points from the script and works nothing out. What was done
before (a second start, a person who gave the seat back) is seen in the view and in the venue's draft, and
not done again: points that somebody else entered stand. Source: 12号令 12-17, 43; 87号令 45, 62.
"""

from collections.abc import Callable
from functools import partial

from msgspec import Struct, field

from ops.people import script
from ops.people.deed import Recollection
from ops.people.person import Person
from ops.people.sign_in import Codes
from ops.people.tempo import CORRECTION, DRAFT
from ops.senses import Dice
from ops.trouble import Trouble
from protocol import canonical, hidden, wire
from protocol.commands import CheckIn, SealSheet
from protocol.hidden import Opening, Scores
from protocol.plan.case import Case
from protocol.session.phases import SESSION_ORDER, STAGE_ORDER, reached
from protocol.views import SeatView, StageView, View
from protocol.words import SESSION_STAGE, Stage


class Memory(Struct):
    """What those who play one seat, one after the other, remember.

    `turns`: a demonstration's turns are played too. `written`: stage → what the script has entered in its
    draft (`bidder → criterion → points_centi`), so that it is told apart from what a person entered.
    `deeds`: what is remembered under rules version 3. `guests`: the seats that people hold.
    """

    turns: bool = False
    written: dict[Stage, Scores] = field(default_factory=dict)
    deeds: Recollection = field(default_factory=Recollection)
    guests: Callable[[], frozenset[str]] = frozenset


async def play(person: Person, case: Case, codes: Codes, dice: Dice) -> None:
    """Everything one member does, from the code to the signature.

    Raises:
      ActRefused: the rules refuse one of the acts.
      Trouble: the case lacks points, or the session ends before its time.
    """
    await person.bind(codes)
    await go_on(person, case, dice, Memory())


async def go_on(person: Person, case: Case, dice: Dice, memory: Memory) -> None:
    """The same from wherever the session stands, on a seat that is bound.

    Args:
      person: the member.
      case: whose points are entered.
      dice: for the nonce.
      memory: of this seat; kept by the caller from one time to the next.

    Raises:
      ActRefused, Trouble: as `play`.
      TurnedDown: the venue's node keeps no drafts of this seat now.
      SeatLeft: somebody else sits here now.
    """
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
            await score(person, case, dice, stage, memory)
    view = await person.until(partial(_in_session, "SIGNING"))
    if not _own(view, person.seat).signed:
        await person.act_prepared("SignReport", SESSION_STAGE)


async def score(person: Person, case: Case, dice: Dice, stage: StageView, memory: Memory) -> wire.Answer:
    """Enter one bid after the other, the draft saved each time, look at it again, seal the whole sheet.

    Raises:
      ActRefused, Trouble, TurnedDown, SeatLeft: as `go_on`.
    """
    where = Stage(stage.lot, stage.envelope, stage.round)
    bidders = tuple(bid.bidder for bid in stage.bids or () if bid.valid)
    script_ = script.scores(case, person.seat, stage.lot, stage.envelope, bidders)
    first = script.first_entries(case, person.seat, stage.lot) if memory.turns else {}
    kept = await person.ask(wire.DRAFT_GET, wire.Draft(person.session, person.seat, where, 0, {}), wire.Draft)
    theirs = _theirs(kept.scores, memory.written.get(where, first))
    draft = kept
    for bidder in bidders:
        row = script_[bidder] | first.get(bidder, {}) | theirs.get(bidder, {})
        draft = await _write(person, draft, {bidder: row}, DRAFT, memory)
    points = {bidder: script_[bidder] | theirs.get(bidder, {}) for bidder in bidders}
    await _write(person, draft, points, CORRECTION, memory)
    nonce = dice.bytes32("nonce", person.session, person.seat, stage.lot, stage.envelope, str(stage.round))
    opening = Opening(person.session, where, person.seat, bidders, points, nonce)
    return await person.act(where, SealSheet(hidden.commitment(opening)), opening=opening)


async def _write(person: Person, draft: wire.Draft, rows: Scores, what: str, memory: Memory) -> wire.Draft:
    """The draft with these rows in it, saved at the venue unless it says the same already."""
    scores = {**draft.scores, **rows}
    if scores == draft.scores:
        return draft
    await person.tempo.before(person.seat, what)
    new = wire.Draft(draft.session, draft.seat, draft.stage, draft.revision + 1, scores)
    await person.ask(wire.DRAFT_PUT, new, wire.DraftKept)
    ours = memory.written.setdefault(draft.stage, {})
    for bidder, row in rows.items():
        before = draft.scores.get(bidder, {})
        changed = {item: points for item, points in row.items() if before.get(item) != points}
        ours[bidder] = ours.get(bidder, {}) | changed
    return new


def _theirs(kept: Scores, ours: Scores) -> Scores:
    """What in a kept draft somebody else has entered."""
    return {
        bidder: {item: points for item, points in row.items() if ours.get(bidder, {}).get(item) != points}
        for bidder, row in kept.items()
    }


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
