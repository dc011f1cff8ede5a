"""A cosigner that replays, and genesis: a coordinator that enters what the rules do not give gets no line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace
from pydantic import ValidationError

from protocol import commands as cmd
from protocol import entry, hidden
from protocol.ledger import kinds, note, quorum, trust
from protocol.ledger.cosigner import Answer
from protocol.ledger.quorum import ListSigners, Party
from protocol.plan.case import Case
from protocol.refusals import Refusal
from protocol.replay_cosigner import Fault
from protocol.seal import signing
from protocol.session.apply import make_entry
from protocol.session.decide import decide
from sub_venue.cosigner import assembly
from sub_venue.cosigner.asking import Asking
from sub_venue.cosigner.book import Book
from sub_venue.cosigner.entries import Entries
from sub_venue.cosigner.province import Province
from sub_venue.cosigner.service import Service
from sub_venue.cosigner.settings import Settings
from sub_venue.journal.disk import Disk, make_folder
from sub_venue.senses import Senses
from tests.protocol.world import START_MS, World, key, private_key
from tests.sub_venue.conftest import pem
from tests.sub_venue.cosigner.coordinator import Coordinator
from tests.sub_venue.cosigner.ground import LOG, ORIGIN, Cosigner, Log


@pytest.fixture(scope="module")
def played(case: Case) -> World:
    world = World(case, "s-1")
    world.to_archived()
    return world


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[Cosigner]:
    """A cosigner's process, not started yet."""
    log = Log()
    await log.start()
    found = Cosigner(tmp_path, 0, log, "one", [])
    yield found
    await found.kill()
    await log.stop()


async def test_it_vouches_for_right_entries_also_after_a_kill_and_for_nothing_behind_a_wrong_one(
    own: Cosigner, played: World, installed: Path
) -> None:
    async with Coordinator(installed, played.entries[:20]).open() as coordinator:
        coordinator.disclosures = list(played.held)
        own.tell(coordinator.settings(replays=True))
        await own.start()
        assert (await own.add(coordinator.asked(0)))[0] == 200
        await own.kill()
        await own.start()
        # It goes on from its disk: what was given before is not asked for again.
        body = coordinator.asked(20)
        coordinator.entries = []
        assert (await own.add(body))[0] == 200

        one = entry.decode(played.entries[20])
        assert one.events
        unlawful = entry.encode(replace(one, events=()))
        coordinator.entries = [*played.entries[:20], unlawful, *played.entries[21:24]]
        status, text = await own.add(coordinator.asked(20, 21))
        assert (status, text) == (422, "RuleBroken OtherEvents at entry 20\n")
        # Not for the next one either, nor after another start, and it shows why.
        assert (await own.add(coordinator.asked(20, 24)))[0] == 422
        await own.kill()
        await own.start()
        assert (await own.add(coordinator.asked(20, 21)))[0] == 422
        shown = msgspec.json.decode(await own.shown("fault"), type=Fault)
        assert shown == Fault("OtherEvents", 20)
        assert len(list((own.data / "sessions").glob("*.fault"))) == 1


async def test_what_was_hidden_ends_it_where_its_disclosure_shows_that_it_was_wrong(
    own: Cosigner, case: Case, installed: Path
) -> None:
    content, _ = World(case, "s-1").book_content()
    other = hidden.disclose("plan", bytes(32), replace(case.plan, bids_min=case.plan.bids_min + 1))
    raw = genesis(case, replace(content, plan=other.digest))
    async with Coordinator(installed, [raw]).open() as coordinator:
        own.tell(coordinator.settings(replays=True))
        await own.start()
        assert (await own.add(coordinator.asked(0)))[0] == 200
        coordinator.disclosures = [other]
        status, text = await own.add(coordinator.asked(1))
        assert status == 422
        assert text == "RuleBroken PlanMismatch at entry 0\n"


@pytest.mark.parametrize("replays", [False, True])
async def test_a_genesis_without_each_provinces_signature_is_answered_with_403(
    case: Case, installed: Path, tmp_path: Path, replays: bool
) -> None:
    log = note.ed25519_signer("bids.example", Ed25519PrivateKey.from_private_bytes(bytes([1] * 32))).key
    family = trust.live(Party(log.name, log, ""), ())
    (tmp_path / "policy").write_text(quorum.write(family))
    signers = []
    for name in ("anhui", "jiangsu"):
        (tmp_path / name).write_bytes(pem(name))
        signers.append(Province(name, tmp_path / name, tmp_path / "policy"))
    digest = trust.digest(trust.of_session(family, "s-1"))
    assert all(isinstance(one.sign("s-1", bytes(32)), Refusal) for one in signers)
    said = tuple(signer.sign("s-1", digest) for signer in signers)
    whole = tuple(one for one in said if not isinstance(one, Refusal))
    assert [one.province for one in whole] == ["anhui", "jiangsu"]
    elsewhere = signers[1].sign("s-2", trust.digest(trust.of_session(family, "s-2")))
    assert not isinstance(elsewhere, Refusal)
    content, _ = World(case, "s-1", "4").book_content()
    booked = replace(content, policy_digest=digest)
    told = {"provinces": {one.province: one.key for one in whole}, "replays": replays}
    for number, (signatures, code) in enumerate(
        (
            ((), "ProvinceUnsigned"),
            (whole[:1], "ProvinceUnsigned"),
            ((whole[0], elsewhere), "ProvinceForged"),
            (whole, ""),
        )
    ):
        raw = genesis(case, replace(booked, province_signatures=signatures))
        async with Coordinator(installed, [raw]).open() as coordinator:
            answer = await answered(tmp_path / f"data-{number}", coordinator, told)
        assert (answer.status, code in answer.body) == (403 if code else 200, True)


