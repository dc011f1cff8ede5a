"""A bidder's own commands: sealing, looking, unlocking, by a real process and through the rooms."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from ops.bids import inspect, reading, seal, unlock
from ops.senses import Dice
from ops.trouble import Trouble
from protocol import canonical, limits
from protocol.seal import container, dealing, sealing, suites
from protocol.seal.container import Unlocking
from protocol.seal.dealing import Custodian, Group
from protocol.seal.refused import SealRefused
from protocol.seal.suite import SoftwareKey, Suite
from protocol.seal.trust import certificate
from tests.house import ground
from tests.protocol.seal.bids import key_of
from tests.softhsm import PIN, Slot, slot

__all__ = ["slot"]


def quiet(*_: int) -> None:
    """Nobody looks."""


@dataclass
class Desk:
    """A bidder's machine: its files, its key, the tender's policy, and the keys of those who open."""

    folder: Path
    suite: Suite
    bidder: SoftwareKey
    venue: SoftwareKey
    custodians: list[SoftwareKey]

    @property
    def own(self) -> str:
        return str(self.folder / "bidder.pem")

    def wanted(self, **changed: object) -> seal.Wanted:
        fields: dict[str, object] = {
            "files": [self.folder / "bid"],
            "policy": self.folder / "policy.json",
            "key": self.own,
            "out": self.folder / "out.tcbid",
            "bid": "b-1",
        }
        return seal.Wanted(**(fields | changed))  # type: ignore[arg-type]

    def seal(self, **changed: object) -> seal.Sealed:
        return seal.seal(self.wanted(**changed), Dice("desk"), quiet)


def write_key(path: Path, suite: Suite, number: int) -> None:
    path.write_bytes(certificate.pem(suite.private_der(number.to_bytes(32, "big")), "PRIVATE KEY"))


def write_public(path: Path, public: bytes) -> Path:
    path.write_bytes(certificate.pem(public, "PUBLIC KEY"))
    return path


@pytest.fixture(params=suites.NAMES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    suite = suites.get(request.param)
    custodians = [key_of(suite, number) for number in (11, 12, 13)]
    members = tuple(Custodian(f"c-{at}", key.public) for at, key in enumerate(custodians, 1))
    policy = sealing.Policy("1", (Group("centres", members, 2),), "01", "p-1", suite.name)
    (tmp_path / "policy.json").write_bytes(canonical.encode(policy))
    write_key(tmp_path / "bidder.pem", suite, 20)
    made = Desk(tmp_path, suite, key_of(suite, 20), key_of(suite, 30), custodians)
    write_public(tmp_path / "venue.pem", made.venue.public)
    inside = tmp_path / "bid" / "技术标"
    inside.mkdir(parents=True)
    (inside / "施工组织设计.pdf").write_bytes(b"%PDF" + bytes(3_000_000))
    (tmp_path / "bid" / "报价.xlsx").write_bytes(b"12,345.67")
    (tmp_path / "bid" / "空.txt").write_bytes(b"")
    return made


def opened(desk: Desk, path: Path, bidder_key: bytes) -> dict[str, bytes]:
    """The bid's files, by two custodians and the bidder's key."""
    header = reading.inspected(path).header
    assert header is not None
    (group,) = header.groups
    shares = [dealing.take(desk.suite, header.bid, group, at, desk.custodians[at - 1]) for at in (1, 3)]
    keys = {
        "centres": dealing.combine(desk.suite, header.bid, group, shares),
        dealing.BIDDER: bidder_key,
    }
    opening = sealing.Opening(desk.suite, dealing.bid_key(desk.suite, header.bid, keys))
    found: dict[int, bytes] = {}
    for piece in reading.pieces(path):
        for part in opening.feed(piece):
            found[part.file] = found.get(part.file, b"") + bytes(part.data)
    for part in opening.close()[0]:
        found[part.file] = found.get(part.file, b"") + bytes(part.data)
    assert opening.listing is not None
    return {one.name: found[at] for at, one in enumerate(opening.listing.files)}


def test_what_was_sealed_is_unlocked_for_a_venue_and_opens(desk: Desk) -> None:
    made = desk.seal()
    assert (made.files, made.plain_bytes) == (3, 3_000_013)
    assert reading.inspected(made.path).whole
    assert (made.path.stat().st_mode & 0o777) == 0o600
    release = desk.folder / "release.json"
    unlock.unlock(made.path, desk.own, [desk.folder / "venue.pem"], release)
    unlocking = canonical.decode(release.read_bytes(), Unlocking)
    own = container.released(desk.suite, made.header, made.header_digest, unlocking, desk.venue)
    found = opened(desk, made.path, own)
    assert sorted(found) == sorted(["技术标/施工组织设计.pdf", "报价.xlsx", "空.txt"])
    assert found["报价.xlsx"] == b"12,345.67"
    assert found["空.txt"] == b""
    assert len(found["技术标/施工组织设计.pdf"]) == 3_000_004


def test_a_release_is_of_its_bid_for_its_venue_alone(desk: Desk) -> None:
    made, other = desk.seal(), desk.seal(out=desk.folder / "other.tcbid", bid="b-2")
    release = desk.folder / "release.json"
    unlocking = unlock.unlock(made.path, desk.own, [desk.folder / "venue.pem"], release)
    suite = desk.suite
    assert container.released(suite, made.header, made.header_digest, unlocking, desk.venue)
    for header, digest, key, code in (
        (other.header, other.header_digest, desk.venue, "BoxRefused"),
        (made.header, made.header_digest, desk.bidder, "KeyRefused"),
    ):
        with pytest.raises(SealRefused) as refused:
            container.released(suite, header, digest, unlocking, key)
        assert refused.value.code == code
    moved = Unlocking(other.header.bid, unlocking.boxes, other.header_digest)
    with pytest.raises(SealRefused, match="BoxRefused"):
        container.released(suite, other.header, other.header_digest, moved, desk.venue)
    write_key(desk.folder / "stranger.pem", suite, 21)
    with pytest.raises(Trouble, match="KeyRefused"):
        unlock.unlock(made.path, str(desk.folder / "stranger.pem"), [desk.folder / "venue.pem"], release)


def test_a_bid_is_looked_at_without_a_key(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    made = desk.seal()
    assert inspect.inspect(made.path, as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["whole"]
    assert told["groups"] == [{"custodians": ["c-1", "c-2", "c-3"], "group": "centres", "threshold": 2}]
    assert told["bid"] == {"bid": "b-1", "envelope": "1", "lot": "01", "project": "p-1"}
    assert "报价" not in json.dumps(told, ensure_ascii=False)
    raw = bytearray(made.path.read_bytes())
    raw[made.header.sealed_bytes // 2] ^= 1
    made.path.write_bytes(raw)
    assert inspect.inspect(made.path, as_json=False) == 1
    said = capsys.readouterr().out
    assert "segment 0" in said
    assert "2/3" in said
    with pytest.raises(Trouble, match="damaged"):
        unlock.unlock(made.path, desk.own, [desk.folder / "venue.pem"], desk.folder / "r")


def test_a_file_that_changes_while_it_is_sealed_is_noticed_and_nothing_is_left(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing, listed = desk.folder / "bid" / "报价.xlsx", seal._listed
    for after in (b"12,345.68", b"12,345.670", b"12,345.6"):
        changing.write_bytes(b"12,345.67")

        def change(suite: Suite, name: str, path: Path, advance: object, to: bytes = after) -> object:
            found = listed(suite, name, path, quiet)
            if path == changing:
                path.write_bytes(to)
            return found

        with monkeypatch.context() as patched:
            patched.setattr(seal, "_listed", change)
            with pytest.raises(Trouble, match="FileChanged"):
                desk.seal()
        assert sorted(one.name for one in desk.folder.iterdir() if "tcbid" in one.name) == []
    assert desk.seal().path.exists()


def test_what_cannot_be_sealed_is_said(desk: Desk) -> None:
    link = desk.folder / "bid" / "link"
    link.symlink_to(desk.folder / "bidder.pem")
    with pytest.raises(Trouble, match="no plain file"):
        desk.seal()
    link.unlink()
    bad = desk.folder / "bid" / "报价\u202efdp.exe"
    bad.write_bytes(b"x")
    with pytest.raises(Trouble, match="NameRefused"):
        desk.seal()
    bad.unlink()
    with pytest.raises(Trouble, match="Two files"):
        desk.seal(
            files=[desk.folder / "bid" / "报价.xlsx", desk.folder / "bid" / "报价.xlsx", desk.folder / "bid"]
        )
    other = next(suites.get(name) for name in suites.NAMES if name != desk.suite.name)
    write_key(desk.folder / "foreign.pem", other, 20)
    with pytest.raises(Trouble, match="KeyRefused"):
        desk.seal(key=str(desk.folder / "foreign.pem"))
    public = write_public(desk.folder / "foreign-public.pem", key_of(other, 20).public)
    with pytest.raises(Trouble, match="SuiteMixed"):
        desk.seal(locks=[public])
    with pytest.raises(Trouble, match="Cannot read"):
        desk.seal(key=str(desk.folder / "missing.pem"))
    (desk.folder / "policy.json").write_text("{}")
    with pytest.raises(Trouble, match="no sealing policy"):
        desk.seal()
    assert not (desk.folder / "out.tcbid").exists()


def test_two_seals_of_the_same_files_share_nothing(desk: Desk) -> None:
    one = seal.seal(desk.wanted(), Dice(), quiet)
    two = seal.seal(desk.wanted(out=desk.folder / "two"), Dice(), quiet)
    assert one.header.bidder_commitment != two.header.bidder_commitment
    assert one.header.groups[0].key_commitment != two.header.groups[0].key_commitment
    first, second = one.path.read_bytes(), two.path.read_bytes()
    start = len(canonical.encode(one.header)) + 12
    assert first[start : start + 1000] != second[start : start + 1000]


def test_the_commands_work_in_a_process_whose_memory_is_bounded(tmp_path: Path) -> None:
    """A file far larger than what the process may hold goes through the seal and back."""
    suite = suites.get("intl-1")
    members = (Custodian("c-1", key_of(suite, 11).public),)
    policy = sealing.Policy("1", (Group("centres", members, 1),), "01", "p-1", suite.name)
    (tmp_path / "policy.json").write_bytes(canonical.encode(policy))
    write_key(tmp_path / "bidder.pem", suite, 20)
    venue = write_public(tmp_path / "venue.pem", key_of(suite, 30).public)
    with (tmp_path / "图纸.dwg").open("wb") as file:
        file.truncate(210_000_000)

    def call(*arguments: str | Path) -> dict[str, object]:
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED, *map(str, arguments), "--json"],
            cwd=ground.ROOT, env=os.environ | {"PYTHONUTF8": "1"},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        assert int(lines[-1]) < 200_000_000, "bytes at most"
        return dict(json.loads(lines[-2]))

    out = tmp_path / "bid.tcbid"
    made = call(
        "seal", tmp_path / "图纸.dwg", "--policy", tmp_path / "policy.json", "--key", tmp_path / "bidder.pem",
        "--out", out, "--bid", "b-1",
    )  # fmt: skip
    assert (made["files"], made["plain_bytes"]) == (1, 210_000_000)
    told = call("inspect", out)
    assert told["whole"] is True
    assert told["segments"] == 210_000_000 // limits.SEGMENT_BYTES + 1
    release = tmp_path / "release"
    assert (
        call("unlock", out, "--key", tmp_path / "bidder.pem", "--to", venue, "--out", release)["released_to"]
        == 1
    )


_MEASURED = """
import re, sys
from pathlib import Path
from ops.command import app
code = 0
try:
    code = app(standalone_mode=False) or 0
