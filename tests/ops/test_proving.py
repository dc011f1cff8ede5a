"""What proves certificates and the last head's time in an archive, to a verifier by another hand."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from ops import certifying, proving, witness
from ops.ca import alliance
from ops.certifying import Held
from ops.trouble import Trouble
from ops.tsa import serve
from ops.tsa.answering import Own
from ops.verify.commands import PROGRAM
from protocol import archive, record
from protocol.archive import Proved
from protocol.ledger import quorum, trust
from protocol.seal.trust import certificate
from protocol.seal.trust.spoken import SeatDelegation, SignedDelegation
from tests.attacks.person import sig
from tests.attacks.province import AT
from tests.ops import stage
from tests.protocol import voicing
from tests.protocol.golden.make_3 import case
from tests.protocol.golden.whole_sealed import Sealed, held_to_its_end


class Certified:
    """A person with a certificate of a demonstration authority."""

    def __init__(self, held: Held) -> None:
        self.held, self.certificate = held, held.certificate

    def delegated(self, **said: Any) -> SignedDelegation:
        own = certificate.read(self.certificate)
        assert isinstance(own, certificate.Certificate)
        statement = SeatDelegation(at=AT, certificate=own.fingerprint, nonce=bytes(32), **said)
        return SignedDelegation(
            statement=statement, certificate=self.certificate, others=self.held.others,
            sig=sig(self.held.key, statement),
        )  # fmt: skip


class Authorised(Sealed):
    """The golden session of version 4, under a policy that names who signs the trust list and who stamps."""

    listed: Path
    own: proving.Means | None

    @cached_property
    def policy(self) -> str:
        return trust.text(proving.named(quorum.read(super().policy), str(self.listed), self.own))


class Room:
    """A session whose people have certificates of the authorities in a folder, and its archive's parts."""

    def __init__(self, folder: Path, days: int, own: proving.Means | None = None) -> None:
        alliance.make(folder, AT - 10 * voicing.DAY_MS)
        by = alliance.named(folder, certifying.ELSEWHERE)
        raw, key = by.issue("示例人员", "sign", AT - 5 * voicing.DAY_MS, days)
        person = Certified(Held(raw, (by.issuing.raw,), key))
        patched = pytest.MonkeyPatch()
        patched.setattr(voicing, "person", lambda: person)
        try:
            Authorised.listed, Authorised.own = folder / alliance.FILE, own
            self.world = Authorised(case())
            held_to_its_end(self.world)
        finally:
            patched.undo()
        self.folder = folder
        self.head = self.world.heads[len(self.world.entries)].encode()
        self.proved = proving.gathered(folder, self.head, quorum.read(self.world.policy), None)

    def verdict(self, where: Path, proved: Proved | None = None, heads: dict[int, str] | None = None) -> str:
        """Exit code and rule of the verifier on the archive."""
        world = self.world
        of = record.read(record.write(world.session, world.entries, world.held))
        notes = world.heads if heads is None else heads
        members = archive.build(
            of, checkpoints={size: note.encode() for size, note in notes.items()},
            policy=world.policy.encode(), papers=witness.papers(of, world.at, certificates=True),
            proved=proved or self.proved,
        )  # fmt: skip
        raw = BytesIO()
        archive.write(members, raw)
        assert isinstance(archive.read(raw.getvalue()), archive.Archive)
        (where / "a.zip").write_bytes(raw.getvalue())
        (where / "a.policy").write_text(world.policy, encoding="utf-8")
        call = [sys.executable, "-I", str(PROGRAM), "a.zip", "--policy", "a.policy"]
        done = subprocess.run(call, cwd=where, capture_output=True, text=True, timeout=120, check=False)
        rule = done.stdout.partition("(rule ")[2].partition(")")[0].partition(",")[0]
        return f"{done.returncode} {rule}".strip()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return Room(tmp_path_factory.mktemp("authorities") / "alliance", 365)


def test_an_archive_of_version_4_is_valid_with_its_certificates_and_its_time(
    room: Room, tmp_path: Path
) -> None:
    assert room.verdict(tmp_path) == "0"


def test_what_proves_it_is_missed_and_what_is_of_others_is_refused(room: Room, tmp_path: Path) -> None:
    of = room.proved
    other = proving.gathered(room.folder, b"another head", quorum.read(room.world.policy))
    assert room.verdict(tmp_path, Proved(of.trust_list, b"", of.evidence)) == "2 StampMissing"
    assert room.verdict(tmp_path, Proved(of.trust_list, other.stamp, of.evidence)) == "1 StampFalse"
    assert room.verdict(tmp_path, Proved(b"", b"", of.evidence)).startswith("2 ")
    assert room.verdict(tmp_path, Proved(of.trust_list, of.stamp, ())).startswith("2 ")


