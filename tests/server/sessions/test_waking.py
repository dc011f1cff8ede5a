"""A long session wakes from its snapshot; what does not fit is ignored, and all is folded again."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from protocol.plan.case import Case
from protocol.session import snapshot
from protocol.session.state import State
from server.config import Bounds
from server.senses import Senses
from server.sessions import snapshots, waking
from server.sessions.signer import Signer
from server.sessions.waking import Source
from server.store.contract import Batch, KeptAnswer, NotDurable, Snapshot
from server.store.sqlite import SqliteStore
from server.telemetry import Meters
from tests.protocol.world import private_key
from tests.server.acting import House, Script, binding, code
from tests.server.sessions.lengthening import lengthen, store_long

LONG = 5_000
SIGNER = Signer(private_key("installation"))


class Counted(SqliteStore):
    """A store that counts what is read of it, and whose snapshots can be made to fail or to wait."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, Meters(), 512)
        self.entries_read = 0
        self.answers_read = 0
        self.snapshot_fails = False
        self.snapshot_open = asyncio.Event()
        self.snapshot_open.set()

    async def entries(self, session: str, since: int, count_max: int) -> tuple[bytes, ...]:
        found = await super().entries(session, since, count_max)
        self.entries_read += len(found)
        return found

    async def answers(self, session: str, author: str) -> tuple[KeptAnswer, ...]:
        found = await super().answers(session, author)
        self.answers_read += len(found)
        return found

    async def put_snapshot(self, snapshot: Snapshot) -> None:
        await self.snapshot_open.wait()
        if self.snapshot_fails:
            raise NotDurable("no space left on device")
        await super().put_snapshot(snapshot)


async def state_of(house: House, session: str) -> State:
    published = await house.registry.published(session)
    assert published is not None
    return published.state


@pytest.fixture
def booked(script: Script) -> Script:
    script.to_check_in()
    return script


# --- what is read --------------------------------------------------------------------------------


async def test_a_long_session_wakes_from_its_last_entries(tmp_path: Path, booked: Script) -> None:
    store = Counted(tmp_path / "c.db")
    state = await store_long(store, booked, LONG)
    await store.put_snapshot(snapshots.make(state, SIGNER))
    after, more = lengthen(state, 70)
    await store_more(store, booked.session, state.size, more)
    house = House(tmp_path / "c.db", store=store)
    assert await state_of(house, booked.session) == after
    assert (store.entries_read, store.answers_read) == (70, 0)
    assert (await house.accept(binding(booked, "M1", "key-1"))).seq == after.size
    assert store.answers_read < LONG
    assert await house.registry.entries(booked.session, 3, 2) == tuple(booked.entries[3:5])
    await house.close()


async def store_more(store: SqliteStore, session: str, since: int, raws: list[bytes]) -> None:
    await store.append(Batch(session=session, since=since, entries=tuple(raws)))


def _other_form(found: Snapshot, _: State) -> Snapshot:
    return replace(found, form="another release")


def _other_size(found: Snapshot, _: State) -> Snapshot:
    return replace(found, size=found.size - 1)


def _beyond(found: Snapshot, state: State) -> Snapshot:
    return snapshots.make(lengthen(state, 3)[0], SIGNER)


def _other_root(found: Snapshot, _: State) -> Snapshot:
    return replace(found, root=bytes(32))


def _cut_off(found: Snapshot, _: State) -> Snapshot:
    return replace(found, body=found.body[:-1])


def _empty(found: Snapshot, _: State) -> Snapshot:
    return replace(found, body=b"")


def _altered(found: Snapshot, state: State) -> Snapshot:
    """What a database's administrator may write, who has no key of the installation."""
    body = found.body[: snapshots._SIG_CHARS] + snapshot.encode(replace(state, phase="SUBMITTED"))
    return replace(found, body=body)


def _by_another_key(found: Snapshot, state: State) -> Snapshot:
    return snapshots.make(state, Signer(private_key("somebody")))


def _of_another_session(found: Snapshot, state: State) -> Snapshot:
    return replace(snapshots.make(replace(state, session="s-2"), SIGNER), session=state.session)


@pytest.mark.parametrize(
    "spoil",
    [
        _other_form, _other_size, _beyond, _other_root, _cut_off, _empty, _altered, _by_another_key,
        _of_another_session,
    ],
)  # fmt: skip
async def test_a_snapshot_that_is_not_right_is_ignored(
    tmp_path: Path, booked: Script, spoil: Callable[[Snapshot, State], Snapshot]
) -> None:
    store = Counted(tmp_path / "c.db")
    state = await store_long(store, booked, 150)
    await store.put_snapshot(spoil(snapshots.make(state, SIGNER), state))
    house = House(tmp_path / "c.db", store=store)
    assert await state_of(house, booked.session) == state
    assert store.entries_read == state.size
    await house.close()


async def test_a_snapshot_of_another_history_is_thrown_away(tmp_path: Path, booked: Script) -> None:
    store = Counted(tmp_path / "c.db")
    state = await store_long(store, booked, 150)
    fewer = lengthen(booked.at, 20)[0]
    other = replace(fewer, at=state.at + 1_000, phase="SUBMITTED")
    await store.put_snapshot(snapshots.make(other, SIGNER))
    house = House(tmp_path / "c.db", store=store)
    assert await state_of(house, booked.session) == state
    await house.close()


async def test_what_is_folded_for_long_is_written_down_on_the_way(tmp_path: Path, booked: Script) -> None:
    store = Counted(tmp_path / "c.db")
    state = await store_long(store, booked, 1_500)
    source = Source(store, SIGNER, Bounds(snapshot_entries=20))
    woken = await waking.wake(booked.session, source)
    assert woken.state == state
    kept = await store.snapshot(booked.session)
    assert kept is not None
    assert kept.size == 1_024
    store.entries_read = 0
    again = await waking.wake(booked.session, source)
    assert (again.state, again.kept, store.entries_read) == (state, 1_024, state.size - 1_024)
    await store.close()


# --- when it is written --------------------------------------------------------------------------


async def test_a_session_is_written_down_while_it_grows(tmp_path: Path, script: Script) -> None:
    store = Counted(tmp_path / "c.db")
    house = House(tmp_path / "c.db", store=store, snapshot_entries=5, snapshot_asleep_entries=1_000)
    script.to_check_in()
    await house.play(script)
    await house.registry.stop()
    kept = await store.snapshot(script.session)
    assert kept is not None
    assert script.at.size - 5 <= kept.size <= script.at.size
    await house.close()


async def test_a_session_that_falls_asleep_is_written_down(tmp_path: Path, script: Script) -> None:
    store = Counted(tmp_path / "c.db")
    house = House(tmp_path / "c.db", store=store, snapshot_asleep_entries=5)
    script.to_check_in()
    await house.play(script)
    before = await state_of(house, script.session)
    await house.registry.stop()
    again = House(tmp_path / "c.db", store=store)
    store.entries_read = 0
    assert await state_of(again, script.session) == before
    assert store.entries_read == 0
    assert (await again.accept(binding(script, "M1", "key-1"))).status == "accepted"
    await again.close()


async def test_no_act_waits_for_a_snapshot_or_fails_with_it(tmp_path: Path, script: Script) -> None:
    store = Counted(tmp_path / "c.db")
    store.snapshot_open.clear()
    house = House(tmp_path / "c.db", store=store, snapshot_entries=1)
    script.to_check_in()
    await house.play(script)
    store.snapshot_fails = True
    store.snapshot_open.set()
    assert code(await house.submit(binding(script, "M1", "key-1"))) == "accepted"
    await house.registry.stop()
    assert await store.snapshot(script.session) is None
    await house.close()


async def test_a_played_session_is_the_same_whether_it_slept_or_not(tmp_path: Path, case: Case) -> None:
    script = Script(case)
    script.to_archived()
    store = Counted(tmp_path / "c.db")

    def opened(senses: Senses | None = None) -> House:
        return House(
            tmp_path / "c.db", senses=senses, store=store, snapshot_entries=3, snapshot_asleep_entries=1
        )

    house = opened()
    for number, one in enumerate(script.submits):
        if number % 7 == 6:
            await house.registry.stop()
            house = House(
                tmp_path / "c.db",
                senses=house.senses,
                store=store,
                snapshot_entries=3,
                snapshot_asleep_entries=1,
            )
        await house.accept(one)
    last = await state_of(house, script.session)
    assert last == (await waking.wake(script.session, Source(store, SIGNER, Bounds()))).state
    assert (last.orders, last.path) == (script.at.orders, script.at.path)
    await house.close()
