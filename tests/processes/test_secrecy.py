"""Before the opening no score is anywhere but with its own member and, sealed, at its own venue.

A session of canaries is held when every sheet is sealed and scoring is not closed. The files of the
coordinator and of every venue are copied as they lie there, and what every person's socket received is noted
on the wire. The same search then finds the same values where the test plants them, and everywhere they belong
after the opening. Source: DESIGN 3, 7; 12号令 13, 87号令 62.
"""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from msgspec import Struct

from ops.installation import COORDINATOR, LOOPBACK, Installation
from ops.stack import Stack
from protocol import canonical, wire
from protocol.hidden import Opening, disclose_opening
from protocol.session.phases import STAGE_ORDER
from sub_venue.journal import frames, journal
from sub_venue.journal.journal import Act
from tests.processes import canaries
from tests.processes.canaries import Canary
from tests.processes.held_play import Gate, HeldPlay, held
from tests.processes.web_socket import EVENT, packet
from tests.processes.wiretap import tapped

pytestmark = pytest.mark.asyncio(loop_scope="module")

SESSION = "canaries"
EXPERTS = tuple(canaries.POINTS_CENTI)
VENUES = {"M1": "hefei", "M2": "shanghai", "M3": "nanjing", "M4": "nanjing", "M5": "hangzhou"}
Plant = Callable[[Path, Opening], str]
"""Writes an opening in clear somewhere under a folder; the path of the file."""


class Kept(Struct, frozen=True):
    """What there was to be seen: files as they lay when all was sealed and at the end, and the wire."""

    openings: dict[str, Opening]
    sealed: Path
    ended: Path
    until_sealed: dict[str, list[bytes]]
    to_the_end: dict[str, list[bytes]]
    sent: dict[str, list[bytes]]
    open_to_all: dict[str, bytes]

    @property
    def canaries(self) -> tuple[Canary, ...]:
        """Everything that must stay hidden until the opening."""
        return tuple(one for opening in self.openings.values() for one in canaries.of_opening(opening))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kept(running: Stack, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    gate = Gate("CloseScoring", "agent")
    sealed = tmp_path_factory.mktemp("sealed")
    async with tapped(running.installation) as wiretap:
        play = HeldPlay(wiretap.installation, canaries.case(), SESSION, before=gate.pass_by)
        async with held(play, gate) as playing:
            _copy(running.installation.data, sealed)
            until_sealed = {tap.seat: list(tap.down) for tap in wiretap.taps}
            open_to_all = await _open_to_all(running.installation)
            gate.open.set()
            await playing
        assert len(wiretap.taps) == len(until_sealed) == len(play.people)
        return Kept(
            {one.expert: one for one in play.openings()},
            sealed,
            running.installation.data,
            until_sealed,
            {tap.seat: tap.down for tap in wiretap.taps},
            {tap.seat: tap.up for tap in wiretap.taps},
            open_to_all,
        )


async def _open_to_all(found: Installation) -> dict[str, bytes]:
    """What the processes tell over plain HTTP to whoever asks."""
    ports = {f"{COORDINATOR}/{page}": (found.http_port, page) for page in ("overview", "metrics", "readyz")}
    ports |= {node.place.node: (node.port, "api/node") for node in found.nodes}
    told = {}
    async with aiohttp.ClientSession() as http:
        for name, (port, page) in ports.items():
            async with http.get(f"http://{LOOPBACK}:{port}/{page}") as answer:
                told[name] = await answer.read()
    return told


def _copy(data: Path, to: Path) -> None:
    """Every file of every process, as it lies there; the people's own notes are not theirs."""
    for name in (COORDINATOR, "nodes", "logs"):
        shutil.copytree(data / name, to / name)


# --- the files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "folder", [COORDINATOR, "logs", *(f"nodes/{venue}" for venue in sorted(set(VENUES.values())))]
)
async def test_no_file_gives_a_sealed_score_away(kept: Kept, folder: str) -> None:
    assert set(kept.openings) == set(EXPERTS)
    assert len(kept.canaries) == 4 * len(EXPERTS)
    assert canaries.search(kept.sealed / folder, kept.canaries) == {}


