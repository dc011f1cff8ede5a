"""The agent (招标代理) under rules version 3: whatever is awaited of the agent, one act after the other.

Owns what the agent waits for of its own accord: that an opening is read out and signed before the review
begins, that witnesses have signed before the archive. Contents come prepared from the node, but for what a
person finds.
"""

from collections.abc import Iterator

from ops.people.deed import Deed, Scene, at
from ops.people.roles import marking
from protocol.commands_review import CheckBlindPart
from protocol.views import Awaited, StageView
from protocol.words import SESSION_STAGE

DRAWING = frozenset({"BeginDrawK", "CommitK", "RevealK"})


def next_deed(scene: Scene) -> Deed | None:
    """The agent's next act, if there is one now."""
    return scene.first(_act(scene, one) for one in scene.awaited())


def _act(scene: Scene, one: Awaited) -> Deed | None:
    if not one.lot:
        return _of_session(scene, one)
    place = scene.stage(one.lot, one.envelope)
    match one.act:
        case "CheckBlindPart":
            return scene.first(_blind_checks(place))
        case "MarkItem":
            return scene.first(marking.deeds(scene, place, "desk"))
        case "BeginPreliminary":
            return None if _opening_goes_on(scene, place) else Deed(one.act, at(place))
    return Deed(one.act, at(place))


def _of_session(scene: Scene, one: Awaited) -> Deed | None:
    if one.act == "ArchiveSession" and scene.view.outstanding:
        return None
    return Deed(one.act, SESSION_STAGE)


def _blind_checks(place: StageView) -> Iterator[Deed]:
    """暗标检查: every bid's blind part is looked through."""
    for bid in place.bids or ():
        yield Deed("CheckBlindPart", at(place), CheckBlindPart(bid.bidder, "pass", b""), about=bid.bidder)


def _opening_goes_on(scene: Scene, place: StageView) -> bool:
    """Whether something is to be read out or signed, or a rate to be drawn: that is the opening's."""
    drawing = [one for one in scene.view.awaited if one.act in DRAWING]
    return any(
        (w.lot, w.envelope) == (place.lot, place.envelope) for w in (*scene.view.outstanding, *drawing)
    )
