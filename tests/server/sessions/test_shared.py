"""Two coordinators on one store: one writes a session, the other reads it, and either may die."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from protocol.session.outcome import outcome
from protocol.wire import Answer
from server.config import Bounds
from server.sessions.actor import Actor
from server.sessions.reader import Reader
from server.store.contract import Store
from server.telemetry import Meters
from tests.server.acting import Script, TestSenses, binding, code, until
from tests.server.sharing import STEADY, SharedHouse, Street, held_by, shown
from tests.server.store.places import KINDS, opened

Make = Callable[[Meters, Bounds], Store]

on_each = pytest.mark.parametrize("make", KINDS, indirect=True)
"""Where it is the database that decides between the two."""


@pytest.fixture
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    kind: str = getattr(request, "param", "sqlite")
    at = str(tmp_path / "c.db") if kind == "sqlite" else request.getfixturevalue("database")
    return lambda meters, _bounds: opened(kind, at, meters)


@pytest.fixture
async def two(make: Make) -> AsyncIterator[tuple[SharedHouse, SharedHouse]]:
    """Two that stay as they are; a lease outlasts the test."""
    async with both(make, **STEADY) as houses:
        yield houses


@pytest.fixture
async def mortal(make: Make) -> AsyncIterator[tuple[SharedHouse, SharedHouse]]:
    """Two whose leases run out soon when they are not renewed."""
    async with both(make) as houses:
        yield houses


@contextlib.asynccontextmanager
async def both(make: Make, **bounds: int) -> AsyncIterator[tuple[SharedHouse, SharedHouse]]:
    street = Street()
    houses = SharedHouse("a", street, make, **bounds), SharedHouse("b", street, make, **bounds)
    for one in houses:
        await one.begin()
    yield houses
    for one in houses:
        await one.close()


async def test_who_books_a_session_holds_it_and_the_other_reads_it(
    two: tuple[SharedHouse, SharedHouse], script: Script
) -> None:
    a, b = two
    script.to_check_in()
    await a.play(script)
    assert a.shared.held() == (script.session,)

    async def is_read() -> bool:
        published = b.shared.awake(script.session)
        return published is not None and published.state.size == script.at.size

    await until(is_read)
    assert isinstance(b.place(script.session), Reader)
    assert b.shared.held() == ()


@on_each
async def test_a_command_brought_to_the_wrong_coordinator_is_accepted_once(
    two: tuple[SharedHouse, SharedHouse], script: Script
) -> None:
    a, b = two
    script.to_check_in()
    await a.play(script)
    size = await a.size(script.session)
    one = binding(script, "M1", "key-1")
    first = await b.accept(one, "nanjing")
    assert first.seq == size
    assert [(address, told.node) for address, told in a.street.brought] == [("a", "nanjing")]
    assert await a.accept(one) == await b.accept(one, "nanjing") == first
    assert await a.size(script.session) == size + 1
    assert not b.holds(script.session)


async def test_a_refusal_is_the_same_from_either(
    two: tuple[SharedHouse, SharedHouse], script: Script
) -> None:
    a, b = two
    script.to_check_in()
    await a.play(script)
    assert await b.refused(binding(script, "M9", "key-1")) == "UnknownSeat"
    assert await a.refused(binding(script, "M9", "key-1")) == "UnknownSeat"
    stranger = Script(script.case, "nowhere")
    stranger.book()
    assert await b.refused(binding(stranger, "M1", "key-1")) == "UnknownSession"
    assert await b.store.unheld() == ()
    assert b.place("nowhere") is None


async def test_a_booking_that_is_refused_leaves_no_lease_behind(
    two: tuple[SharedHouse, SharedHouse], script: Script
) -> None:
    a, b = two
    a.agents.clear()
    script.book()
    assert await a.refused(script.submits[0]) == "UnknownAuthor"

    async def is_free() -> bool:
        return (await b.store.lease(script.session, "b", "b", 1)).holder == "b"

    await until(is_free)
    assert a.learnt == 1


async def test_what_a_reader_shows_is_what_the_writer_shows_at_each_size(
    two: tuple[SharedHouse, SharedHouse], script: Script
) -> None:
    a, b = two
    script.to_archived()
    for submit in script.submits:
        await a.accept(submit)
        written = await a.shared.published(script.session)
        read = await b.shared.current(script.session)
        assert written is not None
        assert read is not None
        assert read.state == written.state
        assert shown(read) == shown(written)
    read = await b.shared.published(script.session)
    assert read is not None
    assert outcome(read.state, read.disclosed) == outcome(script.at, script.disclosed)


async def test_every_entry_can_be_read_at_either(
    two: tuple[SharedHouse, SharedHouse], script: Script
) -> None:
    a, b = two
    script.to_scoring()
    await a.play(script)
    await b.shared.current(script.session)
    size = await a.size(script.session)
    for since in range(0, size, 7):
        assert await a.shared.entries(script.session, since, 5) == await b.shared.entries(
            script.session, since, 5
        )


async def test_followers_here_are_told_of_what_is_written_there(
    two: tuple[SharedHouse, SharedHouse], script: Script
) -> None:
    a, b = two
    heard: list[tuple[str, int]] = []
    b.bus.listen(lambda session, size: heard.append((session, size)))
    script.to_check_in()
    await a.play(script)

    async def is_told() -> bool:
        return (script.session, script.at.size) in heard

    await until(is_told)


@on_each
async def test_when_a_holder_dies_another_goes_on_and_nothing_is_lost_or_doubled(
    mortal: tuple[SharedHouse, SharedHouse], script: Script
) -> None:
    a, b = mortal
    script.to_archived()
    half = len(script.submits) // 2
    for submit in script.submits[:half]:
        await a.accept(submit)
    a.street.shut.add("a")
    await a.die()
    assert code(await b.submit(script.submits[half])) in ("LineDown", "accepted")
    assert await held_by(script.session, b) is b
    for submit in script.submits:
        await b.accept(submit)
    read = await b.shared.published(script.session)
    assert read is not None
    assert read.state.size == script.at.size
    assert outcome(read.state, read.disclosed) == outcome(script.at, script.disclosed)


async def test_what_was_due_at_a_dead_holder_is_done_by_its_successor(make: Make, script: Script) -> None:
    street = Street()
    senses = TestSenses()
    a, b = (SharedHouse(name, street, make, senses) for name in ("a", "b"))
    await a.begin()
    script.to_scoring()
    await a.play(script)
    await a.die()
    await b.begin()
    senses.now += 100 * 3_600_000

    async def is_raised() -> bool:
        return "OverrunRaised" in await b.events(script.session)

    await until(is_raised)
    assert (await b.events(script.session)).count("OverrunRaised") == 1
    await b.close()


@on_each
async def test_a_stale_holder_writes_nothing_and_its_clients_are_answered_by_the_new_one(
    mortal: tuple[SharedHouse, SharedHouse], script: Script
) -> None:
    a, b = mortal
    script.to_check_in()
    await a.play(script)
    size = await a.size(script.session)
    a.stand_still()
    await held_by(script.session, b)
    stale = a.place(script.session)
    assert isinstance(stale, Actor)
    won = await b.accept(binding(script, "M1", "key-1"))
    assert won.seq == size
    # The stale one still believes that it holds the session, and that `size` is free.
    answers = await asyncio.gather(
        a.accept(binding(script, "M2", "key-2")), a.accept(binding(script, "M1", "key-1"))
    )
    assert [answer.seq for answer in answers] == [size + 1, size]
    assert isinstance(a.place(script.session), Reader)
    raws = await a.store.entries(script.session, 0, 10_000)
    assert len(raws) == size + 2


async def test_a_stale_holder_finds_its_lease_gone_when_it_renews(
    mortal: tuple[SharedHouse, SharedHouse], script: Script
) -> None:
    a, b = mortal
    script.to_check_in()
    await a.play(script)
    a.stand_still()
    await held_by(script.session, b)
    a.shared.start()
    assert await held_by(script.session, a, b) is b


async def test_a_node_that_has_seen_more_than_a_reader_is_not_told_of_two_histories(
    two: tuple[SharedHouse, SharedHouse], script: Script
) -> None:
    a, b = two
    script.to_check_in()
    await a.play(script)
    await b.shared.current(script.session)
    b.stand_still()
    b.shared._deaf()
    answer = await a.accept(binding(script, "M1", "key-1"))
    seen = await b.shared.published(script.session, answer.seq + 1)
    assert seen is not None
    assert seen.state.size == answer.seq + 1
    more = await b.shared.published(script.session, answer.seq + 100)
    assert more is not None
    assert more.state.size == answer.seq + 1


async def test_a_node_that_has_seen_more_than_a_stale_holder_is_given_the_rest(
    mortal: tuple[SharedHouse, SharedHouse], script: Script
) -> None:
    a, b = mortal
    script.to_check_in()
    await a.play(script)
    a.stand_still()
    await held_by(script.session, b)
    answer = await b.accept(binding(script, "M1", "key-1"))
    seen = await a.shared.published(script.session, answer.seq + 1)
    assert seen is not None
    assert seen.state.size == answer.seq + 1


@on_each
async def test_an_orderly_stop_lets_go_of_the_leases_at_once(make: Make, script: Script) -> None:
    street = Street()
    a, b = (SharedHouse(name, street, make, lease_ms=3_600_000) for name in ("a", "b"))
    for one in (a, b):
        await one.begin()
    script.to_check_in()
    await a.play(script)
    await a.close()
    assert await held_by(script.session, b) is b
    await b.close()


@on_each
async def test_acts_at_both_at_once_stand_in_one_order(
    two: tuple[SharedHouse, SharedHouse], script: Script
) -> None:
    a, b = two
    script.to_check_in()
    await a.play(script)
    size = await a.size(script.session)
    many = [binding(script, "M1", f"key-{n}") for n in range(40)]
    answers = await asyncio.gather(*((a, b)[n % 2].accept(one) for n, one in enumerate(many)))
    assert sorted(answer.seq for answer in answers) == list(range(size, size + 40))


@on_each
async def test_two_bookings_of_one_session_at_both_at_once_make_one(
    two: tuple[SharedHouse, SharedHouse], script: Script
) -> None:
    a, b = two
    script.book()
    answers = await asyncio.gather(a.submit(script.submits[0]), b.submit(script.submits[0]))
    settled = [one if isinstance(one, Answer) else await b.accept(script.submits[0]) for one in answers]
    assert settled[0] == settled[1]
    assert (await a.store.sizes((script.session,)))[script.session] == script.at.size
