"""A witness (见证人员): notes what is seen at the venue, signs the opening record and the witness record.

Owns the order of a witness's acts; what is noted is what the record shows at the witness's own venue. What
was done before (a second start) is seen in the view and not done again; what comes too late is left out,
since nothing in the evaluation waits for it. Source: 355号 八, 十; 87号令 39, 45, 64.
"""

from functools import partial

import msgspec
from msgspec import Struct

from ops.people import tenderee
from ops.people.listener import ActRefused
from ops.people.person import Person
from ops.senses import Dice
from protocol import hidden
from protocol.commands import NoteObservation
from protocol.hidden import Disclosure
from protocol.methods.evaluation import Evaluation
from protocol.plan.observations import Finding
from protocol.session.phases import SESSION_ORDER, STAGE_ORDER, reached
from protocol.views import SeatView, View, WitnessRecordView
from protocol.words import SESSION_STAGE

PASSED = tenderee.PASSED | {"RecordSigned"}
ENDED = ("ARCHIVED", "FAILED", "COMMITTEE_VOID")


class Seen(Struct, frozen=True):
    """What is noted at one moment."""

    item: str
    finding: Finding
    subject: str
    remark: str = ""


async def go_on(person: Person, dice: Dice) -> None:
    """Everything one witness still has to do, to the signature.

    Raises:
      ActRefused: the rules refuse one of the acts.
      SeatLeft: somebody else sits here now.
    """
    try:
        await _witness(person, dice)
    except ActRefused as error:
        if error.refused.code not in PASSED:
            raise


async def _witness(person: Person, dice: Dice) -> None:
    view = await person.until(partial(_in_session, "CHECKIN"))
    venue = next(seat.venue for seat in view.seats if seat.seat == person.seat)
    await _note(person, dice, Seen("room_ready", "normal", venue))
    if any(one.venue == venue and one.role == "main" for one in view.venues):
        await _sign_openings(person, view)
    for seat in _members(view, venue):
        await person.until(partial(_checked_in, seat.seat))
        await _note(person, dice, Seen("identity_checked", "normal", seat.seat))
    view = await person.until(_ranked)
    for seat in _members(view, venue):
        if seat.seat in _deviating(view):
            await _note(person, dice, Seen("score_abnormal", "irregular", seat.seat, "汇总提示评分偏离"))
    await person.until(partial(_in_session, "SIGNING"))
    await _note(person, dice, Seen("materials_returned", "normal", venue))
    view = await person.until(partial(_in_session, "SUBMITTED"))
    if view.phase == "SUBMITTED" and not _record(view, person.seat).signed:
        await person.act_prepared("SignWitnessRecord", SESSION_STAGE)


async def _sign_openings(person: Person, view: View) -> None:
    for place in view.stages:
        stage = await person.until(partial(tenderee.opened, place.lot, place.envelope))
        await tenderee.sign(person, stage)


async def _note(person: Person, dice: Dice, seen: Seen) -> None:
    """Note one thing, unless it is noted already; go on when the person's own view shows it."""
    assert person.view is not None
    if person.view.phase in ENDED or _noted(seen, person):
        return
    hiding: tuple[Disclosure, ...] = ()
    if seen.remark:
        salt = dice.bytes32("remark", person.session, person.seat, seen.item, seen.subject)
        hiding = (hidden.disclose("remark", salt, seen.remark),)
    content = NoteObservation(
        item=seen.item, finding=seen.finding, subject=seen.subject, entry=0, noted_at=person.now_ms(),
        media_offset_ms=0, remark=hiding[0].digest if hiding else b"",
    )  # fmt: skip
    await person.act(SESSION_STAGE, content, hiding)
    await person.until(lambda _view: _noted(seen, person) or None)


def _noted(seen: Seen, person: Person) -> bool:
    assert person.view is not None
    return any(
        (one.seat, one.item, one.subject) == (person.seat, seen.item, seen.subject)
        for one in person.view.observations
    )


def _in_session(wanted: str, view: View) -> View | None:
    """The view once the session has come to a phase, or has ended."""
    return view if view.phase in ENDED or reached(SESSION_ORDER, view.phase, wanted) else None


def _checked_in(seat: str, view: View) -> View | None:
    here = next(one for one in view.seats if one.seat == seat)
    return view if here.checked_in or _in_session("REPORT_DRAFT", view) is not None else None


def _ranked(view: View) -> View | None:
    over = all(reached(STAGE_ORDER, stage.phase, "RANKED") for stage in view.stages)
    return view if over or _in_session("REPORT_DRAFT", view) is not None else None


def _members(view: View, venue: str) -> list[SeatView]:
    """The experts of a venue, in the order of their seats."""
    return [s for s in view.seats if s.role == "expert" and not s.reserve and s.venue == venue]


def _deviating(view: View) -> set[str]:
    """Seats whose points the tally shows as far from the mean."""
    tallies = [msgspec.json.decode(s.tally, type=Evaluation) for s in view.stages if s.tally]
    return {one.seat for tally in tallies for one in tally.deviations if one.over}


def _record(view: View, seat: str) -> WitnessRecordView:
    unsigned = WitnessRecordView(seat, 0, bytes(32), signed=False)
    return next((one for one in view.witness_records if one.seat == seat), unsigned)
