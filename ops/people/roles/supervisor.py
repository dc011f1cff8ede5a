"""A supervisor (监督人员) under rules version 3: watches, asks, draws committees and rates, suspends."""

from collections.abc import Iterator

from ops.people.deed import Deed, Scene
from ops.people.roles import drawing, overseeing, sharing, turning


def next_deed(scene: Scene) -> Deed | None:
    """The supervisor's next act, if there is one now."""
    return scene.first(_deeds(scene))


def _deeds(scene: Scene) -> Iterator[Deed]:
    yield from turning.suspensions(scene)
    yield from sharing.deeds(scene)
    yield from drawing.deeds(scene)
    yield from overseeing.questions(scene)
