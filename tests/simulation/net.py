"""The simulated network: connections that deliver in order, late, in part, or silently not at all.

A *cable* is one TCP connection with a message stream each way. Within a stream order is kept and nothing
is lost or doubled; but a cable can be reset (what is under way is lost), stalled (held back, and delivered
when the stall ends) or lost to one side's patience, and then a new cable stands beside the old one's late
messages. That is how duplicates and disorder reach a program that speaks TCP. Must not know what a message
means. Sources: RFC 9293; DESIGN 9; the fault list of the peers' notes.
"""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

from tests.simulation.loop import Life, SimLoop

PATIENCE_S = (15.0, 20.0)
"""How long the side that called, and the side that answered, take silence for life (heartbeats)."""

Message = tuple[str, int, str, Any]
"""Kind (`event`, `ack`), number (0: no answer wanted), event's name, data."""


class End:
    """One end of a cable: whose it is, and what it does with what arrives."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.take: Callable[[Message], None] = lambda _message: None
        self.lost: Callable[[], None] = lambda: None
        self.sent = 0
        self.arrived = 0
        """How many messages this end has sent, and how many of those the other has taken."""
        self.open = True
        self.due_s = 0.0
        self.readers: list[asyncio.Future[None]] = []
        """Who waits until the other end has taken everything."""
        self.held: list[Message] = []


def _wake(end: End) -> None:
    readers, end.readers = end.readers, []
    for one in readers:
        if not one.done():
            one.set_result(None)


class Cable:
    """One connection; end 0 has called, end 1 has answered."""

    def __init__(self, net: "Net", number: int, place: str, ends: tuple[End, End]) -> None:
        self.net = net
        self.number = number
        self.place = place
        """Which machine's access it goes over: partitions name it."""
        self.slowness = 1.0
        """How many times slower than a good line it always is."""
        self.ends = ends
        self.stalled = [False, False]
        """Whether what end 0 (1) sends is held back."""
        self.down = False

    def send(self, side: int, message: Message) -> None:
        """Send from an end; what a broken cable is given goes nowhere."""
        end = self.ends[side]
        if not end.open:
            return
        end.sent += 1
        if self.stalled[side]:
            end.held.append(message)
            return
        loop = self.net.loop
        end.due_s = max(end.due_s, loop.now_s + self.net.delay_s(self))
        other = self.ends[1 - side]
        loop.call_at(end.due_s, self._arrive, side, message, context=other.life.context)

    def close(self, side: int) -> None:
        """An end closes in order or dies: it hears nothing more; the other hears of it a little later."""
        end, other = self.ends[side], self.ends[1 - side]
        if not end.open:
            return
        end.open = False
        end.held.clear()
        if self.stalled[side]:
            return
        when = max(end.due_s, self.net.loop.now_s + self.net.delay_s(self))
        other.life.call_at(when, self._lose, 1 - side)

    def reset(self) -> None:
        """Break it for both at once: what is under way is lost."""
        self.down = True
        for side in (0, 1):
            self.ends[side].life.call_at(self.net.loop.now_s + self.net.delay_s(self), self._lose, side)

    def stall(self, *sides: int) -> None:
        """Hold back what these ends send; nobody is told."""
        for side in sides:
            if self.stalled[side] or self.down:
                continue
            self.stalled[side] = True
            patience = PATIENCE_S[1 - side]
            self.ends[1 - side].life.call_at(self.net.loop.now_s + patience, self._impatient, side)

    def heal(self) -> None:
        """Deliver what was held back, to an end that still listens; one that does not says so (RST)."""
        for side in (0, 1):
            if not self.stalled[side] or self.down:
                continue
            self.stalled[side] = False
            end, other = self.ends[side], self.ends[1 - side]
            held, end.held = end.held, []
            for message in held:
                end.sent -= 1
                self.send(side, message)
            if not end.open or not other.open:
                # The end that has gone answers whatever comes late with a reset.
                left = 1 - side if not end.open else side
                when = self.net.loop.now_s + self.net.delay_s(self)
                self.ends[left].life.call_at(max(when, end.due_s), self._lose, left)

    @property
    def dead(self) -> bool:
        """Whether nothing will ever come of it again."""
        return self.down or not (self.ends[0].open or self.ends[1].open)

    def _arrive(self, side: int, message: Message) -> None:
        end, other = self.ends[side], self.ends[1 - side]
        end.arrived += 1
        if end.readers and end.arrived == end.sent:
            _wake(end)
        if other.open and not self.down:
            other.take(message)

    def _lose(self, side: int) -> None:
        end = self.ends[side]
        if end.open:
            end.open = False
            end.held.clear()
            _wake(end)
            end.lost()

    def _impatient(self, side: int) -> None:
        """The other side has been silent for too long: its listener gives the cable up."""
        if self.stalled[side] and not self.down:
            listener = 1 - side
            self._lose(listener)
            if not self.stalled[listener]:
                when = self.net.loop.now_s + self.net.delay_s(self)
                self.ends[side].life.call_at(when, self._lose, side)


class Net:
    """All cables of one world."""

    def __init__(self, loop: SimLoop, dice: Random) -> None:
        self.loop = loop
        self.cables: list[Cable] = []
        self.cut_off: set[str] = set()
        """Machines whose access is silent: nothing gets through, and nobody is told."""
        self.slow: dict[str, float] = {}
        """Machine → how many times slower its access is."""
        self.resets = 0
        self._dice = dice
        self._made = 0

    def delay_s(self, cable: Cable) -> float:
        """How long one message takes: a few milliseconds, now and then a hundred times that."""
        spread = self._dice.random()
        late = 0.0 if spread < 0.97 else 0.5 * self._dice.random()
        return late + (0.002 + 0.010 * spread) * self.slow.get(cable.place, cable.slowness)

    def cable(self, place: str, caller: Life, answerer: Life) -> Cable:
        """A new connection between two machines over the access of one of them."""
        self._made += 1
        made = Cable(self, self._made, place, (End(caller), End(answerer)))
        self.cables.append(made)
        for side, life in enumerate((caller, answerer)):
            life.last_words.append(lambda side=side: made.close(side))  # type: ignore[misc]
        if place in self.cut_off:
            made.stall(0, 1)
        return made

    def living(self, place: str = "") -> list[Cable]:
        """The cables that still stand, of one machine's access or all."""
        self.cables = [one for one in self.cables if not one.dead]
        return [one for one in self.cables if place in ("", one.place)]

    def cut(self, place: str, *sides: int) -> None:
        """Cut a machine's access off, silently: new calls get no answer either."""
        self.cut_off.add(place)
        for one in self.living(place):
            one.stall(*(sides or (0, 1)))

    def mend(self, place: str) -> None:
        """Take a cut or slow access back."""
        self.cut_off.discard(place)
        self.slow.pop(place, None)
        for one in self.living(place):
            one.heal()
