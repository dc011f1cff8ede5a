"""The tenderee (招标人) under rules version 3: presides, names a chair, draws rates, decides between equals.

Source: 招标投标法 35-36; 20号令 29.
"""

from collections.abc import Iterator

from ops.people.deed import Deed, Scene, at
from ops.people.roles import chairing, drawing, turning
from protocol.commands import ReadOut
from protocol.commands_turns import DecideTie
from protocol.views import StageView

DECIDED = "得分与报价均相同,招标人按投标人信用评价高者在前确定次序。"


def next_deed(scene: Scene) -> Deed | None:
    """The tenderee's next act, if there is one now."""
    return scene.first(_deeds(scene))


def _deeds(scene: Scene) -> Iterator[Deed]:
    for place in scene.view.stages:
        if place.phase != "OPENED":
            continue
        for bid in place.bids or ():
            if not bid.read_out:
                yield Deed("ReadOut", at(place), ReadOut(bid.bidder), about=bid.bidder)
        if all_read(place) and scene.seat not in place.opening_signed:
            yield Deed("SignOpeningRecord", at(place))
    yield from chairing.namings(scene)
    yield from drawing.deeds(scene)
    yield from turning.voidings(scene)
    yield from (_order(scene, place) for place in scene.view.stages if place.equal)


def _order(scene: Scene, place: StageView) -> Deed:
    """确定并列次序: the tenderee says in which order equal bids stand (条例 53)."""
    planned = tuple(bidder for bidder in scene.course.order if bidder in place.equal)
    order = planned or place.equal
    text = scene.hide("statement", DECIDED, "order", place.lot, place.envelope, str(place.round))
    return Deed("DecideTie", at(place), DecideTie("", order, text.digest), (text,))


def all_read(place: StageView) -> bool:
    """Whether every bid of an opening is read out."""
    return all(bid.read_out for bid in place.bids or ())
