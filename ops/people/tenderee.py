"""The tenderee (招标人): presides at the opening, reads out each bid, signs the opening record.

Owns the order of the tenderee's acts. What was done before (a second start) is seen in the view and not
done again; a stage whose opening is over is left alone. Source: 招标投标法 35-36; 20号令 29.
"""

from functools import partial

from ops.people.listener import ActRefused
from ops.people.person import Person
from protocol.commands import ReadOut
from protocol.session.phases import STAGE_ORDER, reached
from protocol.views import StageView, View
from protocol.words import Stage

PASSED = frozenset({"WrongPhase", "AlreadyReadOut", "AlreadySigned"})
"""Refusals that mean: the moment is over, or it is done already; nothing in the evaluation waits for it."""


async def go_on(person: Person) -> None:
    """Everything the tenderee still has to do at the openings.

    Raises:
      ActRefused: the rules refuse one of the acts.
      SeatLeft: somebody else sits here now.
    """
    view = await person.until(lambda shown: shown if shown.stages else None)
    for place in view.stages:
        stage = await person.until(partial(opened, place.lot, place.envelope))
        if stage.phase == "OPENED":
            await _read_out(person, stage)


async def _read_out(person: Person, stage: StageView) -> None:
    """Read out what is not read yet, in the record's order, then sign."""
    where = Stage(stage.lot, stage.envelope, stage.round)
    try:
        for bid in stage.bids or ():
            if not bid.read_out:
                await person.act(where, ReadOut(bid.bidder))
        await sign(person, stage)
    except ActRefused as error:
        if error.refused.code not in PASSED:
            raise


async def sign(person: Person, stage: StageView) -> None:
    """Sign the opening record of a stage once all is read out, unless its opening is over by then.

    Raises:
      ActRefused: the rules refuse it.
    """
    found = await person.until(partial(_read, stage.lot, stage.envelope))
    if found.phase == "OPENED" and person.seat not in found.opening_signed:
        await person.act_prepared("SignOpeningRecord", Stage(found.lot, found.envelope, found.round))


def opened(lot: str, envelope: str, view: View) -> StageView | None:
    """The stage once its opening is there, is behind it, or will never be."""
    stage = _stage(lot, envelope, view)
    over = view.phase in ("ARCHIVED", "FAILED", "COMMITTEE_VOID") or stage.phase == "FAILED"
    return stage if over or reached(STAGE_ORDER, stage.phase, "OPENED") else None


def _read(lot: str, envelope: str, view: View) -> StageView | None:
    """The stage once all its bids are read out, or its opening is over."""
    stage = _stage(lot, envelope, view)
    read = all(bid.read_out for bid in stage.bids or ())
    return stage if read or stage.phase != "OPENED" else None


def _stage(lot: str, envelope: str, view: View) -> StageView:
    return next(stage for stage in view.stages if (stage.lot, stage.envelope) == (lot, envelope))
