"""The one table from roles to what their people do next under rules version 3."""

from collections.abc import Callable
from typing import Final

from ops.people.deed import Deed, Scene
from ops.people.roles import agent, confirming, expert, supervisor, tenderee, witness
from protocol.words import Role

RULES: Final[dict[Role, Callable[[Scene], Deed | None]]] = {
    "agent": agent.next_deed,
    "expert": expert.next_deed,
    "tenderee": tenderee.next_deed,
    "witness": witness.next_deed,
    "supervisor": supervisor.next_deed,
    "keeper": lambda scene: scene.first(confirming.deeds(scene)),
}
_SIGNING: Final = frozenset({"expert", "tenderee", "witness"})


def next_deed_of(scene: Scene) -> Deed | None:
    """What somebody does next, if there is anything now."""
    rule = RULES.get(scene.role)
    return None if rule is None else rule(scene) or _paper(scene)


def _paper(scene: Scene) -> Deed | None:
    """签署: the prepared report, by certificate, once everything else is done (rules version 4).

    Not by who dissents in place of a signature or refuses one, though they might.
    """
    if scene.course.signing.get(scene.seat):
        return None
    awaited = any(one.act == "SignPaper" for one in scene.awaited())
    return Deed("SignPaper") if awaited and scene.role in _SIGNING else None
