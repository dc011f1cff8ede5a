"""Asking again over a line that is cut: how long, with what pauses, and after which refusals (SPEC 23.1).

Everything that is asked of the coordinator for a bid may be asked twice: a notice that was taken is the same
notice, a segment that is kept is told, a withdrawal has its receipt. So whoever lost an answer asks again.
"""

import threading
from typing import Any, Final, TypeVar

from ops import senses
from ops.bidder.line import Cut, Line, Refused, trouble

PATIENCE_S: Final = 600.0
"""So long it is tried without anything going forward."""
ASKING_S: Final = 180.0
"""So long one question is asked: two answers that never come, and a third try."""
PAUSE_S_MAX: Final = 15.0
AGAIN: Final = frozenset({"TooBusy", "NotDurable", "ReceivingElsewhere", "UploadUnknown", "SegmentDamaged"})
"""What may be otherwise in a while."""
_PAUSE_S_MIN: Final = 0.2

T = TypeVar("T")


class Patience:
    """Pauses that grow while nothing goes forward, and an end to them."""

    def __init__(self, most_s: float = PATIENCE_S) -> None:
        """Begin to wait, for so long."""
        self._most_ms = round(most_s * 1000)
        self.forward()

    def forward(self) -> None:
        """Something went forward: begin anew."""
        self._since = senses.running_ms()
        self._pause_s = _PAUSE_S_MIN

    def pause(self, error: Cut | Refused) -> None:
        """Wait before the next try.

        Raises:
          Trouble: it is no use: refused for good, or nothing went forward for too long.
        """
        final = isinstance(error, Refused) and error.refusal.code not in AGAIN
        if final or senses.running_ms() - self._since >= self._most_ms:
            raise trouble(error) from error
        threading.Event().wait(self._pause_s)
        self._pause_s = min(2 * self._pause_s, PAUSE_S_MAX)


def post(line: Line, path: str, body: Any, form: type[T], patience_s: float = ASKING_S) -> T:
    """Ask until it is answered; for what comes to the same when it is asked twice.

    Raises:
      Trouble: the coordinator refuses, or the line stays cut for so long.
    """
    waiting = Patience(patience_s)
    while True:
        try:
            return line.post(path, body, form)
        except (Cut, Refused) as error:
            waiting.pause(error)
