"""Real cosigner processes at a milestone: one is killed, owed, and settles; another is waited for hard."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec.structs import replace

from protocol.ledger import note, quorum, trust
from protocol.ledger.quorum import Party
from protocol.plan.case import Case
from protocol.projection import cosigned
from protocol.session.milestones.due import proposed
from protocol.session.state import State, is_reached
from protocol.views import LateView, MilestoneView
from server.ledger import asking
from server.ledger.cosigning import Cosigning
from server.ledger.logs import Logs
from server.sessions.registry import Registry
from tests.server.acting import House, until
from tests.server.ledger.booked import LOG, PRIVATE, Booked
from tests.sub_venue.cosigner.ground import Cosigner, Log

NAMES = ("p1", "p2", "p3", "p4")
WAIT_MS = 180_000


class Provinces:
    """A coordinator's house, and four provinces whose cosigners are processes."""

    def __init__(self, house: House, script: Booked, cosigners: tuple[Cosigner, ...]) -> None:
        self.house = house
        self.script = script
        self.cosigners = cosigners
        self.cosigning: Cosigning

    async def state(self) -> State:
        published = await self.house.registry.published("s-1")
        assert published is not None
        return published.state

    async def genesis(self) -> MilestoneView:
        """The first milestone as every page is shown it."""
        return cosigned.milestones(await self.state(), "expert")[0]

    async def comes(self, holds: Callable[[MilestoneView], bool]) -> MilestoneView:
        async def held() -> bool:
            return holds(await self.genesis())

        await until(held)
        return await self.genesis()

    def pass_time(self, wait_ms: int) -> None:
        self.house.senses.now += wait_ms  # type: ignore[attr-defined]
        self.house.registry.nudge("s-1")

    async def have_cosigned(self, *names: str) -> None:
        async def have() -> bool:
            return self.cosigning.found("s-1").cosigned == names

        await until(have)

    async def committee(self) -> str:
        """The agent imports the committee: the code with which it is refused, empty where it is not."""
        content, disclosures = self.script.committee_content()
        submit = replace(self.script.next_submit("agent", content), disclosures=disclosures)
        answer = await self.house.submit(submit)
        return "" if getattr(answer, "refused", None) is None else answer.refused.code  # type: ignore[union-attr]


@pytest_asyncio.fixture
async def provinces(tmp_path: Path, case: Case, request: pytest.FixtureRequest) -> AsyncIterator[Provinces]:
    """Three of four are enough; whoever the parameter names is waited for however long."""
    log = Log()
    await log.start()
    family = note.vkey(LOG.key.name, PRIVATE.public_key())
    cosigners = tuple(Cosigner(tmp_path, number, log, "one", []) for number in (1, 2, 3, 4))
    for one in cosigners:
        one.tell({"logs": [{"below": LOG.key.name, "keys": [family], "url": f"http://127.0.0.1:{log.port}"}]})
    house = House(tmp_path / "coordinator.db")
    try:
        await asyncio.gather(*(one.start() for one in cosigners))
        policy = trust.live(
            Party(LOG.key.name, LOG.key, ""), [(one.name, (one.key,), "") for one in cosigners],
            hard=getattr(request, "param", ()),
        )  # fmt: skip
        script = Booked(case, policy)
        script.book()
        found = Provinces(house, script, cosigners)
        house.around = replace(
            house.around, propose=lambda state, at: proposed(state, at, found.cosigning.found(state.session))
        )
        house.registry = Registry(house.around)
        bounds = house.bounds.model_copy(update={"checkpoint_ms": 1, "cosign_pause_ms_max": 20})
        found.cosigning = Cosigning(
            Logs(house.registry, LOG.key.name, PRIVATE, trees_max=2), house.store,
            tuple(asking.Party(one.name, (one.key,), one.url) for one in cosigners), bounds,
            house.senses.now_ms, house.registry.writes, policy=policy, nudge=house.registry.nudge,
        )  # fmt: skip
        house.bus.listen(found.cosigning.hear)
        try:
            yield found
        finally:
            await found.cosigning.stop()
    finally:
        await house.close()
        for one in cosigners:
            await one.kill()
        await log.stop()


async def test_a_cosigner_killed_at_a_milestone_is_owed_while_the_session_goes_on_and_settles_once_it_is_back(
    provinces: Provinces,
) -> None:
    away = provinces.cosigners[3]
    await away.kill()
    await provinces.house.play(provinces.script)
    await provinces.have_cosigned("p1", "p2", "p3")
    # A quorum is there, and the missing one is awaited for as long as genesis says.
    assert (await provinces.genesis()).size == 0
    assert await provinces.committee() == "MilestoneAwaited"

    provinces.pass_time(WAIT_MS)
    owed = await provinces.comes(lambda one: one.size > 0)
    since = (await provinces.state()).at
    assert (owed.cosigned, owed.owed) == (NAMES[:3], ("p4",))
    assert owed.late == (LateView("p4", since, 0),)
    assert await provinces.committee() == ""

    provinces.pass_time(60_000)
    away.tell_port()
    await away.start()
    settled = await provinces.comes(lambda one: not one.owed)
    assert (settled.cosigned, settled.size) == (NAMES, owed.size)
    (late,) = settled.late
    assert (late.cosigner, late.since, late.settled >= since + 60_000) == ("p4", since, True)
    # Its line is kept, under a head that covers the milestone.
    heads = await provinces.house.store.heads("s-1")
    signed = [
        size for size, text in heads.items() if "p4" in quorum.look(text, provinces.script.policy).cosigned
    ]
    assert max(signed) >= owed.size


@pytest.mark.parametrize("provinces", [("p4",)], indirect=True)
async def test_a_province_that_waits_hard_holds_the_session_until_its_cosigner_is_back(
    provinces: Provinces,
) -> None:
    away = provinces.cosigners[3]
    await away.kill()
    await provinces.house.play(provinces.script)
    await provinces.have_cosigned("p1", "p2", "p3")
    provinces.pass_time(100 * WAIT_MS)
    assert await provinces.committee() == "MilestoneAwaited"
    assert not is_reached(await provinces.state(), "genesis")
    away.tell_port()
    await away.start()
    reached = await provinces.comes(lambda one: one.size > 0)
    assert (set(reached.cosigned) >= {"p4"}, reached.late) == (True, ())
