"""When another writer is first, the store cannot write, or our own code trips: nothing is lost or doubled."""

import asyncio
import contextlib
import random
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from protocol import commands as cmd
from protocol import entry
from protocol.refusals import Refusal
from protocol.session import deadlines
from protocol.session.decide import decide
from protocol.wire import Answer
from protocol.words import Stage
from server.sessions import speculation
from server.store.contract import NotDurable
from tests.server.acting import House, Script, Troubled, binding, code

ONE = Stage("01", "1", 1)


@pytest.fixture
async def troubled(tmp_path: Path) -> AsyncIterator[tuple[House, Troubled]]:
    store = Troubled(tmp_path / "coordinator.db")
    house = House(tmp_path / "coordinator.db", store=store, store_retry_ms=20)
    yield house, store
    await house.close()


# --- the store ----------------------------------------------------------------------------------


async def test_nothing_is_accepted_that_is_not_durable(
    troubled: tuple[House, Troubled], script: Script
) -> None:
    house, store = troubled
    script.to_check_in()
    await house.play(script)
    size = await house.size(script.session)
    store.fails_before = 1
    many = [binding(script, "M1", f"key-{n}") for n in range(5)]
    assert {code(one) for one in await asyncio.gather(*map(house.submit, many))} == {"NotDurable"}
    assert await house.size(script.session) == size
    answers = await asyncio.gather(*map(house.accept, many))
    assert [one.seq for one in answers] == list(range(size, size + 5))


async def test_what_was_written_all_the_same_is_answered_once_it_is_read_again(
    troubled: tuple[House, Troubled], script: Script
) -> None:
    house, store = troubled
    script.to_check_in()
    await house.play(script)
    size = await house.size(script.session)
    store.fails_after = 1
    one = binding(script, "M1", "key-1")
    assert code(await house.submit(one)) == "NotDurable"
    assert (await house.accept(one)).seq == size
    assert await house.size(script.session) == size + 1


async def test_what_was_written_all_the_same_is_hinted_at_once_it_is_read_again(
    troubled: tuple[House, Troubled], script: Script
) -> None:
    house, store = troubled
    script.to_check_in()
    await house.play(script)
    size = await house.size(script.session)
    hints: list[int] = []
    house.bus.listen(lambda _session, grown: hints.append(grown))
    store.fails_after = 1
    one = binding(script, "M1", "key-1")
    assert code(await house.submit(one)) == "NotDurable"
    await house.accept(one)
    assert hints == [size + 1]


async def test_a_commit_that_comes_through_behind_the_reading_is_shown_with_its_answer(
    troubled: tuple[House, Troubled], script: Script
) -> None:
    """Seed 625: the answer was found in the store and given; its entry was not seen until the next act."""
    house, store = troubled
    script.to_check_in()
    await house.play(script)
    size = await house.size(script.session)
    hints: list[int] = []
    house.bus.listen(lambda _session, grown: hints.append(grown))
    store.given_up = []
    one = binding(script, "M1", "key-1")
    assert code(await house.submit(one)) == "NotDurable"
    assert await house.size(script.session) == size
    (late,), store.given_up = store.given_up, None
    await store.append(late)
    assert (await house.accept(one)).seq == size
    assert await house.size(script.session) == size + 1
    assert hints == [size + 1]


async def test_a_session_that_cannot_be_read_harms_no_other(tmp_path: Path, script: Script) -> None:
    path = tmp_path / "c.db"
    house = House(path)
    other = Script(script.case, "s-2")
    for one in (script, other):
        one.to_check_in()
        await house.play(one)
    await house.close()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as by_hand:
        by_hand.execute("UPDATE entries SET body = X'7B7D' WHERE session_id = 's-1' AND seq = 3")
    house = House(path)
    assert code(await house.submit(binding(script, "M1", "key-1"))) == "NotDurable"
    with pytest.raises(NotDurable):
        await house.registry.published("s-1")
    assert (await house.accept(binding(other, "M1", "key-1"))).status == "accepted"
    await house.close()


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_fails_in_whatever_order_every_act_is_there_once(
    tmp_path: Path, script: Script, seed: int
) -> None:
    dice = random.Random(seed)
    script.to_check_in()
    path = tmp_path / "c.db"
    left = [binding(script, f"M{n % 5 + 1}", f"key-{n}") for n in range(60)]
    answers: dict[str, Answer] = {}
    store = Troubled(path)
    house = House(path, store=store, store_retry_ms=1, batch_commands_max=4)
    await house.play(script)
    while left:
        store.fails_before, store.fails_after = dice.choice(((0, 0), (1, 0), (0, 1), (2, 1)))
        taken = [left.pop(dice.randrange(len(left))) for _ in range(min(len(left), dice.randint(1, 9)))]
        for act, answer in zip(taken, await asyncio.gather(*map(house.submit, taken)), strict=True):
            if isinstance(answer, Refusal):
                left.append(act)
            else:
                answers[answer.command_id] = answer
        if dice.random() < 0.2:
            await house.close()
            store = Troubled(path)
            house = House(path, store=store, store_retry_ms=1, batch_commands_max=4)
    store.fails_before = store.fails_after = 0
    entries = [entry.decode(raw) for raw in await store.entries(script.session, 0, 1_000)]
    ids = [one.command.command_id for one in entries]
    assert len(ids) == len(set(ids)) == script.at.size + 60
    assert len(answers) == 60
    assert all((ids[one.seq], one.status) == (name, "accepted") for name, one in answers.items())
    await house.close()


