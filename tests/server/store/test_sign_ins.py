"""Codes, enrolled agents and passkeys, kept alike by every database."""

import asyncio

from server.store.contract import CodeRow, PasskeyRow, Store
from tests.server.store.places import Place


async def test_a_code_is_tried_counted_locked_and_spent(store: Store) -> None:
    row = CodeRow("s", "M1", b"salt", b"h" * 32, 10, 1_000)
    assert await store.put_codes((row,), 10)
    assert not await store.put_codes((row,), 10)
    for attempt in range(1, 6):
        tried = await store.try_code("s", "M1", 20, 5, 100)
        assert tried is not None
        assert (tried.allowed, tried.row.attempts) == (True, attempt)
    for now, allowed in ((20, False), (119, False), (120, True)):
        tried = await store.try_code("s", "M1", now, 5, 100)
        assert tried is not None
        assert tried.allowed is allowed
    assert await store.try_code("s", "M2", 20, 5, 100) is None
    assert await store.use_code(row, "key-a", None)
    assert await store.use_code(row, "key-a", None)
    assert not await store.use_code(row, "key-b", None)


async def test_a_clock_that_is_set_locks_nobody_for_ever_and_frees_nobody_at_once(store: Store) -> None:
    async def locked(now: int) -> bool:
        tried = await store.try_code("s", "M1", now, 5, 100)
        assert tried is not None
        return not tried.allowed

    await store.put_codes((CodeRow("s", "M1", b"salt", b"h" * 32, 10, 1_000),), 10)
    for _ in range(5):
        assert not await locked(1_000_000)  # the clock is far ahead while the code is locked
    assert await locked(50)  # and set back: the lock lasts as long as any, from now
    assert await locked(149)
    assert not await locked(150)
    for _ in range(4):
        assert not await locked(150)
    assert await locked(20)  # set back by more than a lock lasts: the same
    assert await locked(119)
    assert not await locked(120)


async def test_a_passkey_is_bound_once_and_its_count_only_rises(store: Store) -> None:
    row = PasskeyRow(b"c" * 32, b"bound so", 3)
    assert await store.passkey(row.credential) is None
    assert await store.bind_passkey(row)
    assert not await store.bind_passkey(PasskeyRow(row.credential, b"bound otherwise", 9))
    assert await store.passkey(row.credential) == row
    for count, taken in ((3, False), (2, False), (0, False), (4, True), (4, False), (10, True)):
        assert await store.count_passkey(row.credential, count) is taken, count
    assert await store.passkey(row.credential) == PasskeyRow(row.credential, b"bound so", 10)
    assert not await store.count_passkey(b"x" * 32, 1)
    await store.bind_passkey(PasskeyRow(b"d" * 32, b"does not count", 0))
    for count, taken in ((0, True), (0, True), (5, True), (0, False)):
        assert await store.count_passkey(b"d" * 32, count) is taken, count
    assert await store.passkeys() == 2


async def test_of_coordinators_that_are_told_one_count_at_once_one_takes_it(place: Place) -> None:
    """Had: a copy of a passkey. Tried: to sign at two coordinators with the same count. One is refused."""
    stores = [place.opened() for _ in range(3)]
    for one in stores:
        await one.prepare()
    row = PasskeyRow(b"c" * 32, b"bound", 0)
    assert sum(await asyncio.gather(*(one.bind_passkey(row) for one in stores))) == 1
    for count in range(1, 6):
        told = await asyncio.gather(*(one.count_passkey(row.credential, count) for one in stores))
        assert sum(told) == 1
    for one in stores:
        assert await one.passkey(row.credential) == PasskeyRow(row.credential, b"bound", 5)
        await one.close()


async def test_tries_at_once_do_not_slip_past_the_lock(store: Store) -> None:
    await store.put_codes((CodeRow("s", "M1", b"salt", b"h" * 32, 10, 1_000),), 10)
    tries = await asyncio.gather(*(store.try_code("s", "M1", 20, 5, 100) for _ in range(40)))
    assert sum(one is not None and one.allowed for one in tries) == 5


async def test_an_agent_is_enrolled_with_the_code_that_brought_it(store: Store) -> None:
    row = CodeRow("s", "agent", b"salt", b"h" * 32, 10, 1_000)
    await store.put_codes((row,), 10)
    assert await store.use_code(row, "key-a", 30)
    await store.enrol_agent("key-b", 40)
    await store.enrol_agent("key-b", 50)
    assert await store.agents() == ("key-a", "key-b")
