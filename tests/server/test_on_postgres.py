"""A coordinator on PostgreSQL, started again; and an act whose commit lost its answer."""

import asyncio
from pathlib import Path

import pytest

from ops.postgres import Cluster
from protocol.refusals import Refusal
from protocol.wire import Answer, Submit
from server.assembly import Coordinator
from server.store.contract import Batch
from server.store.postgres import PostgresStore
from server.telemetry import Meters
from tests.server import nodes
from tests.server.acting import WAIT_S, House, Script, TestSenses, binding, code
from tests.server.lines import Line


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return nodes.lay(tmp_path / "authority")


async def accepted(running: Coordinator, submit: Submit) -> Answer:
    """Submit until it is taken: a lease may have to be waited for."""
    async with asyncio.timeout(WAIT_S):
        while True:
            answer = await running.registry.submit(submit, "hefei")
            if isinstance(answer, Answer):
                assert answer.status == "accepted", answer
                return answer
            await asyncio.sleep(0.05)


async def test_a_coordinator_finds_its_sessions_again(
    folder: Path, tmp_path: Path, database: str, script: Script
) -> None:
    script.to_check_in()
    told = nodes.settings(folder, tmp_path / "data", database=database)
    first = Coordinator(told, TestSenses())
    await first.start()
    answers = [await accepted(first, one) for one in script.submits]
    await first.stop()
    again = Coordinator(told, TestSenses())
    await again.start()
    assert again.overview().ready
    assert [await accepted(again, one) for one in script.submits] == answers
    published = await again.registry.published(script.session)
    assert published is not None
    assert published.state.phase == "CHECKIN"
    await again.stop()
    assert not list((tmp_path / "data").glob("*.db"))


class Cut(PostgresStore):
    """A store whose line is cut just when an append is answered."""

    def __init__(self, url: str, line: Line) -> None:
        super().__init__(url, Meters(), 512)
        self.cuts = 0
        self._line = line

    async def append(self, batch: Batch) -> None:
        self._line.cuts, self.cuts = self.cuts, 0
        await super().append(batch)


async def test_an_act_whose_commit_lost_its_answer_is_answered_as_the_first_time(
    database: str, shared_cluster: Cluster, tmp_path: Path, script: Script
) -> None:
    line = Line(shared_cluster, tmp_path / "line")
    await line.open()
    store = Cut(database.replace(str(shared_cluster.data_dir), str(line.folder)), line)
    await store.prepare()
    house = House(Path(), store=store)
    script.to_check_in()
    await house.play(script)
    size = await house.size(script.session)
    act = binding(script, "M1", "key-1")
    store.cuts = 1
    told: list[Answer | Refusal] = [await house.submit(act), await house.submit(act)]
    assert [code(one) for one in told] == ["NotDurable", "accepted"]
    assert told[1] == await house.accept(act)
    events = await house.events(script.session)
    assert events.count("SeatBound") == 1
    assert await house.size(script.session) > size
    await house.close()
    await line.close()
