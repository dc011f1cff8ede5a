"""A milestone by real lines: the coordinator asks its cosigners, and goes on by what they gave."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from protocol.ledger import checkpoint, quorum, trust
from protocol.ledger.cosigner import Answer
from protocol.ledger.quorum import Party
from protocol.plan.case import Case
from protocol.session.milestones.due import proposed
from protocol.session.state import Reached, is_reached
from server.ledger.cosigning import Cosigning
from server.ledger.logs import Logs
from server.sessions.registry import Registry
from tests.server.acting import House, until
from tests.server.ledger.booked import LOG, LOG_S1, PRIVATE, Booked
from tests.server.ledger.cosigner import Cosigner


class _Milestones:
    """A house with four cosigners of whom three are enough."""

    def __init__(self, house: House, script: Booked, cosigners: tuple[Cosigner, ...]) -> None:
        self.house = house
        self.script = script
        self.cosigners = cosigners
        self.cosigning: Cosigning

    async def reached(self) -> Reached | None:
        published = await self.house.registry.published("s-1")
        assert published is not None
        state = published.state
        return state.milestones["genesis@/"] if is_reached(state, "genesis") else None

    async def is_owed(self) -> bool:
        found = await self.reached()
        return found is not None and found.owed == ("p4",)

    async def is_whole(self) -> bool:
        found = await self.reached()
        return found is not None and found.cosigned == ("p1", "p2", "p3", "p4") and not found.owed


@pytest.fixture
async def milestones(tmp_path: Path, case: Case) -> AsyncIterator[_Milestones]:
    house = House(tmp_path / "coordinator.db")
    cosigners = tuple(Cosigner(number, LOG_S1) for number in (1, 2, 3, 4))
    policy = trust.live(
        Party("bids.example", LOG.key, ""), [(one.name, one.rules.keys, "") for one in cosigners]
    )
    script = Booked(case, policy)
    script.book()
    found = _Milestones(house, script, cosigners)
    house.around = replace(
        house.around, propose=lambda state, at: proposed(state, at, found.cosigning.found(state.session))
    )
    house.registry = Registry(house.around)
    async with cosigners[0].open(), cosigners[1].open(), cosigners[2].open(), cosigners[3].open():
        bounds = house.bounds.model_copy(update={"checkpoint_ms": 1, "cosign_pause_ms_max": 20})
        found.cosigning = Cosigning(
            Logs(house.registry, "bids.example", PRIVATE, trees_max=2), house.store,
            tuple(one.party for one in cosigners), bounds, house.senses.now_ms, house.registry.writes,
            policy=policy, nudge=house.registry.nudge,
        )  # fmt: skip
        house.bus.listen(found.cosigning.hear)
        try:
            yield found
        finally:
            await found.cosigning.stop()
            await house.close()


async def test_a_milestone_is_reached_as_soon_as_all_have_cosigned_and_its_head_is_kept(
    milestones: _Milestones,
) -> None:
    await milestones.house.play(milestones.script)
    await until(milestones.is_whole)
    found = await milestones.reached()
    assert found is not None

    async def kept() -> bool:
        """Beside the newest one, for whoever makes the archive."""
        heads = await milestones.house.store.heads("s-1")
        return found.size in heads and max(heads) > found.size

    await until(kept)
    text = (await milestones.house.store.heads("s-1"))[found.size]
    judged = quorum.judge(text, milestones.script.policy)
    assert (judged.head.size, judged.head.root) == (found.size, found.root)
    assert checkpoint.read(judged.note.text).root == found.root


async def test_who_is_away_is_owed_after_the_wait_and_settled_once_it_is_back(
    milestones: _Milestones,
) -> None:
    house, away = milestones.house, milestones.cosigners[3]
    away.instead = Answer(503, "the line is cut\n")
    await house.play(milestones.script)

    async def three() -> bool:
        return len(milestones.cosigning.found("s-1").cosigned) == 3

    await until(three)
    assert await milestones.reached() is None
    house.senses.now += 180_000  # type: ignore[attr-defined]
    house.registry.nudge("s-1")
    await until(milestones.is_owed)
    away.instead = None
    await until(milestones.is_whole)


async def test_without_a_quorum_the_session_waits_however_long(milestones: _Milestones) -> None:
    house = milestones.house
    for one in milestones.cosigners[2:]:
        one.instead = Answer(503, "the line is cut\n")
    await house.play(milestones.script)

    async def two() -> bool:
        return len(milestones.cosigning.found("s-1").cosigned) == 2

    await until(two)
    house.senses.now += 86_400_000  # type: ignore[attr-defined]
    house.registry.nudge("s-1")
    for one in milestones.cosigners[2:3]:
        one.instead = None
    await until(milestones.is_owed)
