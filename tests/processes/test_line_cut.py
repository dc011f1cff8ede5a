"""The line of every venue cut at the moment of sealing: acts are kept, and arrive when it is back.

The coordinator is stopped (SIGSTOP) while all members seal. Each page gets a *kept* answer whose receipt
verifies under its node's key and names what lies in that node's journal; after SIGCONT the same acts are
accepted. Source: DESIGN 1.4, 1.8, 9; SPEC 3, 10.
"""

import asyncio
import os
import signal
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from msgspec import Struct
from msgspec.structs import replace

from ops import act, certificates, places
from ops.installation import COORDINATOR
from ops.people import script
from ops.stack import Stack
from protocol import canonical, commands, entry, record, wire
from protocol.commands import Command, ImportCommittee
from protocol.link import receipt
from protocol.seal import signing
from sub_venue.journal import frames, journal
from sub_venue.journal.journal import Act
from tests.processes import raw_socket
from tests.processes.held_play import Gate, HeldPlay, held, undisturbed
from tests.processes.wiretap import Wiretap, tapped

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXPERTS = ("M1", "M2", "M3", "M4", "M5")
KEPT_S = 30
"""How long the nodes may take to answer `kept` while nobody answers them."""


class Sealing(Struct, frozen=True):
    """One member's `SealSheet`: as it was sent, what it was told at once, and what in the end."""

    seat: str
    venue: str
    command: Command
    submit: wire.Submit
    at_once: wire.Answer
    finally_: wire.Answer


class Cut(Struct, frozen=True):
    """A session whose line was cut, beside one that nothing happened to."""

    calm: act.Played
    played: act.Played
    sealings: tuple[Sealing, ...]
    journals: dict[str, dict[int, Act]]
    node_keys: dict[str, str]
    views_meanwhile: dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cut(running: Stack) -> Cut:
    found = running.installation
    case = script.load(places.sample_case())
    calm = await undisturbed(found, case, "calm")
    gate = Gate("SealSheet", *EXPERTS)
    async with tapped(found) as wiretap:
        play = HeldPlay(wiretap.installation, case, "cut", before=gate.pass_by)
        async with held(play, gate) as playing:
            pid = running.pid(COORDINATOR)
            os.kill(pid, signal.SIGSTOP)
            try:
                gate.open.set()
                async with asyncio.timeout(KEPT_S):
                    await wiretap.until(lambda: len(_kept(wiretap)) == len(EXPERTS))
                journals = {node.place.node: _journal(found.config(node.place.node)) for node in found.nodes}
                views = {seat: await _view(running, play, seat) for seat in EXPERTS}
                assert _is_stopped(pid)
            finally:
                os.kill(pid, signal.SIGCONT)
            played = await playing
        nodes = {seat: person.node.place.node for seat, person in play.people.items()}
        keys = {
            node.place.node: signing.public_text(
                certificates.read_signing_key(found.config(node.place.node).parent / "node.key")
            )
            for node in found.nodes
        }
        return Cut(calm, played, _sealings(wiretap, nodes), journals, keys, views)


def _kept(wiretap: Wiretap) -> list[tuple[wire.Submit, wire.Answer]]:
    """The sheets whose first answer was that they are kept."""
    return [
        (submit, answer)
        for submit, answer in wiretap.acts()
        if answer.status == "kept" and commands.parse(submit.command.encode()).type == "SealSheet"
    ]


def _sealings(wiretap: Wiretap, nodes: dict[str, str]) -> tuple[Sealing, ...]:
    found = []
    for seat in EXPERTS:
        (tap,) = wiretap.of(seat)
        acts = [
            (command, submit, answer)
            for submit, answer in tap.acts()
            if (command := commands.parse(submit.command.encode())).type == "SealSheet"
        ]
        command, submit, first = acts[0]
        later = [answer for other, _, answer in acts[1:] if other == command]
        answers = [one for one in tap.late_answers() if one.command_id == command.command_id]
        found.append(Sealing(seat, nodes[seat], command, submit, first, [*answers, *later][-1]))
    return tuple(found)


