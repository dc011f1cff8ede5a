"""The bus: tells who listens that a session has grown. A hint, never the news itself (DESIGN 1.5).

A hint may be lost, doubled or late; whoever hears one asks "since N?" of its own cursor. Within
one process a call; between several a later implementation of the same interface.
"""

from collections.abc import Callable
from typing import Protocol

Listener = Callable[[str, int], None]
"""Called with a session's id and its number of entries; must not block or raise."""


class Bus(Protocol):
    """Hints from whoever writes sessions to whoever follows them."""

    def hint(self, session: str, size: int) -> None:
        """Say that a session has at least so many entries."""

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear every hint from now on, until the returned function is called."""


class LocalBus:
    """The bus of one process: hints are calls."""

    def __init__(self) -> None:
        """Begin with nobody listening."""
        self._listeners: list[Listener] = []

    def hint(self, session: str, size: int) -> None:
        """See `Bus.hint`."""
        for listener in tuple(self._listeners):
            listener(session, size)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """See `Bus.listen`."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop
