"""What only PostgreSQL brings: a server that is killed, a standby that takes over, a line that is cut."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from ops.postgres import Cluster
from server.store import health, postgres, postgres_writer
from server.store.contract import Batch, Birth, CodeRow, KeptAnswer, NotDurable, SeqTaken, Store
from server.store.postgres import PostgresStore
from server.telemetry import Meters
from tests.server.acting import WAIT_S, until
from tests.server.lines import Line

BORN = Birth("hefei", 1)


def kept(command: str) -> KeptAnswer:
    return KeptAnswer("k", command, b"d" * 32, b'{"status":"accepted"}')


def opened(url: str) -> PostgresStore:
    return PostgresStore(url, Meters(), 512)


@pytest.fixture
async def store(database: str) -> AsyncIterator[PostgresStore]:
    found = opened(database)
    await found.prepare()
    yield found
    await found.close()


async def insist(store: Store, batch: Batch) -> None:
    """Append a batch that nobody else is in the way of, over however many faults that takes.

    `SeqTaken` after a fault says that the batch stands already: its answer was lost, not its entries.
    """
    unsure = False
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                await store.append(batch)
            except NotDurable:
                unsure = True
            except SeqTaken:
                assert unsure
                return
            else:
                return


class Acts:
    """Appends to some sessions until told to stop; `told` is how many entries each was told durable."""

    def __init__(self, store: Store, sessions: int) -> None:
        self.told = {f"s{n}": 0 for n in range(sessions)}
        self.faults = 0
        self._store = store
        self._stopping = False
        self._tasks = [asyncio.create_task(self._act(name)) for name in self.told]

    async def reached(self, more: int) -> None:
        """Wait until every session has so many more entries."""
        wanted = {name: count + more for name, count in self.told.items()}

        async def there() -> bool:
            return all(self.told[name] >= count for name, count in wanted.items())

        await until(there)

    async def stop(self) -> None:
        self._stopping = True
        await asyncio.gather(*self._tasks)

    async def _act(self, name: str) -> None:
        unsure = False
        while not self._stopping or unsure:
            seq = self.told[name]
            birth = BORN if seq == 0 else None
            try:
                await self._store.append(
                    Batch(
                        session=name,
                        since=seq,
                        entries=(f"{name} {seq}".encode(),),
                        answers=(kept(f"c{seq}"),),
                        birth=birth,
                    )
                )
            except NotDurable:
                self.faults += 1
                unsure = True
                continue
            except SeqTaken:
                assert unsure, "nobody else writes here"
            unsure = False
            self.told[name] += 1


async def check(store: Store, told: dict[str, int]) -> None:
    """Everything that was told durable is there, once, with its answer."""
    for name, count in told.items():
        found = await store.session(name)
        assert found is not None
        assert found.row.size == len(await store.answers(name, "k")) == count
        assert await store.entries(name, 0, 100_000) == tuple(f"{name} {n}".encode() for n in range(count))


async def test_a_killed_server_loses_nothing_that_it_acknowledged(own_cluster: Cluster) -> None:
    store = opened(own_cluster.url())
    await store.prepare()
    acts = Acts(store, 8)
    await acts.reached(20)
    await asyncio.to_thread(own_cluster.kill)
    with pytest.raises(NotDurable):
        await store.entries("s0", 0, 1)
    with pytest.raises(NotDurable):
        await store.put_codes((), 1)
    await asyncio.to_thread(own_cluster.start)
    await acts.reached(20)
    await acts.stop()
    assert acts.faults
    assert store.durable
    await check(store, acts.told)
    await store.close()


async def test_a_promoted_standby_goes_on_with_all_that_was_acknowledged(own_cluster: Cluster) -> None:
    standby = await asyncio.to_thread(own_cluster.standby, own_cluster.data_dir.with_name("standby"))
    try:
        store = opened(own_cluster.url("postgres", standby))
        await store.prepare()
        acts = Acts(store, 8)
        await acts.reached(20)
        await asyncio.to_thread(own_cluster.kill)
        await asyncio.to_thread(standby.promote)
        await acts.reached(20)
        await acts.stop()
        assert acts.faults
        await check(store, acts.told)
        await store.close()
    finally:
        await asyncio.to_thread(standby.remove)


async def test_nothing_is_acknowledged_or_shown_while_the_standby_is_away(
    own_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    standby = await asyncio.to_thread(own_cluster.standby, own_cluster.data_dir.with_name("away"))
    try:
        store = opened(own_cluster.url("postgres", standby))
        await store.prepare()
        await store.append(Batch(session="s", since=0, entries=(b"a",), birth=BORN))
        await asyncio.to_thread(standby.kill)
        monkeypatch.setattr(postgres_writer, "APPEND_MS", 200)
        batch = Batch(session="s", since=1, entries=(b"b",))
        for _ in range(2):
            with pytest.raises(NotDurable):
                await store.append(batch)
            assert await store.entries("s", 0, 10) == (b"a",)
        monkeypatch.undo()
        await asyncio.to_thread(standby.start)
        # What nobody was told is written now, once; who asks again finds it there.
        with pytest.raises(SeqTaken):
            await store.append(batch)
        assert await store.entries("s", 0, 10) == (b"a", b"b")
        await store.close()
    finally:
        await asyncio.to_thread(standby.remove)


async def test_coordinators_may_start_at_once(database: str) -> None:
    stores = [opened(database) for _ in range(3)]
    await asyncio.gather(*(store.prepare() for store in stores))
    await stores[0].append(Batch(session="s", since=0, entries=(b"a",), birth=BORN))
    assert await stores[2].entries("s", 0, 10) == (b"a",)
    for store in stores:
        await store.close()


async def test_of_two_writers_each_place_has_one(database: str) -> None:
    stores = [opened(database) for _ in range(2)]
    await stores[0].prepare()

    async def write(number: int, name: str) -> int:
        mine = seq = 0
        while seq < 30:
            birth = BORN if seq == 0 else None
            batch = Batch(session=name, since=seq, entries=(f"{number} {seq}".encode(),), birth=birth)
            try:
                await stores[number].append(batch)
                mine += 1
            except SeqTaken:
                pass
            seq = (await stores[number].sizes((name,)))[name]
        return mine

    names = [f"s{n}" for n in range(6)]
    written = await asyncio.gather(*(write(number, name) for name in names for number in (0, 1)))
    assert sum(written) == 30 * len(names)
    for name in names:
        found = await stores[0].entries(name, 0, 100)
        assert [int(raw.split()[1]) for raw in found] == list(range(30))
    for store in stores:
        await store.close()


async def test_coordinators_that_start_at_once_all_put_their_code(database: str) -> None:
    stores = [opened(database) for _ in range(3)]
    await stores[0].prepare()
    for number in range(12):
        rows = [CodeRow(f"s{number}", "agent", b"salt", bytes([n]) * 32, 0, 1_000) for n in range(3)]
        put = await asyncio.gather(
            *(one.put_codes((row,), 10) for one, row in zip(stores, rows, strict=True))
        )
        assert put == [True, True, True]
        tried = await stores[0].try_code(f"s{number}", "agent", 20, 5, 1_000)
        assert tried is not None
        assert tried.row.hash in [row.hash for row in rows]
    for store in stores:
        await store.close()


async def test_reading_does_not_wait_for_writing(store: PostgresStore, database: str) -> None:
    await store.append(Batch(session="s", since=0, entries=(b"a",), birth=BORN))
    other = await asyncpg.connect(database)
    async with other.transaction():
        await other.execute("LOCK TABLE entries IN EXCLUSIVE MODE")
        waiting = asyncio.create_task(store.append(Batch(session="s", since=1, entries=(b"b",))))
        assert await store.entries("s", 0, 10) == (b"a",)
        assert not waiting.done()
    await other.close()
    await waiting
    assert await store.entries("s", 0, 10) == (b"a", b"b")


async def test_what_takes_too_long_is_told_and_the_next_goes_on(
    store: PostgresStore, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.append(Batch(session="s", since=0, entries=(b"a",), birth=BORN))
    other = await asyncpg.connect(database)
    async with other.transaction():
        await other.execute("LOCK TABLE entries IN EXCLUSIVE MODE")
        monkeypatch.setattr(postgres_writer, "APPEND_MS", 50)
        with pytest.raises(NotDurable):
            await store.append(Batch(session="s", since=1, entries=(b"b",)))
        assert not store.durable
    await other.close()
    monkeypatch.undo()
    # It may yet be written over there; whoever asks again finds out.
    await insist(store, Batch(session="s", since=1, entries=(b"b",)))
    assert await store.entries("s", 0, 10) == (b"a", b"b")


async def test_what_the_database_will_not_take_fails_its_own_batch_alone(store: PostgresStore) -> None:
    batches = [
        Batch(session=name, since=0, entries=(b"a",), birth=BORN) for name in ("s1", "x" * 65, "n\0l", "s2")
    ]
    told = await asyncio.gather(*map(store.append, batches), return_exceptions=True)
    assert [type(one) for one in told] == [type(None), NotDurable, NotDurable, type(None)]
    assert store.durable


async def test_two_batches_of_one_session_are_written_in_their_order(store: PostgresStore) -> None:
    first = Batch(session="s", since=0, entries=(b"a",), birth=BORN)
    second = Batch(session="s", since=1, entries=(b"b",), ended="FAILED")
    third = Batch(session="s", since=1, entries=(b"c",))
    told = await asyncio.gather(*map(store.append, (first, second, third)), return_exceptions=True)
    assert [type(one) for one in told] == [type(None), type(None), SeqTaken]
    found = await store.session("s")
    assert found is not None
    assert (found.row.size, found.row.ended) == (2, "FAILED")


@pytest.fixture
async def line(shared_cluster: Cluster, open_folder: Path, tmp_path: Path) -> AsyncIterator[Line]:
    found = Line(shared_cluster, tmp_path / "line")
    await found.open()
    yield found
    await found.close()


async def test_a_commit_whose_answer_is_lost_is_found_when_asked_again(
    line: Line, store: PostgresStore, database: str, shared_cluster: Cluster
) -> None:
    far = opened(database.replace(str(shared_cluster.data_dir), str(line.folder)))
    await far.append(Batch(session="s", since=0, entries=(b"a",), birth=BORN))
    # The server knows the statement from here on, so that the next answer is the commit's.
    await far.append(Batch(session="s", since=1, entries=(b"b",)))
    line.cuts = 1
    batch = Batch(session="s", since=2, entries=(b"c",), answers=(kept("c2"),))
    with pytest.raises(NotDurable):
        await far.append(batch)
    told_durable = far.durable
    assert await far.entries("s", 0, 10) == (b"a", b"b", b"c")
    with pytest.raises(SeqTaken):
        await far.append(batch)
    await far.append(Batch(session="s", since=3, entries=(b"d",)))
    assert (told_durable, far.durable) == (False, True)
    assert await store.entries("s", 0, 10) == (b"a", b"b", b"c", b"d")
    await far.close()


async def test_a_read_is_tried_again_where_only_the_line_was_cut(
    line: Line, store: PostgresStore, database: str, shared_cluster: Cluster
) -> None:
    await store.append(Batch(session="s", since=0, entries=(b"a",), birth=BORN))
    far = opened(database.replace(str(shared_cluster.data_dir), str(line.folder)))
    assert await far.entries("s", 0, 10) == (b"a",)
    line.cuts = 1
    assert await far.entries("s", 0, 10) == (b"a",)
    await far.close()


async def test_a_line_that_is_silent_holds_nobody_up_for_ever(
    line: Line,
    store: PostgresStore,
    database: str,
    shared_cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    far = opened(database.replace(str(shared_cluster.data_dir), str(line.folder)))
    await far.append(Batch(session="s", since=0, entries=(b"a",), birth=BORN))
    assert await far.entries("s", 0, 10) == (b"a",)
    line.flowing.clear()
    monkeypatch.setattr(postgres, "ASK_MS", 100)
    monkeypatch.setattr(postgres, "CONNECT_MS", 100)
    monkeypatch.setattr(postgres_writer, "APPEND_MS", 100)
    asked = (
        far.entries("s", 0, 10),
        far.lease("s", "c1", "here", 1_000),
        far.append(Batch(session="s", since=1, entries=(b"b",))),
    )
    told = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in told] == [NotDurable] * 3
    line.flowing.set()
    monkeypatch.undo()
    await insist(far, Batch(session="s", since=1, entries=(b"b",)))
    assert await far.entries("s", 0, 10) == (b"a", b"b")
    await far.close()


def test_the_self_check_says_how_a_database_is(database: str, tmp_path: Path) -> None:
    assert health.look_at(database) == ("old", "None")

    async def prepare() -> None:
        found = opened(database)
        await found.prepare()
        await found.close()

    asyncio.run(prepare())
    assert health.look_at(database) == ("whole", "")
    found, why = health.look_at(f"postgresql:///nowhere?host={tmp_path}&user=nobody")
    assert (found, bool(why)) == ("unreachable", True)
