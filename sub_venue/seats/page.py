"""A page that is connected to its node: what it was asked to prove, has proved, and has been told."""

from collections.abc import Callable

from protocol.refusals import Refusal
from sub_venue.seats.screens import Seated


class Page:
    """One connected page: what it was asked to prove, what it has proved, how far it has been told."""

    def __init__(
        self, sid: str, cut: Callable[[], None], stir: Callable[[], None],
        heard_ms: Callable[[], int] = lambda: 0, origin: str = "",
    ) -> None:  # fmt: skip
        """A page that has proved nothing yet.

        `cut` breaks its connection at once; `stir` says that there is something to tell it; `heard_ms` tells
        when it was last heard of, on the clock that never goes back. `origin` is that under which it was
        opened, which was looked at when it connected.
        """
        self.sid = sid
        self.cut = cut
        self.stir = stir
        self.heard_ms = heard_ms
        self.origin = origin
        self.nonce = b""
        self.nonce_ms = 0
        self.seated: Seated | None = None
        self.seated_ms = 0
        self.follows = False
        self.cursor = 0
        self.idle: Seated | None = None
        """Whom the page would speak for, had its person not been idle for too long."""
        self.unseated: Refusal | None = None
        """Why the page speaks for nobody any more; until it has been told."""
        self.authors: set[tuple[str, str]] = set()
        """(session, key) that have acted here: whose late answers this page is told."""
