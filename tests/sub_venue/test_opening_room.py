"""A venue's opening: where another found something else, both look once more, from the ciphertext on."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from ops.ceremony.parties import VENUES
from protocol.commands_ceremony import ReportDecryption
from protocol.hidden import Disclosed
from protocol.seal.at_opening import AskContainer
from protocol.session.state import State
from sub_venue.custody.opening_room import OpeningRoom
from sub_venue.seats import own_hand
from sub_venue.unsealed import writing
from sub_venue.uplink.line import LineFault
from tests.protocol.session.ceremony.opened import Opening


class Node:
    """A venue's node about a session in memory: its copy, its line, its journal."""

    def __init__(self, opening: Opening, venue: str, folder: Path) -> None:
        self.opening, self.venue, self.folder = opening, venue, folder
        self.fetched: list[str] = []
        keys = folder / "keys"
        keys.mkdir(parents=True)
        der = opening.parties.key_der(venue, f"opening {opening.session}")
        (keys / f"{opening.session}.key").write_bytes(der)
        self.node_key = self
        self.text = opening.parties.author_text(f"node {venue}")
        self.copies = self.journal = self.senses = self
        self.room = OpeningRoom(
            cast(Any, self), cast(Any, self), folder / "openings", keys, folder / "documents"
        )

    # what the room is given: copies, a journal, a line

    def listen(self, _heard: Any) -> None:
        """It is told by hand."""

    def going_on(self) -> Iterator[State]:
        yield self.opening.at

    def state(self, _session: str) -> State:
        return self.opening.at

    def get(self, _session: str) -> "Node":
        return self

    @property
    def disclosed(self) -> Disclosed:
        return self.opening.disclosed

    def of_author(self, _session: str, _key: str) -> tuple[()]:
        return ()

    async def container(self, asked: AskContainer, path: Path) -> None:
        self.fetched.append(asked.bid)
        raw = next(one.raw for one in self.opening.bids if one.bid == asked.bid)
        await asyncio.to_thread(path.write_bytes, raw)

    def held(self, bid: str) -> Path:
        return self.folder / "openings" / self.opening.session / "01-1" / f"{bid}.tcbid"

    async def looks(self) -> None:
        """The room does what the session asks of it now."""
        self.room.look(self.opening.session)
        while self.room._at_work:
            await asyncio.gather(*self.room._at_work.values())


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch) -> Opening:
    made = Opening().to_received()

    async def keep(by: Any, _session: str, wanted: own_hand.Wanted) -> None:
        made.must(f"node {by.venue}", wanted.content, wanted.stage)

    monkeypatch.setattr(own_hand, "keep", keep)
    return made


def released(opening: Opening) -> None:
    for one in opening.bids:
        assert opening.release(one) == ""
    for name in opening.parties.holders:
        assert opening.custody(name) == ""


async def test_a_venue_whose_disk_lied_looks_again_and_finds_what_the_other_found(
    opening: Opening, tmp_path: Path
) -> None:
    main, other = (Node(opening, venue, tmp_path / venue) for venue in VENUES[:2])
    for node in (main, other):
        await node.looks()
        assert node.fetched == [one.bid for one in opening.bids]
    released(opening)
    raw = bytearray(other.held("bid-002").read_bytes())
    raw[len(raw) // 2] ^= 1
    other.held("bid-002").write_bytes(raw)
    await other.looks()
    await main.looks()
    assert [one.result for one in opening.opening.reports["nanjing"].bids].count("opened") == 3
    everything = {one.bid: one for one in opening.bids}
    assert opening.publish(everything) == "DigestsUnequal"
    await main.looks()
    await other.looks()
    assert [one.result for one in opening.opening.reports["nanjing"].bids].count("opened") == 4
    assert opening.publish(everything) == ""
    assert main.fetched == other.fetched == 2 * [one.bid for one in opening.bids]


async def test_where_they_differ_still_nobody_looks_for_ever(opening: Opening, tmp_path: Path) -> None:
    """The other venue says something else and stays with it: that is for people."""
    main = Node(opening, "hefei", tmp_path / "hefei")
    await main.looks()
    released(opening)
    await main.looks()
    said = opening.opening.reports["hefei"]
    false = ReportDecryption(tuple(reversed_listing(said.bids)), ())
    assert opening.report("nanjing", false) == ""
    for _ in range(3):
        await main.looks()
    assert len(main.fetched) == 2 * len(opening.bids)
    assert opening.opening.reports["hefei"] == said
    assert opening.publish({one.bid: one for one in opening.bids}) == "DigestsUnequal"


def reversed_listing(bids: Any) -> Iterator[Any]:
    """As a venue that lies says it: every bid with another's listing."""
    for one, another in zip(bids, reversed(bids), strict=True):
        yield type(one)(one.bid, one.result, another.listing if one != another else bytes(32))


async def test_what_was_not_on_the_disk_when_the_power_went_is_opened_anew(
    opening: Opening, tmp_path: Path
) -> None:
    """Killed once its word was given: what came to the disk stays, the rest is opened from the ciphertext."""
    main = Node(opening, "hefei", tmp_path / "hefei")
    await main.looks()
    released(opening)
    await main.looks()
    opened = [main.room.opened(opening.session, "01", "1", one.bid) for one in opening.bids]
    assert [writing.settled(one) for one in opened] == [True] * 4
    assert opening.report("nanjing", ReportDecryption(opening.opening.reports["hefei"].bids, ())) == ""
    assert opening.publish({one.bid: one for one in opening.bids}) == ""
    files = {one: sorted(one.rglob("*.txt")) for one in opened}
    texts = {path: path.read_bytes() for found in files.values() for path in found}
    assert texts
    writing.unsettle(opened[0])
    files[opened[0]][0].write_bytes(b"")
    before = opened[1].stat().st_ino
    again = Node.__new__(Node)
    again.__dict__.update(main.__dict__, fetched=[])
    again.room = OpeningRoom(
        cast(Any, again), cast(Any, again), main.folder / "openings", main.folder / "keys",
        main.folder / "documents",
    )  # fmt: skip
    again.room.start()
    assert not opened[0].exists()
    await again.looks()
    assert again.fetched == []
    assert {path: path.read_bytes() for path in texts} == texts
    assert opened[1].stat().st_ino == before
    assert [writing.settled(one) for one in opened] == [True] * 4
    assert again.fetched == []


async def test_what_is_opened_anew_by_a_disk_that_lies_is_fetched_anew(
    opening: Opening, tmp_path: Path
) -> None:
    """The ciphertext changes between its comparison and the second opening: it is fetched, and opened."""
    main = Node(opening, "hefei", tmp_path / "hefei")
    await main.looks()
    released(opening)
    await main.looks()
    assert opening.report("nanjing", ReportDecryption(opening.opening.reports["hefei"].bids, ())) == ""
    assert opening.publish({one.bid: one for one in opening.bids}) == ""
    folder = main.room.opened(opening.session, "01", "1", "bid-001")
    writing.unsettle(folder)
    shutil.rmtree(folder)
    raw = bytearray(main.held("bid-001").read_bytes())
    raw[len(raw) // 2] ^= 1
    main.held("bid-001").write_bytes(raw)
    for _ in range(2):
        with pytest.raises(LineFault):
            await main.looks()
    await main.looks()
    assert folder.is_dir()
    assert main.fetched == [*(one.bid for one in opening.bids), "bid-001"]
