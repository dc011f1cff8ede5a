"""Who hears what the people do: a display, a test that aims at what is in flight.

Owns the few things that can be heard, and the exceptions that end a part: an act that was refused for good, a
seat that somebody else has taken.
"""

from typing import Protocol

from protocol import wire
from protocol.commands import Command
from protocol.views import Line, View


class Seen(Protocol):
    """A person as a listener sees one: the seat, the verified view and the lines so far."""

    seat: str
    view: View | None
    lines: list[Line]


class Listener:
    """Hears what the people do; every method may be overridden, none has to be."""

    def sent(self, who: str, command: Command) -> None:
        """A command goes out, perhaps not for the first time."""

    def waits(self, who: str, command: Command, answer: wire.Answer) -> None:
        """It is kept at the node, or was put off for a reason of the moment; its final answer comes later."""

    def answered(self, who: str, command: Command, answer: wire.Answer) -> None:
        """Its final answer is here."""

    def saw(self, person: Seen) -> None:
        """A person's verified record has grown: `view` and `lines` are as of its head."""


class ActRefused(Exception):
    """An act was refused for good; `refused` says why."""

    def __init__(self, who: str, type_: str, refused: wire.Refused) -> None:
        """Keep who, what and why."""
        super().__init__(f"{who}: {type_}: {refused.code}: {refused.en}")
        self.who = who
        self.type = type_
        self.refused = refused


class SeatLeft(Exception):
    """Another key was bound to the seat: somebody else sits there now."""
