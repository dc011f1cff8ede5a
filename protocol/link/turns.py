"""Turns on one connection: what must be answered before anything is pushed on it. Sans I/O.

A request to follow (`feed`, `follow`) is answered with where its reader stands; a push that overtook the
answer would seem to come out of turn. The answer waits in Engine.IO's queue while a push goes straight to
the socket, so the socket remembers which numbers are owed an answer and lets pushes wait for them. Source:
SPEC 10.1.
"""

_ACK = "43"
"""Engine.IO's *message* (4) that holds Socket.IO's ACK (3)."""


class Turns:
    """The requests of one connection that wait for their answers; true while there are any.

    >>> turns = Turns("/node")
    >>> turns.asked("7")
    >>> turns.answered('43/node,7[{"since":0}]'), bool(turns)
    (True, False)
    """

    def __init__(self, namespace: str) -> None:
        """Begin with nothing asked."""
        self._owed: set[str] = set()
        self._begins = f"{_ACK}{namespace},"

    def asked(self, number: str) -> None:
        """A request came that asks for an answer under this number."""
        self._owed.add(number)

    def answered(self, message: str | bytes) -> bool:
        """A message has gone out; whether it was the last answer that pushes wait for."""
        if not self._owed or not isinstance(message, str) or not message.startswith(self._begins):
            return False
        self._owed.discard(message[len(self._begins) :].partition("[")[0])
        return not self._owed

    def __bool__(self) -> bool:
        return bool(self._owed)
