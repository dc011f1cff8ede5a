"""Several coordinators' registries on one store, in one process: what they say to each other is a call."""

from collections.abc import Callable
from typing import Any

from protocol.projection.project import view
from protocol.projection.visibility import releasable
from protocol.refusals import Refusal
from protocol.wire import Answer, Forwarded
from protocol.words import Role
from server.config import Bounds
from server.fanout.follower import Published
from server.senses import Senses
from server.sessions.actor import Actor
from server.sessions.asked import MOVED
from server.sessions.reader import PeerAway, Reader
from server.sessions.registry import Place
from server.sessions.shared import Member, SharedRegistry
from server.store.contract import Store
from server.telemetry import Meters
from tests.server.acting import House, until

QUICK = {"lease_ms": 1_500, "lease_renew_ms": 100, "sizes_poll_ms": 50}
"""Bounds of a lease that a test can wait for, and that a busy machine does not let run out by itself."""
STEADY = {"lease_ms": 60_000}
"""Where nobody dies, nobody shall be taken for dead."""


class Street:
    """Where coordinators find each other; an address that is shut answers nobody."""

    def __init__(self) -> None:
        self.houses: dict[str, SharedHouse] = {}
        self.shut: set[str] = set()
        self.brought: list[tuple[str, Forwarded]] = []

    async def submit(self, address: str, forwarded: Forwarded) -> Answer | Refusal:
        self.brought.append((address, forwarded))
        if address in self.shut or address not in self.houses:
            raise PeerAway(address)
        answer = await self.houses[address].shared.submit_here(forwarded.submit, forwarded.node)
        if answer is MOVED:
            raise PeerAway("421")
        return answer


class SharedHouse(House):
    """A coordinator among several."""

    def __init__(
        self,
        name: str,
        street: Street,
        make: Callable[[Meters, Bounds], Store],
        senses: Senses | None = None,
        /,
        **bounds: int,
    ) -> None:
        self.name = name
        self.street = street
        self.followed: set[str] = set()
        self.learnt = 0
        street.houses[name] = self
        meters, found = Meters(), Bounds(**(QUICK | bounds))
        super().__init__(None, store=make(meters, found), senses=senses, **(QUICK | bounds))  # type: ignore[arg-type]

        async def learn() -> None:
            self.learnt += 1

        member = Member(name, street, learn, lambda: frozenset(self.followed), name)
        self.registry = self.shared = SharedRegistry(self.around, member)

    async def begin(self) -> None:
        await self.store.prepare()
        self.shared.start()

    def place(self, session: str) -> Place | None:
        return self.shared._places.get(session)

    def holds(self, session: str) -> bool:
        return session in self.shared.held()

    def stand_still(self) -> None:
        """As a process that is stopped: it renews nothing, looks at nothing, hears nothing."""
        for chore in self.shared._chores:
            chore.cancel()
        self.shared._chores.clear()

    async def die(self) -> None:
        """As a process that is killed: whatever was under way ends, nothing is let go of."""
        self.stand_still()
        for place in self.shared._places.values():
            assert isinstance(place, Actor | Reader)
            place._task.cancel()
        self.shared._places.clear()
        await self.store.close()


async def held_by(session: str, *houses: SharedHouse) -> SharedHouse:
    """Wait until exactly one of them holds a session, and say which."""

    async def is_one() -> bool:
        return len([one for one in houses if one.holds(session)]) == 1

    await until(is_one)
    return next(one for one in houses if one.holds(session))


ROLES: dict[Role, str] = {
    "agent": "agent", "tenderee": "T1", "expert": "M1", "witness": "W1", "supervisor": "S1", "keeper": "K1",
    "bidder": "b1",
}  # fmt: skip


def shown(published: Published) -> dict[str, Any]:
    """All that anybody could be shown of a session: each role's page, and what nodes may hold."""
    state, disclosed = published.state, published.disclosed
    return {
        role: (
            view(state, disclosed, role, seat),
            tuple(releasable(state, disclosed, frozenset((role,)), "anhui")),
        )
        for role, seat in ROLES.items()
    }
