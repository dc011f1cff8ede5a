"""How a session lives: its bounds, its sleep and waking, its end, and what falls due by itself."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path

from msgspec.structs import replace

from protocol import commands as cmd
from protocol.plan.case import Case
from protocol.words import Stage
from tests.protocol.world import START_MS
from tests.server.acting import House, Script, TestSenses, Troubled, binding, code, until

ONE = Stage("01", "1", 1)


# --- bounds, sleep, end -------------------------------------------------------------------------


async def test_a_full_mailbox_says_so_and_takes_no_harm(tmp_path: Path, script: Script) -> None:
    store = Troubled(tmp_path / "c.db")
    house = House(tmp_path / "c.db", store=store, mailbox_commands_max=4)
    script.to_check_in()
    await house.play(script)
    store.reached.clear()
    store.open.clear()
    first = asyncio.create_task(house.submit(binding(script, "M1", "first")))
    await store.reached.wait()
    many = asyncio.gather(*(house.submit(binding(script, "M1", f"key-{n}")) for n in range(7)))
    await asyncio.sleep(0)
    store.open.set()
    assert sorted(code(one) for one in await many) == ["TooBusy"] * 3 + ["accepted"] * 4
    assert code(await first) == "accepted"
    await house.close()


async def test_stopping_finishes_what_was_taken_and_refuses_the_rest(tmp_path: Path, script: Script) -> None:
    store = Troubled(tmp_path / "c.db")
    house = House(tmp_path / "c.db", store=store)
    script.to_check_in()
    await house.play(script)
    store.reached.clear()
    store.open.clear()
    taken = [asyncio.create_task(house.submit(binding(script, "M1", f"key-{n}"))) for n in range(6)]
    await store.reached.wait()
    stopping = asyncio.create_task(house.registry.stop())
    await asyncio.sleep(0)
    late = await house.submit(binding(script, "M1", "late"))
    store.open.set()
    await stopping
    assert {code(await one) for one in taken} == {"accepted"}
    assert code(late) == "Stopping"
    assert code(await house.submit(binding(script, "M1", "later"))) == "Stopping"
    await store.close()


async def test_an_idle_session_sleeps_and_wakes_where_it_was(tmp_path: Path, script: Script) -> None:
    script.to_check_in()
    house = House(tmp_path / "c.db", session_idle_ms=20)
    await house.play(script)
    house.registry.start()

    async def asleep() -> bool:
        return house.registry.awake(script.session) is None

    await until(asleep)
    assert await house.size(script.session) == script.at.size
    found = await house.registry.entries(script.session, 0, 1_000)
    assert found == await house.store.entries(script.session, 0, 1_000)
    assert (await house.accept(binding(script, "M1", "key-1"))).seq == script.at.size
    await house.close()


async def test_more_sessions_than_may_be_awake_take_turns(tmp_path: Path, script: Script) -> None:
    house = House(tmp_path / "c.db", sessions_awake_max=2)
    scripts = [Script(script.case, f"s-{n}") for n in range(4)]
    for one in scripts:
        one.to_check_in()
        await house.play(one)
    assert len(house.registry.notes_awake()) == 2
    for one in scripts:
        assert (await house.accept(binding(one, "M1", "key-1"))).seq == one.at.size
    await house.close()


async def test_newest_entries_come_from_memory_and_older_ones_from_the_store(
    tmp_path: Path, script: Script
) -> None:
    house = House(tmp_path / "c.db", tail_entries_max=4)
    script.to_check_in()
    await house.play(script)
    whole = await house.store.entries(script.session, 0, 1_000)
    for since in range(len(whole) + 1):
        for count in (1, 3, 1_000):
            found = await house.registry.entries(script.session, since, count)
            assert found == whole[since : since + count]
    await house.close()


# --- what falls due -----------------------------------------------------------------------------


async def test_a_milestone_left_open_by_a_kill_is_reached_at_the_next_start(
    tmp_path: Path, script: Script
) -> None:
    damaged = Script(script.case, "s-0")
    first = House(tmp_path / "c.db")
    for one in (damaged, script):
        one.book()
        await first.play(one)
    await first.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "c.db", isolation_level=None)) as by_hand:
        by_hand.execute("UPDATE entries SET body = X'7B7D' WHERE session_id = 's-0'")
        by_hand.execute("DELETE FROM entries WHERE seq > 0")
        by_hand.execute("DELETE FROM answers WHERE command_id LIKE 'due-%'")
    again = House(tmp_path / "c.db")
    assert await again.size(script.session) == 1
    again.registry.start()

    async def reached() -> bool:
        return "MilestoneReached" in await again.events(script.session)

    await until(reached)
    assert await again.size(script.session) == script.at.size
    await again.close()


class RunningSenses(TestSenses):
    """A clock that begins where the session in memory ended, and runs."""

    def __init__(self, now: int) -> None:
        super().__init__(now)
        self.began = self.running_ms()

    def now_ms(self) -> int:
        return self.now + self.running_ms() - self.began


async def test_an_overrun_is_raised_in_time_and_refuses_nobody(tmp_path: Path, case: Case) -> None:
    script = Script(replace(case, plan=replace(case.plan, scoring_ms=150)))
    script.now = START_MS
    script.to_scoring()
    house = House(tmp_path / "c.db", senses=RunningSenses(script.now))
    await house.play(script)
    refused = await house.submit(script.next_submit("agent", cmd.LockRoster()))
    assert code(refused) == "WrongPhase"

    async def raised() -> bool:
        return "OverrunRaised" in await house.events(script.session)

    await until(raised)
    for seat in script.members():
        assert (await house.accept(script.next_submit(seat, cmd.SealSheet(bytes(32)), ONE))).status
    assert (await house.events(script.session)).count("OverrunRaised") == 1
    await house.close()


async def test_what_was_due_while_the_disk_was_full_comes_when_it_is_not(tmp_path: Path, case: Case) -> None:
    script = Script(replace(case, plan=replace(case.plan, scoring_ms=150)))
    script.to_scoring()
    store = Troubled(tmp_path / "c.db")
    house = House(tmp_path / "c.db", senses=RunningSenses(script.now), store=store, store_retry_ms=20)
    await house.play(script)
    store.fails_before = 3

    async def raised() -> bool:
        return "OverrunRaised" in await house.events(script.session)

    await until(raised)
    assert store.fails_before == 0
    await house.close()


async def test_the_clock_of_the_record_never_falls(tmp_path: Path, script: Script) -> None:
    script.to_check_in()
    senses = TestSenses(START_MS + 60_000)
    house = House(tmp_path / "c.db", senses=senses)
    await house.play(script)
    senses.now = START_MS - 300_000
    before = await house.registry.published(script.session)
    assert before is not None
    assert (await house.accept(binding(script, "M1", "key-1"))).at == before.state.at
    await house.close()
