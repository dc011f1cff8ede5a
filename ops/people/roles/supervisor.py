"""A supervisor (监督人员) under rules version 3: watches, and takes part in drawing rates."""

from ops.people.deed import Deed, Scene
from ops.people.roles import drawing


def next_deed(scene: Scene) -> Deed | None:
    """The supervisor's next act, if there is one now."""
    return scene.first(drawing.deeds(scene))
