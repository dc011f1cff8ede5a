"""A session's log: signed over what is durable, cosigned as it grows, silent where entries were changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.ledger import checkpoint, quorum, receipt, tiles, tree
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.cosigner import SIZE, Answer, Keep
from protocol.ledger.levels import Levels
from protocol.ledger.note import Key, ed25519_signer
from protocol.ledger.tiles import Tile
from server.gateway.problems import of_cosigners
from server.ledger.cosigning import Cosigning
from server.ledger.logs import Altered, Logs
from tests.server.acting import House, Script, binding, until
from tests.server.ledger.cosigner import Cosigner

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))


@pytest.fixture
async def logs(house: House, script: Script) -> Logs:
    script.to_check_in()
    await house.play(script)
    return Logs(house.registry, "bids.example", PRIVATE, trees_max=2)


@pytest.fixture
def log_key(logs: Logs) -> Key:
    return logs.key("s-1")


class _Round:
    """A log that is being cosigned."""

    def __init__(self, house: House, logs: Logs, *cosigners: Cosigner) -> None:
        bounds = house.bounds.model_copy(update={"checkpoint_ms": 1, "cosign_pause_ms_max": 20})
        parties = tuple(one.party for one in cosigners)
        self.cosigning = Cosigning(
            logs, house.store, parties, bounds, house.senses.now_ms, house.registry.writes,
            lambda: ((one.session, one.size) for one in house.registry.notes_awake()),
        )  # fmt: skip
        house.bus.listen(self.cosigning.hear)
        self.policy = quorum.read(
            f"log {logs.key('s-1').vkey}\n"
            + "".join(f"witness {one.name} {one.rules.keys[0].vkey}\n" for one in cosigners)
            + f"group all {len(cosigners)} {' '.join(one.name for one in cosigners)}\nquorum all\n"
        )

    async def is_cosigned(self, size: int) -> bool:
        text = await self.cosigning.cosigned("s-1", size)
        if text is None:
            return False
        judged = quorum.look(text, self.policy)
        assert judged.head.size == size
        return self.policy.is_met(judged.cosigned)


@pytest.fixture
async def cosign(house: House, logs: Logs) -> AsyncIterator[Callable[..., _Round]]:
    made: list[_Round] = []

    def begin(*cosigners: Cosigner) -> _Round:
        made.append(_Round(house, logs, *cosigners))
        return made[-1]

    yield begin
    for one in made:
        await one.cosigning.stop()


async def test_a_head_is_over_all_durable_entries_and_any_earlier_one_can_be_had(
    house: House, logs: Logs, log_key: Key, script: Script
) -> None:
    entries = await house.store.entries("s-1", 0, 10_000)
    assert len(entries) == script.at.size
    for size in (None, 1, 3, len(entries)):
        text = await logs.head("s-1", size)
        assert text is not None
        head, _ = checkpoint.open_checkpoint(text, [log_key])
        assert head.origin == "bids.example/s-1"
        assert head.size == (size or len(entries))
        assert head.root == tree.root([tree.leaf_hash(raw) for raw in entries[: head.size]])
    assert await logs.head("s-1", len(entries) + 1) is None
    assert await logs.head("s-1", 0) is None
    assert await logs.head("s-2") is None


async def test_from_tiles_and_bundles_alone_the_root_is_worked_out(
    house: House, logs: Logs, script: Script
) -> None:
    size = script.at.size
    entries: tuple[bytes, ...] = ()
    for number in range(-(-size // tiles.WIDTH)):
        raw = await logs.bundle("s-1", Tile(-1, number, min(tiles.WIDTH, size - number * tiles.WIDTH)))
        assert raw is not None
        entries += tiles.read_bundle(raw, min(tiles.WIDTH, size - number * tiles.WIDTH))
    grown = Levels(tree.leaf_hash(raw) for raw in entries)
    for tile in tiles.of_size(size):
        assert await logs.tile("s-1", tile) == tiles.cut(grown, tile)
    published = await house.registry.published("s-1")
    assert published is not None
    assert grown.root() == tree.frontier_root(published.state.frontier)
    assert await logs.tile("s-1", Tile(0, 0, size % tiles.WIDTH + 1)) is None
    assert await logs.bundle("s-1", Tile(-1, 0, size % tiles.WIDTH + 1)) is None
    assert await logs.bundle("s-2", Tile(-1, 0, 1)) is None


async def test_entries_that_were_changed_under_the_session_are_not_signed(
    house: House, logs: Logs, script: Script
) -> None:
    class Tampering:
        """A database whose superuser has been at work."""

        def __init__(self, change: Callable[[int, tuple[bytes, ...]], tuple[bytes, ...]]) -> None:
            self.change = change

        async def published(self, session: str, at_least: int = 0) -> object:
            return await house.registry.published(session, at_least)

        async def entries(self, session: str, since: int, count_max: int) -> tuple[bytes, ...]:
            return self.change(since, await house.registry.entries(session, since, count_max))

    for change in (
        lambda _, found: (b"{}", *found[1:]),
        lambda _, found: (found[1], found[0], *found[2:]),
        lambda since, found: found[: max(0, 5 - since)],
        lambda _, found: (*found[:-1], found[0]),
    ):
        with pytest.raises(Altered):
            await Logs(Tampering(change), "bids.example", PRIVATE, 2).head("s-1")  # type: ignore[arg-type]


async def test_few_trees_are_held_and_others_grow_again(house: House, logs: Logs, log_key: Key) -> None:
    before = await logs.head("s-1")
    small = Logs(house.registry, "bids.example", PRIVATE, trees_max=0)
    assert await small.head("s-1") == before
    assert not small._trees
    both = await asyncio.gather(small.head("s-1"), small.head("s-1"))
    assert set(both) == {before}
    assert not small._growing


async def test_every_cosigner_signs_each_head_as_the_log_grows(
    house: House, logs: Logs, log_key: Key, script: Script, cosign: Callable[..., _Round]
) -> None:
    one, two = Cosigner(1, log_key), Cosigner(2, log_key, with_sm2=True)
    async with one.open(), two.open():
        rounds = cosign(one, two)
        size = 0
        for number in range(3):
            await house.accept(binding(script, "M1", f"key-{number}"))
            size = await house.size("s-1")
            await until(lambda size=size: rounds.is_cosigned(size))
        text = await rounds.cosigning.cosigned("s-1")
        assert text is not None
        assert text.count("p2.example/cosigner") == 2
        assert rounds.cosigning.owed("s-1") == ()
        # It is kept, without those before it: another coordinator, or the next start, has it too.

        async def kept() -> bool:
            return await house.store.heads("s-1") == {size: text}

        await until(kept)
        again = Cosigning(logs, house.store, (), house.bounds, house.senses.now_ms, house.registry.writes)
        assert await again.cosigned("s-1") == await again.cosigned("s-1", size) == text
        assert await again.cosigned("s-1", 3) is None
        # What is cosigned makes a receipt for each of the entries.
        grown = await logs.grown("s-1")
        assert grown is not None
        entries = await house.store.entries("s-1", 0, 10_000)
        made = receipt.Receipt(4, grown.inclusion(4, size), text, entries[4])
        entry, judged = receipt.verify_entry(receipt.read(made.text), rounds.policy)
        assert (entry, judged.cosigned) == (entries[4], ("p1", "p2"))


async def test_who_is_late_is_named_and_its_line_follows(
    house: House, log_key: Key, script: Script, cosign: Callable[..., _Round]
) -> None:
    one, two = Cosigner(1, log_key), Cosigner(2, log_key)
    async with one.open(), two.open():
        two.instead = Answer(503, "the disk is full\n")
        rounds = cosign(one, two)
        await house.accept(binding(script, "M1", "key-0"))
        size = await house.size("s-1")

        async def late() -> bool:
            return [owed.name for owed in rounds.cosigning.owed("s-1")] == ["p2"]

        await until(late)
        (owed,) = rounds.cosigning.owed("s-1")
        assert (owed.stopped, owed.since) == (False, house.senses.now_ms())
        assert not await rounds.is_cosigned(size)
        two.instead = None
        await until(lambda: rounds.is_cosigned(size))
        assert rounds.cosigning.owed("s-1") == ()


@pytest.mark.parametrize(
    "answer",
    [Answer(422, "another root\n"), Answer(409, ""), Answer(409, "100000\n", SIZE), Answer(409, "x\n")],
)
async def test_a_cosigner_that_holds_another_history_or_more_of_it_is_asked_no_more(
    house: House, log_key: Key, script: Script, cosign: Callable[..., _Round], answer: Answer
) -> None:
    one, two = Cosigner(1, log_key), Cosigner(2, log_key)
    async with one.open(), two.open():
        two.instead = answer
        rounds = cosign(one, two)
        await house.accept(binding(script, "M1", "key-0"))

        async def stopped() -> bool:
            return [owed.stopped for owed in rounds.cosigning.owed("s-1")] == [True]

        await until(stopped)
        asked = len(two.statuses)
        await house.accept(binding(script, "M1", "key-1"))
        size = await house.size("s-1")

        async def first() -> bool:
            return one.history.size == size

        await until(first)
        assert len(two.statuses) == asked


async def test_whoever_is_behind_another_coordinator_cries_no_fork_and_asks_with_what_there_is_by_then(
    house: House, log_key: Key, script: Script, cosign: Callable[..., _Round]
) -> None:
    before = await house.registry.published("s-1")
    assert before is not None
    seen = before.state.size

    class Behind:
        """A coordinator that wrote this log until another took it over, and looks only when it is told."""

        told = False

        async def published(self, session: str, at_least: int = 0) -> object:
            self.told = self.told or at_least > seen
            return await house.registry.published(session, at_least) if self.told else before

        async def entries(self, session: str, since: int, count_max: int) -> tuple[bytes, ...]:
            return await house.registry.entries(session, since, count_max)

    one = Cosigner(1, log_key)
    async with one.open():
        ahead = cosign(one)
        await house.accept(binding(script, "M1", "key-0"))
        size = await house.size("s-1")
        await until(lambda: ahead.is_cosigned(size))
        behind = _Round(house, Logs(Behind(), "bids.example", PRIVATE, trees_max=2), one)  # type: ignore[arg-type]
        behind.cosigning.hear("s-1", size)

        async def caught_up() -> bool:
            done = 409 in one.statuses and one.statuses[-1] == 200
            return done and behind.cosigning.owed("s-1") == ()

        try:
            await until(caught_up)
        finally:
            await behind.cosigning.stop()


async def test_a_line_that_is_not_the_cosigners_own_counts_for_nothing(
    house: House, log_key: Key, script: Script, cosign: Callable[..., _Round]
) -> None:
    one, stranger = Cosigner(1, log_key), Cosigner(9, log_key)
    async with one.open():
        rounds = cosign(one)
        one.rules = stranger.rules
        await house.accept(binding(script, "M1", "key-0"))

        async def owes() -> bool:
            return bool(rounds.cosigning.owed("s-1"))

        await until(owes)
        assert await rounds.cosigning.cosigned("s-1") is None


async def test_a_store_that_lost_entries_is_found_by_its_cosigners_before_the_next_one(
    house: House, log_key: Key, script: Script, cosign: Callable[..., _Round]
) -> None:
    longer = [tree.leaf_hash(raw) for raw in await house.store.entries("s-1", 0, 10_000)]
    grown = Levels([*longer, tree.leaf_hash(b"one that the store has lost")])
    one = Cosigner(1, log_key)
    head = Checkpoint(log_key.name, grown.size, grown.root())
    signed = checkpoint.sign(head, ed25519_signer(log_key.name, PRIVATE))
    one.history.hold(Keep(log_key.name, grown.size, grown.root(), signed, 1))
    async with one.open():
        rounds = cosign(one)
        rounds.cosigning.start()

        async def found() -> bool:
            return [owed.stopped for owed in rounds.cosigning.owed("s-1")] == [True]

        await until(found)
        ((session, owed),) = rounds.cosigning.all_owed()
        (told,) = of_cosigners([(session, owed)], house.senses.now_ms(), house.bounds)
        assert (told.code, told.grave, told.about) == ("HistoriesDiffer", "bad", "s-1")
        late = msgspec.structs.replace(owed, because="away")
        assert list(of_cosigners([(session, late)], late.since, house.bounds)) == []
        (told,) = of_cosigners([(session, late)], late.since + 60_001, house.bounds)
        assert (told.code, told.about) == ("CosignerLate", "p1")


@pytest.mark.parametrize(
    ("answer", "code", "ends"),
    [
        (Answer(422, "RuleBroken OtherEvents at entry 20\n"), "RuleBroken", True),
        (Answer(422, "EntriesForeign: not those of this head\n"), "HistoriesDiffer", True),
        (Answer(403, "RuleBroken PolicyForeign at entry 0\n"), "SessionNotAgreed", False),
        (Answer(403, "ProvinceUnsigned: not what was agreed\n"), "SessionNotAgreed", False),
        (Answer(403, "no key of this log has signed\n"), "CosignerLate", False),
    ],
)  # fmt: skip
async def test_a_broken_rule_another_history_and_a_session_not_agreed_are_three_alarms(
    house: House, log_key: Key, cosign: Callable[..., _Round], answer: Answer, code: str, ends: bool
) -> None:
    one = Cosigner(1, log_key)
    one.instead = answer
    async with one.open():
        rounds = cosign(one)
        rounds.cosigning.start()

        async def refused() -> bool:
            return bool(rounds.cosigning.all_owed())

        await until(refused)
        owed = rounds.cosigning.all_owed()
        (told,) = of_cosigners(owed, owed[0][1].since + 60_001, house.bounds)
        assert (told.code, owed[0][1].stopped) == (code, ends)
        if ends:
            return
        # Who is told otherwise by then cosigns by itself.
        one.instead = None

        async def cosigned() -> bool:
            return not rounds.cosigning.all_owed()

        await until(cosigned)