@pytest.mark.parametrize("replays", [False, True])
async def test_a_session_whose_trust_list_is_signed_under_another_root_is_answered_with_403(
    case: Case, installed: Path, tmp_path: Path, replays: bool
) -> None:
    log = note.ed25519_signer("bids.example", Ed25519PrivateKey.from_private_bytes(bytes([1] * 32))).key
    agreed = replace(
        trust.live(Party(log.name, log, ""), ()), list_signers=ListSigners(1, (key("alliance"),))
    )
    (tmp_path / "policy").write_text(quorum.write(agreed))
    told = {"policy": str(tmp_path / "policy"), "replays": replays}
    content, _ = World(case, "s-1", "4").book_content()

    def digest(*signers: str, needed: int = 1) -> bytes:
        named = replace(agreed, list_signers=ListSigners(needed, tuple(sorted(map(key, signers)))))
        return trust.digest(trust.of_session(named, "s-1"))

    right = digest("alliance")
    for number, named in enumerate(
        (right, digest("stranger"), digest("alliance", "stranger"), b"", trust.digest(agreed))
    ):
        async with Coordinator(
            installed, [genesis(case, replace(content, policy_digest=named))]
        ).open() as one:
            data = tmp_path / f"data-{number}"
            answer = await answered(data, one, told)
            again = await answered(data, one, told)
        wanted = (200, False) if named == right else (403, True)
        assert (answer.status, "PolicyForeign" in answer.body) == wanted
        # Also after another start: what was refused is not cosigned then.
        assert again.status == wanted[0]


@pytest.mark.parametrize("replays", [False, True])
async def test_a_session_that_was_cosigned_goes_on_under_the_policy_of_its_time(
    case: Case, installed: Path, tmp_path: Path, replays: bool
) -> None:
    log = note.ed25519_signer("bids.example", Ed25519PrivateKey.from_private_bytes(bytes([1] * 32))).key
    agreed = trust.live(Party(log.name, log, ""), ())
    content, _ = World(case, "s-1", "4").book_content()
    named = trust.digest(trust.of_session(agreed, "s-1"))
    told = {"policy": str(tmp_path / "policy"), "replays": replays}
    async with Coordinator(installed, [genesis(case, replace(content, policy_digest=named))]).open() as one:
        for policy in (agreed, replace(agreed, list_signers=ListSigners(1, (key("alliance"),)))):
            (tmp_path / "policy").write_text(quorum.write(policy))
            assert (await answered(tmp_path / "data", one, told)).status == 200


async def answered(data: Path, coordinator: Coordinator, told: dict[str, Any]) -> Answer:
    """What a new cosigner answers to the coordinator's first head, without its process."""
    signer = note.ed25519_signer("a.example/c", private_key("cosigner"), kinds.COSIGNATURE)
    settings = Settings.model_validate(
        {
            "name": signer.key.name,
            "data_dir": data,
            "key": data,
            "http_port": 0,
            **coordinator.settings(**told),
        }
    )
    assert settings.entries is not None
    disk, asking = Disk(1_000), Asking(settings.bounds)
    entries = Entries(settings.entries, settings.bounds)
    make_folder(data)
    book = Book(settings, disk)
    judge = assembly.judge_of(settings, disk, asking, entries, book)
    try:
        service = Service(settings, (signer,), book, asking, Senses(), (judge,))
        held = book.get(ORIGIN)
        return await service.add_checkpoint(coordinator.asked(0 if held is None else held.size))
    finally:
        await entries.close()
        await asking.close()
        await disk.close()


def genesis(case: Case, content: cmd.BookSession) -> bytes:
    """A first entry that says this, as a coordinator enters it that checks nothing hidden."""
    command = World(case, "s-1", content.rules_version).command("agent", content)
    decided = decide(None, command, START_MS, bytes(32))
    assert not isinstance(decided, Refusal)
    sig = signing.sign(private_key("agent"), entry.signed_bytes(command))
    return entry.encode(make_entry(None, command, sig, START_MS, bytes(32), decided))


def test_what_is_read_of_a_session_needs_a_place_to_read_it(tmp_path: Path) -> None:
    told = {
        "name": "hefei.example/cosigner", "data_dir": tmp_path, "key": tmp_path, "http_port": 0,
        "logs": [{"origin": LOG.key.name, "keys": [LOG.key.vkey]}],
    }  # fmt: skip
    Settings.model_validate(told)
    for more in (
        {"replays": True},
        {"provinces": {"anhui": key("anhui")}},
        {"installation_key": "k"},
        {"policy": tmp_path},
    ):
        with pytest.raises(ValidationError, match="entries"):
            Settings.model_validate(told | more)
