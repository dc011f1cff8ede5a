"""A recheck (复核) as the course has it: begun, abnormal points found, corrected by whose they are, ended.

Nobody corrects for another. Source: SPEC 17.1; 87号令 64.
"""

from collections.abc import Iterator

from ops.people.deed import Deed, Scene, at
from protocol.commands_turns import BeginRecheck, CorrectItem, EndRecheck, FindAbnormal, Item
from protocol.hidden import CorrectedScores
from protocol.views import StageView


def deeds(scene: Scene, place: StageView) -> Iterator[Deed]:
    """What a member, or the agent, does for the course's recheck at a stage."""
    planned, turns = scene.course.recheck, place.turns
    if planned is None or turns is None or scene.view.void:
        return
    if place.phase == "SUMMARY" and place.tally and not turns.rechecks and planned.by == scene.seat:
        yield Deed("BeginRecheck", at(place), BeginRecheck("abnormal"))
    if place.phase != "RECHECK":
        return
    item = (planned.seat, planned.bidder, planned.criterion)
    found = next((one for one in turns.abnormal if (one.seat, one.bidder, one.criterion) == item), None)
    said = () if found is None else found.by
    corrected = any(one.seat == planned.seat for one in turns.corrections)
    if scene.seat in planned.finders and scene.seat not in said:
        yield Deed("FindAbnormal", at(place), FindAbnormal(*item))
    if found is not None and found.found and scene.seat == planned.seat and not corrected:
        yield _correct(scene, place)
    if corrected and scene.seat == planned.by:
        yield Deed("EndRecheck", at(place), EndRecheck())


def to_come(scene: Scene, place: StageView) -> bool:
    """Whether the course has a recheck of a stage that has not been made yet."""
    planned, turns = scene.course.recheck, place.turns
    return planned is not None and turns is not None and not turns.rechecks and not scene.view.void


def _correct(scene: Scene, place: StageView) -> Deed:
    planned = scene.course.recheck
    assert planned is not None
    scores = {planned.bidder: {planned.criterion: planned.points_centi}}
    value = CorrectedScores(scene.view.session, at(place), scene.seat, "abnormal", scores)
    held = scene.hide("corrected_scores", value, place.lot, place.envelope, str(place.round))
    items = (Item(planned.bidder, planned.criterion),)
    content = CorrectItem(scene.seat, "abnormal", items, held.digest)
    return Deed("CorrectItem", at(place), content, (held,))
