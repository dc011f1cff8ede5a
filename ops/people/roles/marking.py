"""Marks of the preliminary review (初步评审记录): one bid after the other, as the course has it.

Owns which items are whose by the plan, and the hidden reason of what is no pass. Source: SPEC 16.1.
"""

from collections.abc import Iterator, Mapping

from ops.people.deed import Deed, Scene, at
from protocol.commands_review import Mark, MarkItem
from protocol.hidden import Disclosure
from protocol.plan.review import Reviewer
from protocol.views import StageView

REASON = "该项不符合招标文件要求。"


def deeds(scene: Scene, place: StageView, who: str, *, keep_last: bool = False) -> Iterator[Deed]:
    """The marks that a seat (or the `desk`) still gives, bid by bid; all but the last if so told."""
    review = place.review
    if review is None:
        return
    by: Reviewer = "desk" if who == "desk" else "committee"
    items = [item.item for item in review.items if item.by == by]
    bidders = [one for one in (review.left if who == "desk" else review.going_on) if items]
    for bidder in bidders[:-1] if keep_last else bidders:
        given = review.marks.get(bidder, {})
        if not all(_marked(given.get(item, {}), who) for item in items):
            yield _marks(scene, place, who, bidder, items)


def _marked(given: Mapping[str, object], who: str) -> bool:
    """Whether an item is marked by a seat; by anybody of the desk for it."""
    return bool(given) if who == "desk" else who in given


def _marks(scene: Scene, place: StageView, who: str, bidder: str, items: list[str]) -> Deed:
    given: list[Mark] = []
    hiding: list[Disclosure] = []
    for item in items:
        verdict = scene.course.marks.get((who, bidder, item), "pass")
        digest = b""
        if verdict != "pass":
            hiding.append(
                scene.hide(
                    "reason", REASON, "mark", place.lot, place.envelope, str(place.round), bidder, item
                )
            )
            digest = hiding[-1].digest
        given.append(Mark(item, verdict, digest))
    return Deed("MarkItem", at(place), MarkItem(bidder, tuple(given)), tuple(hiding))