def test_a_milestone_whose_head_is_not_there_is_not_proved(room: Room, tmp_path: Path) -> None:
    last = len(room.world.entries)
    assert room.verdict(tmp_path, heads={last: room.world.heads[last]}) == "2 MilestoneUnproved"


def test_a_certificate_that_had_expired_is_found_by_whoever_judges_again(tmp_path: Path) -> None:
    expired = Room(tmp_path / "alliance", 4)
    assert expired.verdict(tmp_path) == "1 CertificateExpired"


# --- by a real installation's own authorities --------------------------------------------------------------


@contextmanager
def answering(folder: Path, by: str) -> Iterator[str]:
    """A time-stamping authority certified by one of a folder's, over HTTP; its address."""
    authority = alliance.named(folder, by)
    made, key = authority.certify_stamper("示例时间戳机构", AT)
    own = certificate.read(made)
    assert isinstance(own, certificate.Certificate)
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    where: Future[str] = Future()
    serving = serve.serve(Own(key, own, (authority.issuing,)), 0, stop, where.set_result)
    thread = threading.Thread(target=loop.run_until_complete, args=(serving,))
    thread.start()
    try:
        yield where.result(timeout=20)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def lists(folder: Path) -> list[str]:
    return [str(folder / one) for one, _, _ in alliance.BOOKS]


def test_a_real_installation_names_its_own_authority_and_is_stamped_by_it(room: Room, tmp_path: Path) -> None:
    folder = tmp_path / "alliance"
    own = Room(folder, 365, proving.Means(("anhui",), str(folder / alliance.FILE)))
    policy = quorum.read(own.world.policy)
    assert policy.stampers == ("anhui",)
    with answering(folder, "anhui") as url:
        told = {"stampers": ["anhui"], "trust": str(folder / alliance.FILE), "tsa": url}
        (tmp_path / proving.FILE).write_text(json.dumps(told | {"crls": lists(folder)}), encoding="utf-8")
        found = proving.gathered(Path("nowhere"), own.head, policy, proving.means(tmp_path))
    assert len(found.evidence) == 8
    assert own.verdict(tmp_path, found) == "0"
    # What the demonstration's would have stamped counts no more than anybody else's.
    assert own.verdict(tmp_path, own.proved) == "1 StampNotTrusted"


def test_an_authority_that_the_list_does_not_have_is_not_named(room: Room, tmp_path: Path) -> None:
    told = {"stampers": ["nobody"], "trust": str(room.folder / alliance.FILE)}
    (tmp_path / proving.FILE).write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(Trouble, match="nobody"):
        proving.named(quorum.read(room.world.policy), None, proving.means(tmp_path))
    (tmp_path / proving.FILE).write_text("{}", encoding="utf-8")
    with pytest.raises(Trouble, match="stampers"):
        proving.means(tmp_path)
    assert proving.means(tmp_path / "elsewhere") is None


def test_an_archive_is_made_by_hand_with_all_that_proves_it(room: Room, tmp_path: Path) -> None:
    world = room.world
    (tmp_path / "s.record").write_bytes(record.write(world.session, world.entries, world.held))
    (tmp_path / "policy").write_text(world.policy, encoding="utf-8")
    (tmp_path / "token").write_bytes(room.proved.stamp)
    call = ["archive", "make", "s.record", "--policy", "policy", "--trust", str(room.folder / alliance.FILE)]
    for size, text in world.heads.items():
        (tmp_path / str(size)).write_text(text, encoding="utf-8")
        call += ["--checkpoint", str(size)]
    for one in lists(room.folder):
        call += ["--evidence", one]
    made = stage.call(*call, "--time-stamp", "token", cwd=tmp_path)
    assert made.code == 0, made.err
    verdict = stage.call("verify", "s.archive.zip", "--policy", "policy", "--json", cwd=tmp_path)
    assert (verdict.code, verdict.told["undecided"]) == (0, []), verdict.told
    with answering(room.folder, "anhui") as url:
        asked = stage.call(*call, "--tsa", url, "--out", "asked.zip", cwd=tmp_path)
        (tmp_path / "token").write_bytes(proving.asked(url, b"another head"))
    assert asked.code == 0, asked.err
    judged = stage.call("verify", "asked.zip", "--policy", "policy", "--json", cwd=tmp_path)
    assert (judged.code, judged.told["rule"]) == (1, "StampNotTrusted"), judged.told
    refused = stage.call(*call, "--time-stamp", "token", cwd=tmp_path)
    assert refused.code == 1
    assert "final head" in refused.err
