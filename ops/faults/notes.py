"""What everybody at their desks was told, taken down: receipts, refusals of the moment, and how long it took.

Owns the ear that faults and their judge share; whoever wants to break something at a moment waits for it
here.
"""

import asyncio
from collections.abc import Callable
from statistics import median

from msgspec import Struct

from ops import senses
from ops.people.listener import Listener, Seen
from protocol import wire
from protocol.commands import Command
from protocol.views import View


class Told(Struct, frozen=True):
    """A command's final answer, and how long that took, ms."""

    who: str
    type: str
    answer: wire.Answer
    took_ms: int


class Notes(Listener):
    """Hears all people of one session."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self.answers: dict[str, Told] = {}
        self.receipts: dict[str, wire.Kept] = {}
        """Command → the first receipt that it is kept."""
        self.put_offs: list[tuple[str, str, wire.Refused]] = []
        """(who, command's type, why) of refusals of the moment."""
        self.in_flight: dict[str, tuple[str, Command]] = {}
        self.going_out: tuple[str, Command] | None = None
        """What is being sent at this very moment."""
        self.views: dict[str, View] = {}
        self.last_ms = senses.running_ms()
        self._sent_ms: dict[str, int] = {}
        self._changed = asyncio.Event()
        self._wished: list[tuple[Callable[[], object], Callable[[], object]]] = []

    def sent(self, who: str, command: Command) -> None:
        """See `Listener.sent`."""
        self._sent_ms.setdefault(command.command_id, senses.running_ms())
        self.in_flight[command.command_id] = (who, command)
        self.going_out = (who, command)
        self._tell()
        self.going_out = None

    def waits(self, who: str, command: Command, answer: wire.Answer) -> None:
        """See `Listener.waits`."""
        if answer.kept is not None:
            self.receipts.setdefault(command.command_id, answer.kept)
        if answer.refused is not None:
            self.put_offs.append((who, command.type, answer.refused))
        self._tell()

    def answered(self, who: str, command: Command, answer: wire.Answer) -> None:
        """See `Listener.answered`."""
        took_ms = senses.running_ms() - self._sent_ms[command.command_id]
        self.in_flight.pop(command.command_id, None)
        self.answers[command.command_id] = Told(who, command.type, answer, took_ms)
        self.last_ms = senses.running_ms()
        self._tell()

    def saw(self, person: Seen) -> None:
        """See `Listener.saw`."""
        assert person.view is not None
        self.views[person.seat] = person.view
        self._tell()

    def when(self, test: Callable[[], object], do: Callable[[], object]) -> None:
        """Do something once, at the very moment when a test holds: before anybody goes on from there."""
        self._wished.append((test, do))

    async def until(self, test: Callable[[], object], timeout_s: float, what: str) -> None:
        """Wait until what was heard passes a test.

        Raises:
          AssertionError: it does not in time; says what was awaited.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not test():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError as error:
            raise AssertionError(f"{timeout_s:.0f} s went by without: {what}") from error

    def phase(self, seat: str) -> str:
        """The session's phase as a seat sees it; empty before it sees any."""
        view = self.views.get(seat)
        return view.phase if view is not None else ""

    def stage(self, seat: str) -> str:
        """The phase of the first stage as a seat sees it; empty before there is one."""
        view = self.views.get(seat)
        return view.stages[0].phase if view is not None and view.stages else ""

    def count(self, type_: str) -> int:
        """How many acts of a type have their final answer."""
        return sum(1 for told in self.answers.values() if told.type == type_)

    def refused_with(self, code: str) -> int:
        """How many refusals of the moment had a code."""
        return sum(1 for _, _, one in self.put_offs if one.code == code)

    def took(self, *, but: frozenset[str] = frozenset()) -> dict[str, int | float]:
        """How long acts took from their first sending to their final answer; `but` leaves seats out."""
        found = sorted(told.took_ms for told in self.answers.values() if told.who not in but)
        if not found:
            return {}
        return {"acts": len(found), "act_p50_ms": median(found), "act_max_ms": found[-1]}

    def _tell(self) -> None:
        for one in tuple(self._wished):
            if one[0]():
                self._wished.remove(one)
                one[1]()
        self._changed.set()