# --- another writer -----------------------------------------------------------------------------


async def test_two_coordinators_on_one_session_lose_and_double_nothing(
    tmp_path: Path, script: Script
) -> None:
    script.to_check_in()
    one, two = House(tmp_path / "c.db"), House(tmp_path / "c.db")
    await one.play(script)
    size = await one.size(script.session)
    assert await two.size(script.session) == size
    acts = [binding(script, "M1", f"key-{n}") for n in range(40)]
    answers = [await (one, two)[n % 2].submit(act) for n, act in enumerate(acts)]
    assert {code(answer) for answer in answers} == {"accepted"}
    assert sorted(a.seq for a in answers if isinstance(a, Answer)) == list(range(size, size + 40))
    assert one.meters.registry.get_sample_value("tongchang_append_conflicts_total")
    await one.close()
    await two.close()


async def test_a_conflict_drops_only_its_own_sessions_batch(tmp_path: Path, script: Script) -> None:
    script.to_check_in()
    other = Script(script.case, "s-2")
    other.to_check_in()
    house, rival = House(tmp_path / "c.db"), House(tmp_path / "c.db")
    await house.play(script)
    await house.play(other)
    await rival.accept(binding(script, "M5", "rival"))
    told = await asyncio.gather(
        house.accept(binding(script, "M1", "key-1")), house.accept(binding(other, "M1", "key-1"))
    )
    assert told[0].seq == script.at.size + 1
    assert told[1].seq == other.at.size
    assert house.meters.registry.get_sample_value("tongchang_append_conflicts_total") == 1
    await house.close()
    await rival.close()


async def test_a_genesis_that_another_coordinator_took_is_a_session_that_exists(
    tmp_path: Path, script: Script
) -> None:
    content, plan = script.book_content()
    script.book()
    house, rival = House(tmp_path / "c.db"), House(tmp_path / "c.db")
    assert await house.registry.published(script.session) is None
    await rival.play(script)
    again = script.next_submit("agent", content)
    assert code(await house.submit(replace(again, disclosures=(plan,)))) == "SessionExists"
    assert code(await house.submit(script.submits[0])) == "accepted"
    await house.close()
    await rival.close()


# --- our own mistakes ---------------------------------------------------------------------------


async def test_an_assert_fails_its_act_alone_and_the_session_goes_on(
    house: House, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.to_check_in()
    await house.play(script)
    real = decide

    def tripping(state: Any, command: cmd.Command, at: int, entropy: bytes) -> Any:
        assert command.command_id != "bind-key-2-1"
        return real(state, command, at, entropy)

    monkeypatch.setattr(speculation, "decide", tripping)
    size = await house.size(script.session)
    acts = [binding(script, "M1", f"key-{n}") for n in range(5)]
    answers = await asyncio.gather(*map(house.submit, acts))
    assert [code(one) for one in answers] == ["accepted", "accepted", "Faulted", "accepted", "accepted"]
    assert await house.size(script.session) == size + 4
    assert house.meters.registry.get_sample_value("tongchang_actor_asserts_total") == 1
    monkeypatch.undo()
    assert (await house.accept(acts[2])).seq == size + 4


async def test_an_assert_in_what_is_due_does_not_stop_the_session(
    house: House, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.to_check_in()
    await house.play(script)
    await house.close()

    def tripping(*_: object) -> None:
        raise AssertionError("due")

    monkeypatch.setattr(deadlines, "due", tripping)
    again = House(Path(str(house.store._engine.url.database)))  # type: ignore[attr-defined]
    assert await again.size(script.session) == script.at.size
    monkeypatch.undo()
    assert (await again.accept(binding(script, "M1", "key-1"))).status == "accepted"
    await again.close()
