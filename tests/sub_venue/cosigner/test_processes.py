"""Cosigners as real processes: killed between state and answer, set back, shown two histories."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from protocol.ledger import checkpoint, fork, note, quorum
from protocol.ledger.quorum import NotEnough
from tests.sub_venue.cosigner.ground import LOG, ONE, OTHER, Cosigner, Log, asked, head

Make = Callable[..., Cosigner]

DIE_BEFORE_STATE = """
import os, signal, runpy
from sub_venue.cosigner.book import Book
async def die(self, keep): os.kill(os.getpid(), signal.SIGKILL)
Book.keep = die
runpy.run_module("sub_venue.cosigner", run_name="__main__", alter_sys=True)
"""
DIE_BEFORE_ANSWER = """
import os, signal, runpy
from protocol.ledger.cosigner import Cosigner
Cosigner.kept = lambda self, keep: os.kill(os.getpid(), signal.SIGKILL)
runpy.run_module("sub_venue.cosigner", run_name="__main__", alter_sys=True)
"""


@pytest_asyncio.fixture
async def log() -> AsyncIterator[Log]:
    one = Log()
    await one.start()
    yield one
    await one.stop()


@pytest_asyncio.fixture
async def make(log: Log, tmp_path: Path) -> AsyncIterator[Make]:
    made: list[Cosigner] = []

    def cosigner(number: int, history: str = "one", peers: tuple[int, ...] = ()) -> Cosigner:
        made.append(Cosigner(tmp_path, number, log, history, [f"p{peer}" for peer in peers]))
        return made[-1]

    yield cosigner
    for one in made:
        await one.kill()


async def _added(own: Cosigner, body: bytes) -> checkpoint.Checkpoint:
    """The head that it cosigned."""
    status, lines = await own.add(body)
    assert status == 200, lines
    text = body.decode().split("\n\n", 1)[1]
    read, opened = checkpoint.open_checkpoint(text + lines, [LOG.key], [own.key])
    assert opened.by(own.key) is not None
    return read


async def test_killed_between_state_and_answer_it_has_the_head_and_signs_no_other(make: Make) -> None:
    own = make(0)
    await own.start(DIE_BEFORE_STATE)
    with pytest.raises(aiohttp.ClientError):
        await own.add(asked(0, 5))
    await own.ended()

    await own.start(DIE_BEFORE_ANSWER)
    assert await own.get("checkpoint") is None
    with pytest.raises(aiohttp.ClientError):
        await own.add(asked(0, 9))
    await own.ended()

    await own.start()
    assert await own.add(asked(0, 9)) == (409, "9\n")
    assert (await _added(own, asked(9, 9))).root == ONE.root(9)
    status, _ = await own.add(asked(9, 9, OTHER))
    assert status == 422
    smaller, larger = fork.verify(fork.read(await own.shown("fork")), [LOG.key])
    assert {smaller.root, larger.root} == {ONE.root(9), OTHER.root(9)}

    await own.kill()
    await own.start()
    assert await own.get("fork") is not None
    status, _ = await own.add(asked(9, 12))
    assert status == 422


async def test_set_back_to_an_old_backup_it_does_not_sign_backwards(
    make: Make, log: Log, tmp_path: Path
) -> None:
    own, peer = make(0, peers=(1,)), make(1)
    await peer.start()
    log.open_links.add("p1")
    log.behind["p1"] = peer.url
    await own.start()
    for old, size in ((0, 5), (5, 9)):
        await _added(own, asked(old, size))
        if size == 5:
            own.back_up(tmp_path / "backup")
        await _added(peer, asked(old, size))
    await own.kill()
    own.set_back(tmp_path / "backup")

    # Nobody answers: it cannot know, and signs nothing.
    await peer.kill()
    await own.start()
    status, _ = await own.add(asked(5, 7, OTHER))
    assert status == 503
    assert checkpoint.read(note.split(await own.shown("checkpoint"))[0]).size == 5

    # Its peer is back: what both had signed is where it goes on.
    await peer.start()
    assert await own.add(asked(5, 7, OTHER)) == (409, "9\n")
    assert (await own.add(asked(9, 12, OTHER)))[0] == 422
    assert (await _added(own, asked(9, 12))).size == 12


async def test_a_cosigner_set_back_knows_its_own_signature_on_what_the_log_published(
    make: Make, log: Log, tmp_path: Path
) -> None:
    own = make(0)
    await own.start()
    await _added(own, asked(0, 5))
    own.back_up(tmp_path / "backup")
    status, lines = await own.add(asked(5, 9))
    assert status == 200
    await own.kill()
    own.set_back(tmp_path / "backup")
    log.published["one"] = head(9) + lines
    await own.start()
    assert await own.add(asked(5, 7, OTHER)) == (409, "9\n")


async def test_a_log_that_shows_each_half_another_history_gets_one_quorum_at_most_and_is_found_out(
    make: Make, log: Log
) -> None:
    halves = {0: ("one", ONE), 1: ("one", ONE), 2: ("other", OTHER), 3: ("other", OTHER)}
    everyone = [make(n, name, tuple(set(halves) - {n})) for n, (name, _) in halves.items()]
    policy = quorum.read(
        f"log {LOG.key.vkey}\n"
        + "".join(f"witness {one.name} {one.key.vkey}\n" for one in everyone)
        + "group live 3 p0 p1 p2 p3\nquorum live\n"
    )
    for one in everyone:
        await one.start()
    lines = {"one": "", "other": ""}
    for number, own in enumerate(everyone):
        name, grown = halves[number]
        await _added(own, asked(0, 8, grown))
        # Of different sizes, too: the two halves never hold heads of one size after this.
        size = 12 if name == "one" else 14
        status, told = await own.add(asked(8, size, grown))
        assert status == 200
        lines[name] += told
    for name, grown, size in (("one", ONE, 12), ("other", OTHER, 14)):
        with pytest.raises(NotEnough):
            quorum.judge(head(size, grown) + lines[name], policy)
    for own in everyone:
        assert await own.get("fork") is None

    # The log lets messages to one of them through: the first tells both ends, and whoever asks next.
    log.open_links.add("p2")
    for own in everyone:
        smaller, larger = fork.verify(fork.read(await own.shown("fork")), [LOG.key])
        assert (smaller.size, larger.size) == (12, 14)
        assert (smaller.root, larger.root) == (ONE.root(12), OTHER.root(14))
    for number, own in enumerate(everyone):
        name, grown = halves[number]
        size = 12 if name == "one" else 14
        status, _ = await own.add(asked(size, size + 1, grown))
        assert status == 422