async def test_what_was_searched_is_everything_that_a_process_writes(kept: Kept) -> None:
    files = {
        path.relative_to(kept.sealed).as_posix(): path for path in kept.sealed.rglob("*") if path.is_file()
    }
    venues = sorted(set(VENUES.values()))
    wanted = {
        f"{COORDINATOR}/coordinator.db",
        f"{COORDINATOR}/coordinator.db-wal",
        "nodes/hefei/cases/canaries.json",
    }
    wanted |= {f"logs/{name}.log" for name in (COORDINATOR, *venues)}
    wanted |= {
        f"nodes/{venue}/{name}" for venue in venues for name in ("journal.log", f"sessions/{SESSION}.copy")
    }
    assert wanted <= set(files)
    assert all(files[name].stat().st_size for name in wanted)
    for venue in venues:
        mine = sorted(seat for seat in EXPERTS if VENUES[seat] == venue)
        drafts = [name for name in files if name.startswith(f"nodes/{venue}/drafts/")]
        assert len(drafts) == len(mine)
        acts = _journal(files[f"nodes/{venue}/journal.log"])
        assert sorted(act.seat for act in acts if act.type == "SealSheet" and act.sealed) == mine


async def test_after_the_opening_the_same_search_finds_every_score_at_the_coordinator(kept: Kept) -> None:
    found = canaries.search(kept.ended / COORDINATOR, kept.canaries)
    assert {path.partition("-")[0] for path in found} == {"coordinator.db"}
    assert set().union(*found.values()) >= {
        (seat, what) for seat in EXPERTS for what in ("score", "row", "opening", "nonce")
    }


# --- the search itself: the same values, in clear, where such a thing would lie --------------------


def _in_the_database(folder: Path, opening: Opening) -> str:
    """A disclosure that is a phase too early."""
    one = disclose_opening(opening)
    row = (SESSION, one.digest, one.field, one.salt, one.value)
    with sqlite3.connect(folder / COORDINATOR / "coordinator.db") as database:
        database.execute(
            "INSERT INTO disclosures (session_id, digest, field, salt, value) VALUES (?, ?, ?, ?, ?)", row
        )
    database.close()
    return f"{COORDINATOR}/coordinator.db"


def _in_a_log(folder: Path, opening: Opening) -> str:
    """A message that was logged whole, escaped twice on its way."""
    submit = wire.Submit(command="{}", sig="ed25519:", disclosures=(disclose_opening(opening),))
    line = msgspec.json.encode({"event": "refused", "message": msgspec.json.encode(submit).decode()})
    return _append(folder, f"logs/{COORDINATOR}.log", line + b"\n")


def _as_a_python_value_in_a_log(folder: Path, opening: Opening) -> str:
    return _append(folder, "logs/nanjing.log", repr(opening.scores).encode())


def _in_a_journal(folder: Path, opening: Opening) -> str:
    """An opening that was not sealed before it was kept."""
    name = f"nodes/{VENUES[opening.expert]}/journal.log"
    first = _journal(folder / name)[0]
    act = msgspec.structs.replace(first, sealed=canonical.encode(opening))
    return _append(folder, name, frames.encode(msgspec.json.encode(act), 0))


def _in_a_draft(folder: Path, opening: Opening) -> str:
    draft = wire.Draft(SESSION, opening.expert, opening.stage, 5, opening.scores)
    return _append(
        folder, f"nodes/{VENUES[opening.expert]}/drafts/{SESSION}/clear.draft", msgspec.json.encode(draft)
    )


def _in_a_case(folder: Path, opening: Opening) -> str:
    """The members' sheets left in the agent's case, indented as people write them."""
    raw = msgspec.json.format(msgspec.json.encode({"sheets": {"01": {opening.expert: opening.scores}}}))
    return _append(folder, f"nodes/hefei/cases/{SESSION}.json", raw)


