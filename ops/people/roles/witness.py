"""A witness (见证人员) under rules version 3: notes what is seen at the venue, signs, draws rates.

What is noted is what the record shows at the witness's own venue. Source: 355号 八, 十; 87号令 39, 45, 64.
"""

from collections.abc import Iterator

import msgspec

from ops.people.deed import Deed, Scene, at
from ops.people.roles import confirming, drawing, turning
from ops.people.roles.tenderee import all_read
from ops.people.witness import Seen
from protocol.commands import NoteObservation
from protocol.commands_draw import ConfirmIdentity
from protocol.commands_recognition import AcceptWitnessRecord
from protocol.hidden import Disclosure
from protocol.methods.evaluation import Evaluation
from protocol.session.phases import SESSION_ORDER, STAGE_ORDER, reached
from protocol.views import SeatView


def next_deed(scene: Scene) -> Deed | None:
    """The witness's next act, if there is one now."""
    return scene.first(_deeds(scene))


def _deeds(scene: Scene) -> Iterator[Deed]:
    view = scene.view
    venue = next(seat.venue for seat in view.seats if seat.seat == scene.seat)
    if any(one.venue == venue and one.role == "main" for one in view.venues):
        for place in view.stages:
            if place.phase == "OPENED" and all_read(place) and scene.seat not in place.opening_signed:
                yield Deed("SignOpeningRecord", at(place))
    yield from confirming.deeds(scene)
    yield from _identities(scene, venue)
    yield from drawing.deeds(scene)
    yield from turning.reconfirmations(scene)
    signed = any(one.seat == scene.seat and one.signed for one in view.witness_records)
    if signed:
        yield from _recognitions(scene, venue)
        return
    noted = {(one.item, one.subject) for one in view.observations if one.seat == scene.seat}
    yield from (_note(scene, one) for one in _seen(scene, venue) if (one.item, one.subject) not in noted)
    if view.phase == "SUBMITTED":
        yield Deed("SignWitnessRecord")


def _recognitions(scene: Scene, venue: str) -> Iterator[Deed]:
    """见证互认: what the other venues' witnesses have signed is accepted, once each."""
    if not any(one.act == "AcceptWitnessRecord" for one in scene.view.outstanding if one.who == scene.seat):
        return
    for one in scene.view.witness_records:
        if one.signed and venue in one.awaited:
            content = AcceptWitnessRecord(one.seat, one.count, one.record, "accepted", "", b"")
            yield Deed("AcceptWitnessRecord", content=content, about=one.seat)


def _identities(scene: Scene, venue: str) -> Iterator[Deed]:
    """身份核验: who was drawn and has signed in at this venue is looked at, before the undertaking."""
    committee = scene.view.committee
    if committee is None or not any(one.act == "ConfirmIdentity" for one in scene.awaited()):
        return
    for seat in scene.view.seats:
        waits = seat.bound and not seat.checked_in and seat.seat not in committee.identified
        if seat.role == "expert" and seat.venue == venue and waits:
            yield Deed("ConfirmIdentity", content=ConfirmIdentity(seat.seat, "desk", b""))


def _seen(scene: Scene, venue: str) -> Iterator[Seen]:
    """What there is to be noted by now."""
    view = scene.view
    if not reached(SESSION_ORDER, view.phase, "CHECKIN") or view.phase == "ARCHIVED":
        return
    yield Seen("room_ready", "normal", venue)
    experts = [seat for seat in view.seats if seat.role == "expert" and seat.venue == venue]
    yield from (Seen("identity_checked", "normal", seat.seat) for seat in experts if _is_member(seat))
    for seat in experts:
        if seat.seat in _deviating(scene):
            yield Seen("score_abnormal", "irregular", seat.seat, "汇总提示评分偏离")
    if reached(SESSION_ORDER, view.phase, "SIGNING"):
        yield Seen("materials_returned", "normal", venue)


def _note(scene: Scene, seen: Seen) -> Deed:
    hiding: tuple[Disclosure, ...] = ()
    if seen.remark:
        hiding = (scene.hide("remark", seen.remark, seen.item, seen.subject),)
    content = NoteObservation(
        item=seen.item, finding=seen.finding, subject=seen.subject, entry=0, noted_at=scene.now_ms,
        media_offset_ms=0, remark=hiding[0].digest if hiding else b"",
    )  # fmt: skip
    return Deed("NoteObservation", content=content, disclosures=hiding, about=f"{seen.item} {seen.subject}")


def _is_member(seat: SeatView) -> bool:
    return seat.checked_in and not seat.reserve


def _deviating(scene: Scene) -> set[str]:
    """Seats whose points a ranking's tally shows as far from the mean."""
    tallies = [
        msgspec.json.decode(place.tally, type=Evaluation)
        for place in scene.view.stages
        if place.tally and reached(STAGE_ORDER, place.phase, "RANKED")
    ]
    return {one.seat for tally in tallies for one in tally.deviations if one.over}
