"""The store on its own: groups, conflicts, faults of the disk, and what is there after a kill."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from protocol import hidden
from protocol.ledger import tree
from server.store.contract import (
    Batch,
    Birth,
    DamagedEntry,
    KeptAnswer,
    Lease,
    NotDurable,
    SeqTaken,
    Snapshot,
    StaleLease,
    Store,
)
from server.telemetry import Meters
from tests.server.store.places import Place

ROOT = Path(__file__).resolve().parents[3]
BORN = Birth("hefei", 1)


def kept(author: str, command: str) -> KeptAnswer:
    return KeptAnswer(author, command, b"d" * 32, b'{"status":"accepted"}')


async def test_what_was_appended_is_read_back_from_any_seq(store: Store) -> None:
    await store.append(Batch(session="s", since=0, entries=(b"a", b"b"), birth=BORN))
    await store.append(Batch(session="s", since=2, entries=(b"c",)))
    assert await store.entries("s", 0, 10) == (b"a", b"b", b"c")
    assert await store.entries("s", 1, 1) == (b"b",)
    assert await store.entries("s", 3, 10) == ()
    assert await store.entries("other", 0, 10) == ()


async def test_a_conflict_fails_its_session_and_not_its_neighbours(store: Store) -> None:
    await store.append(Batch(session="s1", since=0, entries=(b"first",), birth=BORN))
    batches = [
        Batch(session=name, since=0, entries=(b"x",), answers=(kept("k", "c"),), birth=BORN)
        for name in ("s0", "s1", "s2")
    ]
    told = await asyncio.gather(*map(store.append, batches), return_exceptions=True)
    assert [type(one) for one in told] == [type(None), SeqTaken, type(None)]
    assert await store.entries("s1", 0, 10) == (b"first",)
    assert [row.session for row in await store.sessions_going_on()] == ["s0", "s1", "s2"]
    found = await store.session("s1")
    assert found is not None
    assert await store.answers("s1", "k") == ()


async def test_a_second_answer_to_one_command_takes_its_entry_with_it(store: Store) -> None:
    await store.append(Batch(session="s", since=0, entries=(b"a",), answers=(kept("k", "c"),), birth=BORN))
    with pytest.raises(SeqTaken):
        await store.append(Batch(session="s", since=1, entries=(b"b",), answers=(kept("k", "c"),)))
    assert await store.entries("s", 0, 10) == (b"a",)


async def test_answers_and_disclosures_lie_beside_the_entries(store: Store) -> None:
    price = hidden.disclose("price", b"s" * 32, "4528.60")
    batch = Batch(
        session="s", since=0, entries=(b"a",), answers=(kept("k", "c"),), disclosures=(price,), birth=BORN
    )
    await store.append(batch)
    found = await store.session("s")
    assert found is not None
    assert await store.answers("s", "k") == (kept("k", "c"),)
    assert found.disclosures == (price,)
    assert (found.row.home_node, found.row.size, found.row.ended) == ("hefei", 1, "")


async def test_answers_are_read_by_their_author(store: Store) -> None:
    given = (kept("k1", "a"), kept("k1", "b"), kept("k2", "a"), kept("k3", "a"))
    await store.append(Batch(session="s", since=0, entries=(b"a",), answers=given, birth=BORN))
    await store.append(Batch(session="t", since=0, entries=(b"a",), answers=(kept("k1", "a"),), birth=BORN))
    assert set(await store.answers("s", "k1")) == set(given[:2])
    assert await store.answers("s", "k4") == ()
    assert await store.answers_beside("s", ("k1", "k4")) == 2
    assert await store.answers_beside("s", ()) == 4
    assert await store.answers_beside("none", ("k1",)) == 0


async def test_many_sessions_share_a_transaction(place: Place) -> None:
    meters = Meters()
    store = place.opened(meters)
    await store.prepare()
    batches = [Batch(session=f"s{n}", since=0, entries=(b"x",), birth=BORN) for n in range(200)]
    await asyncio.gather(*map(store.append, batches))
    groups = meters.registry.get_sample_value("tongchang_group_batches_count")
    assert groups is not None
    assert groups < 100
    assert len(await store.sessions_going_on()) == 200
    await store.close()


async def test_a_node_finds_the_sessions_it_brought_or_follows(store: Store) -> None:
    await store.append(Batch(session="s1", since=0, entries=(b"a",), birth=Birth("hefei", 1)))
    await store.append(Batch(session="s2", since=0, entries=(b"a",), birth=Birth("hefei", 2)))
    await store.append(Batch(session="s2", since=1, entries=(b"b",), audience=("key-n", "key-h")))
    await store.append(Batch(session="s2", since=2, entries=(b"c",), audience=("key-n",), ended="ARCHIVED"))
    assert [row.session for row in await store.sessions_of("hefei", "key-h")] == ["s2", "s1"]
    found = await store.sessions_of("nanjing", "key-n")
    assert [(row.session, row.size, row.ended) for row in found] == [("s2", 3, "ARCHIVED")]
    assert [row.session for row in await store.sessions_going_on()] == ["s1"]


async def test_an_entry_changed_on_the_disk_is_not_given_out(store: Store, place: Place) -> None:
    await store.append(Batch(session="s", since=0, entries=(b"a", b"b"), birth=BORN))
    await place.by_hand("UPDATE entries SET body = leaf WHERE seq = 1")
    assert await store.entries("s", 0, 1) == (b"a",)
    with pytest.raises(DamagedEntry) as damaged:
        await store.entries("s", 0, 10)
    assert damaged.value.seq == 1


async def test_an_entry_is_stored_with_its_leaf_hash(store: Store, place: Place) -> None:
    await store.append(Batch(session="s", since=0, entries=(b"a",), birth=BORN))
    assert await place.by_hand("SELECT leaf FROM entries") == [(tree.leaf_hash(b"a"),)]


async def test_a_fault_fails_everybody_in_the_group_and_nobody_later(place: Place) -> None:
    store = place.opened()
    await store.prepare()
    await store.append(Batch(session="s", since=0, entries=(b"a",), birth=BORN))
    await place.by_hand("ALTER TABLE entries RENAME TO elsewhere")
    batches = [Batch(session=f"t{n}", since=0, entries=(b"x",), birth=BORN) for n in range(5)]
    told = await asyncio.gather(*map(store.append, batches), return_exceptions=True)
    assert {type(one) for one in told} == {NotDurable}
    await place.by_hand("ALTER TABLE elsewhere RENAME TO entries")
    await asyncio.gather(*map(store.append, batches))
    assert len(await store.sessions_going_on()) == 6
    await store.close()


async def test_a_closed_store_takes_nothing(place: Place) -> None:
    store = place.opened()
    await store.prepare()
    await store.close()
    with pytest.raises(NotDurable):
        await store.append(Batch(session="s", since=0, entries=(b"a",), birth=BORN))
    with pytest.raises(NotDurable):
        await store.entries("s", 0, 1)


async def test_closing_finishes_what_was_asked(place: Place) -> None:
    store = place.opened()
    await store.prepare()
    asked = [
        asyncio.create_task(store.append(Batch(session=f"s{n}", since=0, entries=(b"a",), birth=BORN)))
        for n in range(50)
    ]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*asked) == [None] * 50


async def test_a_lease_is_one_holders_until_it_runs_out(store: Store) -> None:
    first = await store.lease("s", "c1", "10.0.0.1:7", 60_000)
    assert (first.holder, first.address, first.epoch) == ("c1", "10.0.0.1:7", 1)
    assert await store.lease("s", "c2", "10.0.0.2:7", 60_000) == first
    again = await store.lease("s", "c1", "10.0.0.1:8", 0)
    assert (again.holder, again.address, again.epoch) == ("c1", "10.0.0.1:8", 1)
    taken = await store.lease("s", "c2", "10.0.0.2:7", 60_000)
    assert (taken.holder, taken.epoch) == ("c2", 2)
    assert await store.lease("s", "c1", "10.0.0.1:8", 60_000) == taken
    assert taken.until >= again.until + 60_000


async def test_only_ones_own_leases_are_renewed_and_let_go(store: Store) -> None:
    for name, holder in (("s1", "c1"), ("s2", "c1"), ("s3", "c2")):
        await store.lease(name, holder, "there", 0)
    renewed = await store.renew("c1", 60_000)
    assert [(one.session, one.epoch) for one in renewed] == [("s1", 1), ("s2", 1)]
    assert (await store.lease("s1", "c2", "here", 60_000)).holder == "c1"
    await store.release("c1", ("s1", "s3"))
    assert [one.session for one in await store.renew("c1", 60_000)] == ["s2"]
    assert [one.session for one in await store.renew("c2", 60_000)] == ["s3"]
    assert (await store.lease("s1", "c2", "here", 60_000)).epoch == 2


async def test_the_epoch_goes_on_rising_after_a_lease_was_let_go(store: Store) -> None:
    await store.lease("s", "c1", "here", 60_000)
    await store.release("c1", ("s",))
    assert (await store.lease("s", "c1", "here", 60_000)).epoch == 2


async def test_what_goes_on_and_nobody_holds_is_told(store: Store) -> None:
    for name in ("free", "held", "left", "over"):
        await store.append(Batch(session=name, since=0, entries=(b"a",), birth=BORN))
    await store.append(Batch(session="over", since=1, entries=(b"b",), ended="ARCHIVED"))
    await store.lease("held", "c1", "here", 60_000)
    await store.lease("left", "c1", "here", 60_000)
    await store.release("c1", ("left",))
    assert await store.unheld() == ("free", "left")


async def test_leases_that_have_run_out_are_taken_over_together(store: Store) -> None:
    names = ("free", "held", "left", "new")
    for name in names:
        await store.append(Batch(session=name, since=0, entries=(b"a",), birth=BORN))
    await store.lease("held", "c1", "here", 60_000)
    for name in ("free", "left"):
        await store.lease(name, "c1", "here", 0)
    taken = await store.take_over(names, "c2", "there", 60_000)
    assert sorted((one.session, one.holder, one.epoch) for one in taken) == [
        ("free", "c2", 2), ("left", "c2", 2), ("new", "c2", 1),
    ]  # fmt: skip
    assert await store.take_over(names, "c3", "there", 60_000) == ()
    assert await store.take_over((), "c3", "there", 60_000) == ()
    assert await store.unheld() == ()


async def test_coordinators_that_take_over_at_once_share_what_there_is(store: Store) -> None:
    names = tuple(f"s{n}" for n in range(40))
    for name in names:
        await store.append(Batch(session=name, since=0, entries=(b"a",), birth=BORN))
    taken = await asyncio.gather(*(store.take_over(names, f"c{n}", "here", 60_000) for n in range(4)))
    found = [one.session for some in taken for one in some]
    left = await store.unheld()
    assert sorted((*found, *left)) == sorted(names)


async def test_of_coordinators_that_ask_at_once_one_gets_the_lease(store: Store) -> None:
    asked = [store.lease("s", f"c{n}", "here", 60_000) for n in range(20)]
    found: list[Lease] = await asyncio.gather(*asked)
    assert len(set(found)) == 1


async def test_a_stale_lease_appends_nothing_and_keeps_no_neighbour(store: Store) -> None:
    for name in ("s1", "s2"):
        await store.lease(name, "c1", "here", 0)
    await store.lease("s1", "c2", "there", 60_000)
    batches = [
        Batch(session=name, since=0, entries=(b"a",), birth=BORN, epoch=1) for name in ("s1", "s2", "s3")
    ]
    told = await asyncio.gather(*map(store.append, batches), return_exceptions=True)
    assert [type(one) for one in told] == [StaleLease, type(None), StaleLease]
    assert await store.sizes(("s1", "s2", "s3")) == {"s2": 1}
    await store.append(Batch(session="s1", since=0, entries=(b"a",), birth=BORN, epoch=2))
    await store.append(Batch(session="s3", since=0, entries=(b"a",), birth=BORN))
    assert await store.sizes(("s1", "s2", "s3")) == {"s1": 1, "s2": 1, "s3": 1}


async def test_a_lease_in_force_does_not_outrank_the_entries(store: Store) -> None:
    await store.append(Batch(session="s", since=0, entries=(b"a",), birth=BORN))
    await store.lease("s", "c1", "here", 60_000)
    with pytest.raises(SeqTaken) as taken:
        await store.append(Batch(session="s", since=0, entries=(b"b",), epoch=1))
    assert not isinstance(taken.value, StaleLease)


async def test_the_sizes_of_sessions_are_told_together(store: Store) -> None:
    await store.append(Batch(session="s1", since=0, entries=(b"a", b"b"), birth=BORN))
    await store.append(Batch(session="s2", since=0, entries=(b"a",), birth=BORN))
    assert await store.sizes(("s1", "s2", "none")) == {"s1": 2, "s2": 1}
    assert await store.sizes(()) == {}


async def test_the_last_snapshot_is_kept(store: Store) -> None:
    assert await store.snapshot("s") is None
    for size in (5, 9):
        kept = Snapshot("s", size, b"r" * 32, f"form {size}", bytes(range(256)))
        await store.put_snapshot(kept)
        assert await store.snapshot("s") == kept
    assert await store.snapshot("t") is None


async def test_cosigned_heads_are_kept_and_a_newer_one_takes_the_place_of_the_last(store: Store) -> None:
    assert await store.heads("s") == {}
    await store.put_head("s", 5, "five\n— 一\n")
    await store.put_head("s", 5, "five\n— 一\n— 二\n")
    await store.put_head("s", 9, "nine\n")
    await store.put_head("t", 9, "of another\n")
    assert await store.heads("s") == {5: "five\n— 一\n— 二\n", 9: "nine\n"}
    await store.put_head("s", 12, "twelve\n", 9)
    assert await store.heads("s") == {5: "five\n— 一\n— 二\n", 12: "twelve\n"}
    assert await store.heads("t") == {9: "of another\n"}


WRITER = """
import asyncio, sys
from server.store.contract import Batch, Birth, KeptAnswer
from server.telemetry import Meters
from tests.server.store.places import opened

