"""The tenderee (招标人) under rules version 3: presides, names a chair, draws rates, decides between equals.

Under version 4 it opens the later envelopes of sealed bids too: before anybody sits down the first ones are
opened by `ops.ceremony.presiding`. Source: 招标投标法 35-36; 20号令 29-31.
"""

from collections.abc import Iterator

from ops.people.deed import Deed, Scene, at
from ops.people.roles import chairing, drawing, turning
from protocol.commands import ReadOut
from protocol.commands_ceremony import BeginOpening, FailureReason, RecordBidFailure
from protocol.commands_turns import DecideTie
from protocol.views import StageView

UNRELEASED = "投标人未在规定时间内解密。"
UNOPENED = "该投标文件已解密,但未能开启。"
REASONS: dict[str, FailureReason] = {
    "dealer_fault": "dealer_fault", "release_false": "release_false", "container_broken": "container_broken",
}  # fmt: skip
"""What the venues found → why a bid that was released was not opened."""
DECIDED = "得分与报价均相同,招标人按投标人信用评价高者在前确定次序。"


def next_deed(scene: Scene) -> Deed | None:
    """The tenderee's next act, if there is one now."""
    return scene.first(_deeds(scene))


def _deeds(scene: Scene) -> Iterator[Deed]:
    yield from _openings(scene)
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


def _openings(scene: Scene) -> Iterator[Deed]:
    """开标: it begins, and accounts for what was not opened once the venues have said so."""
    for one in scene.awaited():
        if one.act == "BeginOpening":
            place = scene.stage(one.lot, one.envelope)
            challenge = scene.secret("challenge", place.lot, place.envelope, str(place.round))
            yield Deed(one.act, at(place), BeginOpening(challenge))
        if one.act == "RecordBidFailure":
            yield from _failures(scene, scene.stage(one.lot, one.envelope))


def _failures(scene: Scene, place: StageView) -> Iterator[Deed]:
    for bid in () if place.ceremony is None else place.ceremony.bids:
        if bid.result == "opened" or bid.failure is not None:
            continue
        reason = REASONS.get(bid.result, "other") if bid.released else "not_released"
        words = UNOPENED if bid.released else UNRELEASED
        text = scene.hide("statement", words, "failed", place.lot, place.envelope, bid.bid)
        content = RecordBidFailure(bid.bid, "revoked", reason, "none", text.digest)
        yield Deed("RecordBidFailure", at(place), content, (text,), about=bid.bid)


def _order(scene: Scene, place: StageView) -> Deed:
    """确定并列次序: the tenderee says in which order equal bids stand (条例 53)."""
    planned = tuple(bidder for bidder in scene.course.order if bidder in place.equal)
    order = planned or place.equal
    text = scene.hide("statement", DECIDED, "order", place.lot, place.envelope, str(place.round))
    return Deed("DecideTie", at(place), DecideTie("", order, text.digest), (text,))


def all_read(place: StageView) -> bool:
    """Whether every bid of an opening is read out."""
    return all(bid.read_out for bid in place.bids or ())
