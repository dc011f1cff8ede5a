"""A deed: the one thing that somebody does next, and all that it is worked out from.

Owns the forms that pass between the roles' rules (`ops.people.roles`, pure) and whoever carries them out: a
person at a venue's socket (`ops.people.doing`), or a session in memory (tests). Must not know sockets.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from ops.people.course import PLAIN, Course
from ops.senses import Dice
from protocol import hidden
from protocol.commands import Content
from protocol.hidden import Disclosure, Field
from protocol.plan.case import Case
from protocol.views import Awaited, StageView, View
from protocol.words import SESSION_STAGE, Role, Stage

Key = tuple[str, Stage, str]


class Deed(Struct, frozen=True):
    """An act to be done: of a type, at a stage, with this content or, without one, what the node prepares.

    `about` tells it apart from others of its type at the stage: a deed that has it is remembered as done,
    since the view may not show it; any other is done for as long as it is awaited. `SealSheet` without
    content is a sheet that is filled in first. `source` is handed to the node that prepares; the
    deed is done at `not_before_ms` at the earliest.
    """

    type: str
    stage: Stage = SESSION_STAGE
    content: Content | None = None
    disclosures: tuple[Disclosure, ...] = ()
    about: str = ""
    source: str = ""
    not_before_ms: int = 0

    @property
    def key(self) -> Key:
        """What a deed is remembered by."""
        return self.type, self.stage, self.about


class Recollection(Struct):
    """What those who play one seat remember: the deeds done, and numbers of their own not told yet."""

    done: set[Key] = field(default_factory=set)
    secrets: dict[str, bytes] = field(default_factory=dict)


class Scene(Struct, frozen=True):
    """What one seat has before its eyes: the verified view, the case, how it is to go, the clock."""

    view: View
    seat: str
    role: Role
    case: Case
    dice: Dice
    now_ms: int
    memory: Recollection
    course: Course = PLAIN
    guests: frozenset[str] = frozenset()
    """Seats that people hold, whom nobody plays."""

    def awaited(self) -> Iterator[Awaited]:
        """What this seat is awaited for."""
        return (one for one in self.view.awaited if one.who == self.seat)

    def stage(self, lot: str, envelope: str) -> StageView:
        """A stage as this seat sees it."""
        return next(one for one in self.view.stages if (one.lot, one.envelope) == (lot, envelope))

    def undone(self, deed: Deed | None) -> Deed | None:
        """The deed, unless this seat has done it."""
        return None if deed is None or deed.key in self.memory.done else deed

    def first(self, deeds: Iterator[Deed | None]) -> Deed | None:
        """The first of several that is not done."""
        return next((deed for deed in deeds if self.undone(deed) is not None), None)

    def hide(self, what: Field, text: Any, *purpose: str) -> Disclosure:
        """A text or value of this seat's own, hidden."""
        salt = self.dice.bytes32(what, self.view.session, self.seat, *purpose)
        return hidden.disclose(what, salt, text)

    def secret(self, *purpose: str) -> bytes:
        """32 bytes of this seat's own, the same each time it asks."""
        name = "/".join(purpose)
        if name not in self.memory.secrets:
            self.memory.secrets[name] = self.dice.bytes32("secret", self.view.session, self.seat, *purpose)
        return self.memory.secrets[name]


def at(place: StageView) -> Stage:
    """Where an act of a stage belongs."""
    return Stage(place.lot, place.envelope, place.round)