except SystemExit as stopped:
    code = stopped.code or 0
# Not `ru_maxrss`: that is handed on from the process that started this one (execve(2), Linux).
print(int(re.search(r"VmHWM:\\s+([0-9]+) kB", Path("/proc/self/status").read_text())[1]) * 1024)
sys.exit(code)
"""


def test_a_token_seals_and_unlocks_without_its_key_coming_out(
    slot: Slot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = suites.get("intl-1")
    members = (Custodian("c-1", key_of(suite, 11).public),)
    policy = sealing.Policy("1", (Group("centres", members, 1),), "01", "p-1", suite.name)
    (tmp_path / "policy.json").write_bytes(canonical.encode(policy))
    (tmp_path / "报价.xlsx").write_bytes(b"12")
    (tmp_path / "pin").write_text(f"{PIN}\n")
    venue = write_public(tmp_path / "venue.pem", key_of(suite, 30).public)
    asked = f"pkcs11:token={slot.label};object={slot.key}?module-path={slot.module}"
    uri = f"{asked}&pin-source=file:{tmp_path / 'pin'}"
    out = tmp_path / "bid"
    wanted = seal.Wanted([tmp_path / "报价.xlsx"], tmp_path / "policy.json", uri, out, "b-1")
    made = seal.seal(wanted, Dice("token"), quiet)
    found = reading.inspected(out)
    assert found.whole
    unlocking = unlock.unlock(out, uri, [venue], tmp_path / "release")
    own = container.released(suite, made.header, made.header_digest, unlocking, key_of(suite, 30))
    assert len(own) == dealing.KEY_BYTES
    monkeypatch.setattr(reading, "getpass", lambda _: "wrong")
    with pytest.raises(Trouble, match="PIN is wrong"):
        unlock.unlock(out, asked, [venue], tmp_path / "release")
    with pytest.raises(Trouble, match="lacks module-path"):
        unlock.unlock(out, "pkcs11:token=a;object=b", [venue], tmp_path / "release")
    national = sealing.Policy("1", (Group("centres", members, 1),), "01", "p-1", "gm-1")
    (tmp_path / "policy.json").write_bytes(canonical.encode(national))
    with pytest.raises(Trouble, match="SuiteMixed"):
        seal.seal(wanted, Dice("token"), quiet)