def _as_a_nonce(folder: Path, opening: Opening) -> str:
    return _append(folder, f"{COORDINATOR}/config.json", opening.nonce)


PLANTS = [
    _in_the_database, _in_a_log, _as_a_python_value_in_a_log, _in_a_journal, _in_a_draft, _in_a_case,
    _as_a_nonce,
]  # fmt: skip


@pytest.mark.parametrize("plant", PLANTS)
async def test_a_canary_that_is_planted_in_clear_is_found(kept: Kept, plant: Plant, tmp_path: Path) -> None:
    for seat in ("M2", "M5"):
        folder = tmp_path / seat
        shutil.copytree(kept.sealed, folder)
        path = plant(folder, kept.openings[seat])
        found = canaries.search(folder, kept.canaries)
        assert [one.partition("-")[0] for one in found] == [path.partition("-")[0]]
        assert {seat for seat, _ in found[next(iter(found))]} == {seat}


def _append(folder: Path, name: str, raw: bytes) -> str:
    with (folder / name).open("ab") as file:
        file.write(raw)
    return name


def _journal(path: Path) -> list[Act]:
    records = (journal._READ.decode(frame.payload) for frame in frames.scan(path.read_bytes()).frames)
    return [one for one in records if isinstance(one, Act)]


# --- the wire -----------------------------------------------------------------------------------


async def test_nobody_but_its_own_member_is_sent_a_score_before_the_opening(kept: Kept) -> None:
    assert len(kept.until_sealed) == 1 + 1 + len(EXPERTS) + 3 * len(set(VENUES.values()))
    for seat, received in kept.until_sealed.items():
        others = [one for one in kept.canaries if one.seat != seat]
        assert received
        assert canaries.hits(b"\n".join(received), others) == set(), seat


async def test_what_is_told_to_whoever_asks_holds_nothing_of_it(kept: Kept) -> None:
    assert all(SESSION.encode() in told for name, told in kept.open_to_all.items() if "/" not in name)
    for name, told in kept.open_to_all.items():
        assert canaries.hits(told, kept.canaries) == set(), name


async def test_every_member_did_send_its_own_score_and_nobody_elses(kept: Kept) -> None:
    for seat in EXPERTS:
        sent = canaries.hits(b"\n".join(kept.sent[seat]), kept.canaries)
        assert {whose for whose, _ in sent} == {seat}
        assert {"score", "nonce"} <= {what for _, what in sent}


async def test_after_the_opening_every_member_is_shown_every_score_and_not_a_message_earlier(
    kept: Kept,
) -> None:
    scores = [one for one in kept.canaries if one.what == "score"]
    for seat in (*EXPERTS, "agent", "supervisor-nanjing"):
        assert {whose for whose, _ in canaries.hits(b"\n".join(kept.to_the_end[seat]), scores)} == set(
            EXPERTS
        )
        for message in kept.to_the_end[seat]:
            if canaries.hits(message, scores):
                assert _phase(message) in STAGE_ORDER[STAGE_ORDER.index("SUMMARY") :]


async def test_members_are_shown_prices_and_names_only_after_the_opening(kept: Kept) -> None:
    telling = [text.encode() for text in (*canaries.PRICES.values(), *canaries.NAMES.values())]
    for seat in EXPERTS:
        before, after = b"\n".join(kept.until_sealed[seat]), b"\n".join(kept.to_the_end[seat])
        assert [text for text in telling if text in before] == []
        assert [text for text in telling if text not in after] == []
    agent = b"\n".join(kept.until_sealed["agent"])
    assert [text for text in telling if text not in agent] == []


def _phase(message: bytes) -> str:
    """The stage's phase in a message that shows a view."""
    found = packet(message)
    assert found is not None
    news = found.said[1] if found.kind == EVENT else found.said[0]
    phase: str = news["view"]["stages"][0]["phase"]
    return phase