async def write(store, name):
    seq = 0
    while True:
        answer = KeptAnswer("k", f"c{seq}", b"d" * 32, b"a")
        birth = Birth("hefei", 1) if seq == 0 else None
        body = (b"x" * 300,)
        await store.append(Batch(session=name, since=seq, entries=body, answers=(answer,), birth=birth))
        print(name, seq, flush=True)
        seq += 1

async def main():
    store = opened(sys.argv[1], sys.argv[2], Meters())
    await store.prepare()
    await asyncio.gather(*(write(store, f"s{n}") for n in range(8)))

asyncio.run(main())
"""


def killed_while_writing(place: Place, at_least: int) -> dict[str, int]:
    """Kill a process that appends to eight sessions; the last seq it was told durable, for each."""
    told: dict[str, int] = {}
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, place.kind, place.where], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if not line.endswith("\n"):
                break
            name, seq = line.split()
            told[name] = int(seq)
            if len(told) == 8 and min(told.values()) >= at_least and child.poll() is None:
                child.kill()
    assert child.returncode == -signal.SIGKILL
    return told


@pytest.mark.parametrize("at_least", [5, 20, 40])
async def test_what_was_told_durable_is_there_after_a_kill(place: Place, at_least: int) -> None:
    told = await asyncio.to_thread(killed_while_writing, place, at_least)
    store = place.opened()
    await store.prepare()
    for name, seq in told.items():
        found = await store.session(name)
        assert found is not None
        assert found.row.size > seq
        assert len(await store.answers(name, "k")) == found.row.size
        assert len(await store.entries(name, 0, 100_000)) == found.row.size
    await store.close()
