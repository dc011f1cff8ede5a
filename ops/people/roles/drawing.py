"""Drawing a rate (K 值) together: each who watches commits to bytes of their own and reveals them.

Owns the two acts of tenderee, witness and supervisor. What was committed to is remembered until it is told;
whoever takes the seat over in between cannot reveal it. Source: SPEC 17.7.
"""

from collections.abc import Iterator

from ops.people.deed import Deed, Scene, at
from protocol import chance
from protocol.commands_turns import CommitK, RevealK
from protocol.session.turns.rates import subject_of
from protocol.views import StageView
from protocol.views_review import DrawingView
from protocol.words import Stage


def deeds(scene: Scene) -> Iterator[Deed]:
    """What this seat still has to do for the rates that are drawn."""
    for one in scene.awaited():
        if one.act not in ("CommitK", "RevealK"):
            continue
        place = scene.stage(one.lot, one.envelope)
        for drawing in place.drawings:
            if drawing.rate in place.draws:
                continue
            if one.act == "CommitK" and scene.seat not in drawing.committed and _hosts(scene):
                yield _commit(scene, place, drawing)
            elif one.act == "RevealK" and scene.seat in drawing.committed:
                yield _reveal(scene, place, drawing)


def _hosts(scene: Scene) -> bool:
    """Whether this seat is at the main venue, where rates are drawn; of those who watch any will do."""
    main = {venue.venue for venue in scene.view.venues if venue.role == "main"}
    return scene.role == "tenderee" or any(
        seat.seat == scene.seat and seat.venue in main for seat in scene.view.seats
    )


def _commit(scene: Scene, place: StageView, drawing: DrawingView) -> Deed:
    stage = Stage(place.lot, place.envelope, drawing.round)
    share = chance.Share(
        draw=drawing.rate, party=scene.seat, random=scene.secret("random", *_named(place, drawing)),
        session=scene.view.session,
        subject=subject_of(drawing.rate, drawing.candidates, drawing.attempt, stage),
    )  # fmt: skip
    salt = scene.secret("salt", *_named(place, drawing))
    return _deed(place, drawing, CommitK(drawing.rate, chance.commitment(share, salt)))


def _reveal(scene: Scene, place: StageView, drawing: DrawingView) -> Deed:
    named = _named(place, drawing)
    content = RevealK(drawing.rate, scene.secret("random", *named), scene.secret("salt", *named))
    return _deed(place, drawing, content)


def _deed(place: StageView, drawing: DrawingView, content: CommitK | RevealK) -> Deed:
    about = f"{drawing.rate} {drawing.attempt}"
    return Deed(type(content).__name__, at(place), content, about=about)


def _named(place: StageView, drawing: DrawingView) -> tuple[str, ...]:
    return place.lot, place.envelope, drawing.rate, str(drawing.round), str(drawing.attempt)
