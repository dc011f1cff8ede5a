"""Marks of the preliminary review (初步评审记录): one bid after the other, as the course has it.

Owns which items are whose by the plan, and the hidden reason of what is no pass. Source: SPEC 16.1.
"""

from collections.abc import Iterator

from ops.people.deed import Deed, Scene, at
from protocol.commands_review import Mark, MarkItem
from protocol.hidden import Disclosure
from protocol.plan.review import Reviewer
from protocol.session.review.checks import planned
from protocol.views import StageView

REASON = "该项不符合招标文件要求。"


def deeds(scene: Scene, place: StageView, who: str) -> Iterator[Deed]:
    """The marks that a seat (or the `desk`) gives at a stage, bid by bid."""
    by: Reviewer = "desk" if who == "desk" else "committee"
    planned_items = planned(scene.case.plan, place.lot, place.envelope).items
    items = [item.item for item in planned_items if item.by == by]
    out = {bid.bidder for bid in place.bids or () if bid.ground}
    for bid in place.bids or ():
        if items and bid.bidder not in out:
            yield _marks(scene, place, who, bid.bidder, items)


def _marks(scene: Scene, place: StageView, who: str, bidder: str, items: list[str]) -> Deed:
    given: list[Mark] = []
    hiding: list[Disclosure] = []
    for item in items:
        verdict = scene.course.marks.get((who, bidder, item), "pass")
        digest = b""
        if verdict != "pass":
            hiding.append(scene.hide("reason", REASON, "mark", place.lot, place.envelope, bidder, item))
            digest = hiding[-1].digest
        given.append(Mark(item, verdict, digest))
    return Deed("MarkItem", at(place), MarkItem(bidder, tuple(given)), tuple(hiding), about=bidder)
