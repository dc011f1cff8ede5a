"""Giving a share of the randomness that a committee is drawn by (随机数): a party commits, then reveals.

Owns the two acts of a supervising office, whose machine is no venue's node; nodes do theirs by themselves.
What was committed to is remembered until all have committed. Source: SPEC 15.1, 15.3.
"""

from collections.abc import Iterator

from ops.people.deed import Deed, Scene
from protocol import chance, hidden
from protocol.commands_draw import CommitDrawSeed, RevealDrawSeed
from protocol.hidden import Disclosure


def deeds(scene: Scene) -> Iterator[Deed]:
    """What a party still has to do for the draw."""
    shown = scene.view.draw
    for one in scene.awaited():
        if shown is None or one.act not in ("CommitDrawSeed", "RevealDrawSeed"):
            continue
        share = _share(scene)
        if one.act == "CommitDrawSeed":
            yield Deed(one.act, content=CommitDrawSeed(shown.draw, share.digest), about=shown.draw)
        else:
            content = RevealDrawSeed(shown.draw, share.digest)
            yield Deed(one.act, content=content, disclosures=(share,), about=shown.draw)


def _share(scene: Scene) -> Disclosure:
    shown = scene.view.draw
    assert shown is not None
    share = chance.Share(
        draw=shown.draw, party=scene.seat, random=scene.secret("random", shown.draw),
        session=scene.view.session, subject=shown.subject,
    )  # fmt: skip
    return hidden.disclose("draw_share", scene.secret("salt", shown.draw), share)
