"""An expert (评标专家) or the tenderee's representative under rules version 3.

Owns the order of a member's acts: check in, mark every bid item by item, fill in and seal the sheet, explain
what lies far from the others, sign. Source: 12号令 12-27, 43; 87号令 45, 50, 62.
"""

from collections.abc import Iterator

import msgspec

from ops.people.deed import Deed, Scene, at
from ops.people.roles import marking
from protocol import canonical
from protocol.commands import CheckIn
from protocol.commands_turns import ExplainDeviation
from protocol.methods.evaluation import Evaluation
from protocol.views import SeatView, StageView

EXPLANATION = "该方案与现场条件不符,评分依据见个人评审记录。"


def next_deed(scene: Scene) -> Deed | None:
    """The member's next act, if there is one now."""
    mine = next(one for one in scene.view.seats if one.seat == scene.seat)
    return None if mine.reserve else scene.first(_deeds(scene, mine))


def _deeds(scene: Scene, mine: SeatView) -> Iterator[Deed]:
    view = scene.view
    if not mine.checked_in:
        if view.phase in ("CHECKIN", "COMMITTEE_READY") and view.undertaking is not None:
            undertaking = canonical.sha256(view.undertaking.encode())
            yield Deed("CheckIn", content=CheckIn(undertaking, "none"))
        return
    for one in scene.awaited():
        if one.act == "MarkItem":
            yield from marking.deeds(scene, scene.stage(one.lot, one.envelope), scene.seat)
        elif one.act == "SealSheet":
            yield Deed("SealSheet", at(scene.stage(one.lot, one.envelope)))
        elif one.act == "ExplainDeviation":
            yield from _explanations(scene, scene.stage(one.lot, one.envelope))
    if view.phase == "SIGNING" and not mine.signed:
        yield Deed("SignReport")


def _explanations(scene: Scene, place: StageView) -> Iterator[Deed]:
    """畸高畸低: why one's own points lie so far from the others'."""
    assert place.tally is not None
    for one in msgspec.json.decode(place.tally, type=Evaluation).deviations:
        if one.over and one.seat == scene.seat:
            about = f"{one.bidder} {one.criterion}"
            text = scene.hide("explanation", EXPLANATION, place.lot, place.envelope, str(place.round), about)
            content = ExplainDeviation(one.bidder, one.criterion, text.digest)
            yield Deed("ExplainDeviation", at(place), content, (text,), about=about)