def _journal(config: Path) -> dict[int, Act]:
    """The acts in a node's journal, by index, as they lie there while it runs."""
    raw = (config.parent / "journal.log").read_bytes()
    records = (journal._READ.decode(frame.payload) for frame in frames.scan(raw).frames)
    return {one.index: one for one in records if isinstance(one, Act)}


async def _view(running: Stack, play: HeldPlay, seat: str) -> str:
    """The phase that a page is shown which proves its seat anew, on a connection of its own."""
    person = play.people[seat]
    async with raw_socket.at_desk(running.installation.node(person.node.place.node)) as page:
        nonce = msgspec.convert(await page.ask(wire.CHALLENGE), wire.Challenge).nonce
        statement = {"session": play.session, "seat": seat, "key": person.key_text, "nonce": nonce}
        sig = person.sign(canonical.tag("prove/v1") + canonical.encode(statement))
        await page.ask(wire.PROVE, wire.Proof(play.session, seat, person.key_text, nonce, sig))
        news = await page.ask(wire.FOLLOW, wire.Follow(play.session, 0))
        return str(news["view"]["stages"][0]["phase"])


def _is_stopped(pid: int) -> bool:
    """Whether a process is stopped by a signal: `T` behind its name in its `stat`."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


async def test_every_member_is_told_kept_while_nobody_answers_its_node(cut: Cut) -> None:
    assert [one.seat for one in cut.sealings] == list(EXPERTS)
    for one in cut.sealings:
        assert (one.at_once.status, one.at_once.seq, one.at_once.refused) == ("kept", -1, None)
        assert one.at_once.command_id == one.command.command_id


async def test_the_receipt_is_the_nodes_signature_over_what_it_keeps(cut: Cut) -> None:
    for one in cut.sealings:
        kept = one.at_once.kept
        assert kept is not None
        assert kept.node == one.venue
        assert kept.command_digest == canonical.sha256(entry.signed_bytes(one.command))
        assert receipt.proves(kept, one.submit.command, cut.node_keys[one.venue])
        other = next(key for venue, key in cut.node_keys.items() if venue != one.venue)
        assert not receipt.proves(kept, one.submit.command, other)
        for changed in (
            replace(kept, at=kept.at + 1),
            replace(kept, journal_index=kept.journal_index + 1),
            replace(kept, command_id=f"{kept.command_id}x"),
            replace(kept, command_digest=bytes(32)),
            replace(kept, session="calm"),
        ):
            assert not receipt.proves(changed, one.submit.command, cut.node_keys[one.venue])


async def test_the_nodes_key_is_the_one_in_the_roster(cut: Cut) -> None:
    first = (entry.decode(raw).command.content for raw in _entries(cut.played))
    (roster,) = (content for content in first if isinstance(content, ImportCommittee))
    assert {venue.venue: venue.node_key for venue in roster.venues} == cut.node_keys


async def test_the_receipt_names_the_place_in_the_journal(cut: Cut) -> None:
    for one in cut.sealings:
        assert one.at_once.kept is not None
        lies = cut.journals[one.venue][one.at_once.kept.journal_index]
        assert (lies.seat, lies.type, lies.at) == (one.seat, "SealSheet", one.at_once.kept.at)
        assert (lies.command, lies.sig) == (one.submit.command, one.submit.sig)
        assert lies.sealed


async def test_pages_go_on_meanwhile(cut: Cut) -> None:
    assert cut.views_meanwhile == dict.fromkeys(EXPERTS, "DETAILED")


async def test_when_the_line_is_back_each_is_accepted_once_under_the_same_receipt(cut: Cut) -> None:
    found = [entry.decode(raw) for raw in _entries(cut.played)]
    sheets = {one.command.command_id: one.seq for one in found if one.command.type == "SealSheet"}
    assert len([one for one in found if one.command.type == "SealSheet"]) == len(EXPERTS)
    for one in cut.sealings:
        assert one.finally_.status == "accepted"
        assert one.finally_.seq == sheets[one.command.command_id]
        assert one.finally_.kept == one.at_once.kept


async def test_the_outcome_is_an_undisturbed_runs(cut: Cut) -> None:
    assert cut.played.result.outcome == cut.calm.result.outcome
    assert cut.played.result.rows == cut.calm.result.rows


def _entries(played: act.Played) -> tuple[bytes, ...]:
    return record.read(played.record.read_bytes()).entries
