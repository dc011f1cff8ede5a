"""A database superuser takes entries away: found at the next start, and by every cosigner."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.ledger import note
from protocol.refusals import Refusal
from protocol.wire import Submit
from server.assembly import Coordinator
from server.config import Bounds
from server.store.contract import NotDurable
from tests.server import nodes
from tests.server.acting import Script, TestSenses, binding, code, until
from tests.server.ledger.cosigner import Cosigner

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))
LOG_S1 = note.ed25519_signer("bids.example/s-1", PRIVATE).key
CUNNING = (
    "DELETE FROM entries WHERE session_id = 's-1' AND seq >= 4",
    "DELETE FROM snapshots WHERE session_id = 's-1'",
    "DELETE FROM answers WHERE session_id = 's-1'",
    "DELETE FROM heads WHERE session_id = 's-1'",
)
"""What somebody would do who knows the tables: nothing in them says any more that there was more."""

Start = Callable[[], Awaitable[Coordinator]]


@pytest.fixture
def cosigners() -> tuple[Cosigner, ...]:
    return tuple(Cosigner(number, LOG_S1) for number in (1, 2))


@pytest.fixture
async def start(tmp_path: Path, database: str, cosigners: tuple[Cosigner, ...]) -> AsyncIterator[Start]:
    """Starts coordinators on one database, each in the place of the one before."""
    folder = nodes.lay(tmp_path / "authority")
    (tmp_path / "log.key").write_bytes(
        PRIVATE.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    running: list[Coordinator] = []

    async def start() -> Coordinator:
        while running:
            await running.pop().stop()
        told = nodes.settings(
            folder, tmp_path / "data", database=database, log_name="bids.example",
            log_key=tmp_path / "log.key", bounds=Bounds(checkpoint_ms=10, lease_ms=300),
            cosigners=[
                {"name": one.name, "vkeys": [k.vkey for k in one.rules.keys], "url": one.url}
                for one in cosigners
            ],
        )  # fmt: skip
        running.append(Coordinator(told, TestSenses()))
        await running[0].start()
        return running[0]

    async with cosigners[0].open(), cosigners[1].open():
        yield start
        while running:
            await running.pop().stop()


async def cosigned(start: Start, script: Script, cosigners: tuple[Cosigner, ...]) -> int:
    """Play until every cosigner holds all there is; how many entries that are."""
    first = await start()
    script.to_check_in()
    for one in script.submits:
        await accept(first, one)
    published = await first.registry.published("s-1")
    assert published is not None
    size = published.state.size

    async def kept() -> bool:
        held = await first.store.heads("s-1")
        return size in held and all(one.history.size == size for one in cosigners)

    await until(kept)
    return size


async def accept(running: Coordinator, submit: Submit) -> None:
    async def is_accepted() -> bool:
        answer = await running.registry.submit(submit, "hefei")
        assert isinstance(answer, Refusal) or answer.status == "accepted", answer
        return not isinstance(answer, Refusal)

    await until(is_accepted)


async def execute(database: str, *statements: str) -> None:
    connection = await asyncpg.connect(database)
    for one in statements:
        await connection.execute(one)
    await connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE entries",
        "TRUNCATE entries, sessions",
        "DELETE FROM entries WHERE session_id = 's-1' AND seq >= 4",
        "DELETE FROM entries WHERE session_id = 's-1' AND seq = 3",
    ],
)
async def test_entries_that_were_taken_away_stop_the_session_at_the_next_start(
    start: Start, script: Script, cosigners: tuple[Cosigner, ...], database: str, statement: str
) -> None:
    await cosigned(start, script, cosigners)
    await execute(database, statement)
    again = await start()
    for submit in (binding(script, "M1", "key-1"), script.submits[0]):
        try:
            answer = await again.registry.submit(submit, "hefei")
        except NotDurable:
            continue
        assert code(answer) == "NotDurable"
    with pytest.raises(NotDurable, match="DamagedEntry"):
        await again.registry.published("s-1")


async def test_where_all_that_tells_of_them_was_taken_away_too_every_cosigner_finds_it(
    start: Start, script: Script, cosigners: tuple[Cosigner, ...], database: str
) -> None:
    size = await cosigned(start, script, cosigners)
    assert size > 4
    await execute(database, *CUNNING)
    again = await start()
    cosigning = again.cosigning
    assert cosigning is not None

    async def found() -> bool:
        await again.registry.published("s-1")
        owed = cosigning.owed("s-1")
        return [(one.name, one.stopped) for one in owed] == [("p1", True), ("p2", True)]

    await until(found)
    assert {one.about for one in again.overview().problems if one.code == "HistoriesDiffer"} == {"s-1"}
    assert all(one.history.size == size for one in cosigners)
    assert await cosigning.cosigned("s-1") is None
