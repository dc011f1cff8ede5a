"""The chair (组长): each member votes once in a ballot and opens a secret vote, or the tenderee names one.

Owns for whom a member votes: whom the course has, else the first expert who may lead. Source: SPEC 15.7.
"""

from collections.abc import Iterator

from ops.people.deed import Deed, Scene
from protocol.commands_draw import ElectChair, NameChair, OpenChairVote
from protocol.session.committee.chair import vote_commitment
from protocol.views_review import CommitteeView


def deeds(scene: Scene) -> Iterator[Deed]:
    """A member's vote on the chair, and its opening."""
    committee = scene.view.committee
    for one in scene.awaited():
        if committee is None or one.act not in ("ElectChair", "OpenChairVote"):
            continue
        number, about = committee.ballot.number, str(committee.ballot.number)
        candidate = _candidate(scene, committee)
        if not committee.ballot.secret:
            yield Deed(one.act, content=ElectChair(candidate, b""), about=about)
            continue
        nonce = scene.secret("chair", about)
        if one.act == "OpenChairVote":
            yield Deed(one.act, content=OpenChairVote(candidate, nonce), about=about)
        else:
            told = vote_commitment(scene.view.session, number, scene.seat, candidate, nonce)
            yield Deed(one.act, content=ElectChair("", told), about=about)


def namings(scene: Scene) -> Iterator[Deed]:
    """确定组长: the tenderee names the chair where the plan has it so (12号令 9)."""
    committee = scene.view.committee
    if committee is not None and any(one.act == "NameChair" for one in scene.awaited()):
        yield Deed("NameChair", content=NameChair(_candidate(scene, committee)))


def _candidate(scene: Scene, committee: CommitteeView) -> str:
    candidates = committee.ballot.candidates
    if scene.course.chair in candidates:
        return scene.course.chair
    kinds = {seat.seat: seat.kind for seat in scene.view.seats}
    return next((one for one in candidates if kinds.get(one) == "expert"), candidates[0])
