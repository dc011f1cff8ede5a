"""A custodian's commands: a key, its paper, a tender's policy, and the shares that lie in bids for it."""

import json
import stat
from pathlib import Path

import pytest

from ops.bids import reading, seal
from ops.custodian import keys, tender
from ops.senses import Dice
from ops.trouble import Trouble
from protocol.seal import dealing, suites
from protocol.seal.trust import certificate
from tests.main_venue.typeset import pages
from tests.ops import stage

NAMES = ("hefei", "shanghai", "nanjing", "hangzhou", "wuhu")
BOTH = pytest.mark.parametrize("suite", suites.NAMES)


def _centres(folder: Path, suite: str) -> list[keys.Made]:
    return [keys.new(suite, folder / f"{name}.key", Dice(name)) for name in NAMES]


def _policy(folder: Path, suite: str) -> Path:
    _centres(folder, suite)
    keys.new(suite, folder / "tenderee.key", Dice("tenderee"))
    centres = ",".join(f"{name}@{folder / name}.pub" for name in NAMES)
    tender.policy(
        "HF-2026-01", "01", "1", suite,
        [f"centres:3={centres}", f"tenderee:1=owner@{folder / 'tenderee.pub'}"], folder / "policy.json",
    )  # fmt: skip
    return folder / "policy.json"


def _sealed(folder: Path, suite: str) -> Path:
    policy = _policy(folder, suite)
    keys.new(suite, folder / "bidder.key", Dice("bidder"))
    (folder / "投标函.txt").write_text("示例")
    wanted = seal.Wanted(
        files=[folder / "投标函.txt"],
        policy=policy,
        key=str(folder / "bidder.key"),
        out=folder / "out.tcbid",
        bid="b-1",
    )
    return seal.seal(wanted, Dice("sealing"), lambda _done, _total: None).path


@BOTH
def test_a_key_goes_to_paper_and_comes_back_the_same(tmp_path: Path, suite: str) -> None:
    made = stage.call("custodian", "new", "--suite", suite, "--out", "合肥.key", "--json", cwd=tmp_path)
    assert made.code == 0, made.err
    key = tmp_path / "合肥.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert (
        stage.call(
            "custodian", "paper", "合肥.key", "--name", "合肥中心", "--out", "p.pdf", cwd=tmp_path
        ).code
        == 0
    )
    _, _, lines = keys.lines_of(key)
    told = pages.flowed((tmp_path / "p.pdf").read_bytes())
    assert all("".join(line.split()) in told for line in lines)
    assert made.told["digest"] in told
    again = keys.restored(list(lines), tmp_path / "again.key")
    assert again.digest == made.told["digest"]
    assert (tmp_path / "again.key").read_bytes() == key.read_bytes()
    assert (tmp_path / "again.pub").read_bytes() == (tmp_path / "合肥.pub").read_bytes()
    assert keys.check(tmp_path / "again.key").digest == again.digest


def test_a_slip_on_the_paper_names_its_line_and_writes_nothing(tmp_path: Path) -> None:
    made = keys.new("gm-1", tmp_path / "a.key", Dice("a"))
    lines = list(keys.lines_of(made.key)[2])
    at = 5
    lines[2] = lines[2][:at] + ("A" if lines[2][at] != "A" else "B") + lines[2][at + 1 :]
    with pytest.raises(Trouble, match="PaperRefused") as info:
        keys.restored(lines, tmp_path / "b.key")
    assert "3" in str(info.value)
    assert not (tmp_path / "b.key").exists()


def test_no_key_is_ever_written_over(tmp_path: Path) -> None:
    keys.new("gm-1", tmp_path / "a.key", Dice("a"))
    before = (tmp_path / "a.key").read_bytes()
    with pytest.raises(Trouble):
        keys.new("gm-1", tmp_path / "a.key", Dice("b"))
    assert (tmp_path / "a.key").read_bytes() == before


@BOTH
def test_every_custodian_finds_its_share_in_a_bid(tmp_path: Path, suite: str) -> None:
    bid = _sealed(tmp_path, suite)
    for place, name in enumerate(NAMES, 1):
        (held,) = tender.take(bid, tmp_path / f"{name}.key")
        assert held == tender.Held("centres", name, place, 5, 3)
    assert tender.take(bid, tmp_path / "tenderee.key") == (tender.Held("tenderee", "owner", 1, 1, 1),)
    shown = stage.call("custodian", "take", str(bid), "--key", "hefei.key", "--json", cwd=tmp_path)
    assert shown.code == 0, shown.err
    assert shown.told["shares"][0]["fault"] == ""


def test_who_is_no_custodian_of_a_bid_is_told_so(tmp_path: Path) -> None:
    bid = _sealed(tmp_path, "gm-1")
    keys.new("gm-1", tmp_path / "stranger.key", Dice("stranger"))
    keys.new("intl-1", tmp_path / "other.key", Dice("other"))
    for name, code in (("stranger", 1), ("other", 1)):
        done = stage.call("custodian", "take", str(bid), "--key", f"{name}.key", cwd=tmp_path)
        assert done.code == code, done.err
        assert "Traceback" not in done.err


def test_a_damaged_bid_is_not_looked_into(tmp_path: Path) -> None:
    bid = _sealed(tmp_path, "intl-1")
    raw = bytearray(bid.read_bytes())
    raw[len(raw) // 2] ^= 1
    bid.write_bytes(bytes(raw))
    with pytest.raises(Trouble, match="The bid is damaged"):
        tender.take(bid, tmp_path / "hefei.key")


def test_a_dealers_fault_is_told_while_the_bid_can_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attack: a bidder's program that boxes another share than it commits to."""
    honest = dealing.share_commitment

    def lying(suite: object, share: dealing.Share) -> bytes:
        return bytes(32) if share.custodian == "nanjing" else honest(suite, share)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(dealing, "share_commitment", lying)
        bid = _sealed(tmp_path, "gm-1")
    (held,) = tender.take(bid, tmp_path / "nanjing.key")
    assert held.fault == "DealerFault"
    (other,) = tender.take(bid, tmp_path / "hefei.key")
    assert other.fault == ""
    assert stage.call("custodian", "take", str(bid), "--key", "nanjing.key", cwd=tmp_path).code == 1


@pytest.mark.parametrize(
    "group",
    ["centres", "centres:3", "centres:x=a@hefei.pub", "centres:6=hefei@{0}/hefei.pub",
     "bidder:1=a@{0}/hefei.pub",
     "centres:1=hefei", "c:2=a@{0}/hefei.pub,a@{0}/hefei.pub", "c:1=a@{0}/none.pub"],
)  # fmt: skip
def test_a_policy_that_cannot_be_is_refused_and_not_written(tmp_path: Path, group: str) -> None:
    _centres(tmp_path, "gm-1")
    with pytest.raises(Trouble):
        tender.policy("HF-1", "01", "1", "gm-1", [group.format(tmp_path)], tmp_path / "policy.json")
    assert not (tmp_path / "policy.json").exists()


def test_a_policy_names_groups_thresholds_and_keys(tmp_path: Path) -> None:
    told = json.loads(_policy(tmp_path, "gm-1").read_text())
    assert {one["group"]: (one["threshold"], len(one["members"])) for one in told["groups"]} == {
        "centres": (3, 5), "tenderee": (1, 1),
    }  # fmt: skip
    assert reading.policy(tmp_path / "policy.json").suite == "gm-1"
    assert (
        certificate.pem(reading.public_key(tmp_path / "hefei.pub"), "PUBLIC KEY")
        == (tmp_path / "hefei.pub").read_bytes()
    )
