"""The bus: tells who listens that a session has grown. A hint, never the news itself (DESIGN 1.5).

A hint may be lost, doubled or late; whoever hears one asks "since N?" of its own cursor. Within
one process a call; between several see `redis_bus`, which also tells which nodes are connected where.
"""

from collections.abc import Callable
from typing import Literal, Protocol

Stands = Literal["alone", "here", "away"]
"""Whether hints reach other coordinators: there are none, they do, or they do not at the moment."""
Listener = Callable[[str, int], None]
"""Called with a session's id and its number of entries; must not block or raise."""


class Bus(Protocol):
    """Hints from whoever writes sessions to whoever follows them."""

    @property
    def stands(self) -> Stands:
        """Whether hints reach other coordinators now."""

    def start(self, present: Callable[[], frozenset[str]]) -> None:
        """Speak and hear from now on; `present` says which nodes are connected here."""

    async def stop(self) -> None:
        """Speak and hear no more."""

    def hint(self, session: str, size: int) -> None:
        """Say that a session has at least so many entries."""

    def echo(self, session: str, size: int) -> None:
        """Say it within this process only: what another has written can be read here."""

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear every hint from now on, until the returned function is called."""

    def elsewhere(self) -> frozenset[str]:
        """The nodes connected to other coordinators, as far as those were heard."""


class LocalBus:
    """The bus of one process: hints are calls."""

    def __init__(self) -> None:
        """Begin with nobody listening."""
        self._listeners: list[Listener] = []

    @property
    def stands(self) -> Stands:
        """See `Bus.stands`."""
        return "alone"

    def start(self, present: Callable[[], frozenset[str]]) -> None:
        """See `Bus.start`: there is nobody to speak to."""

    async def stop(self) -> None:
        """See `Bus.stop`."""

    def hint(self, session: str, size: int) -> None:
        """See `Bus.hint`."""
        for listener in tuple(self._listeners):
            listener(session, size)

    def echo(self, session: str, size: int) -> None:
        """See `Bus.echo`."""
        self.hint(session, size)

    def elsewhere(self) -> frozenset[str]:
        """See `Bus.elsewhere`: there are no others."""
        return frozenset()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """See `Bus.listen`."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop
