"""`tongchang archive`: made out of a record in a fresh process, shown against a policy from elsewhere."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops.policy import live
from protocol import record
from protocol.ledger import checkpoint, kinds, note, quorum, tree
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.quorum import Party
from tests.house import ground
from tests.ops import stage

GOLDEN = ground.ROOT / "tests" / "protocol" / "golden"


def _private(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A record, its cosigned head, the policy that was handed over before, and a recording."""
    of = record.read((GOLDEN / "record-2.jsonl").read_bytes())
    (tmp_path / "会话.record").write_bytes((GOLDEN / "record-2.jsonl").read_bytes())
    leaves = [tree.leaf_hash(raw) for raw in of.entries]
    log = note.ed25519_signer(f"log.example/{of.session}", _private(1))
    cosigners = [note.ed25519_signer(f"c{n}.example", _private(n), kinds.COSIGNATURE) for n in (2, 3, 4)]
    head = Checkpoint(log.key.name, len(leaves), tree.root(leaves))
    (tmp_path / "head").write_text(checkpoint.sign(head, (log, *cosigners), 1_800_000_000))
    (tmp_path / "thin").write_text(checkpoint.sign(head, (log, cosigners[0]), 1_800_000_000))
    parties = tuple((f"c{n}", (one.key,), "") for n, one in enumerate(cosigners))
    (tmp_path / "policy").write_text(quorum.write(live(Party("log", log.key, ""), parties)))
    (tmp_path / "合肥.webm").write_bytes(b"recording")
    return tmp_path


def test_an_archive_is_made_and_shown(room: Path) -> None:
    call = (
        "archive",
        "make",
        "会话.record",
        "--checkpoint",
        "head",
        "--policy",
        "policy",
        "--attach",
        "recording=合肥.webm",
    )
    made = stage.call(*call, "--json", cwd=room)
    assert made.code == 0, made.err
    assert made.told["archive"] == str(room / "会话.archive.zip")
    assert made.told["withheld"] == []
    shown = stage.call("archive", "show", "会话.archive.zip", "--policy", "policy", "--json", cwd=room)
    assert shown.code == 0, shown.err
    assert shown.told["cosigned"] == ["c0", "c1", "c2"]
    assert [(one["kind"], one["name"]) for one in shown.told["attached"]] == [("recording", "合肥.webm")]
    assert (shown.told["size"], shown.told["root"]) == (made.told["size"], made.told["root"])
    again = stage.call(*call, "--out", "again.zip", cwd=room)
    assert again.code == 0
    assert (room / "again.zip").read_bytes() == (room / "会话.archive.zip").read_bytes()


def test_proofs_hold_no_disclosure_and_say_so(room: Path) -> None:
    made = stage.call(
        "archive", "make", "会话.record", "--checkpoint", "head", "--proofs", "--json", cwd=room
    )
    assert made.code == 0, made.err
    assert {"person", "price", "sheet", "plan"} <= set(made.told["withheld"])
    shown = stage.call("archive", "show", "会话.archive.zip", "--policy", "policy", cwd=room)
    assert shown.code == 0
    assert "未随附" in shown.err
    raw = (room / "会话.archive.zip").read_bytes()
    assert "离席两分钟".encode() not in raw
    assert b"report.pdf" not in raw


@pytest.mark.parametrize(
    ("head", "code", "wanted"), [("thin", 1, "缺少"), (None, 2, "没有覆盖全部记录的检查点")]
)
def test_a_head_without_its_quorum_does_not_pass(
    room: Path, head: str | None, code: int, wanted: str
) -> None:
    more = () if head is None else ("--checkpoint", head)
    assert stage.call("archive", "make", "会话.record", *more, cwd=room).code == 0
    shown = stage.call("archive", "show", "会话.archive.zip", "--policy", "policy", cwd=room)
    assert (shown.code, wanted in shown.err) == (code, True)


def test_a_head_of_another_record_is_not_taken(room: Path) -> None:
    (room / "other.record").write_bytes((GOLDEN / "record-1.jsonl").read_bytes())
    done = stage.call("archive", "make", "other.record", "--checkpoint", "head", cwd=room)
    assert (done.code, "不是该记录的树头" in done.err) == (1, True)
    assert not (room / "other.archive.zip").exists()


@pytest.mark.parametrize(
    ("call", "code", "wanted"),
    [
        (("make", "会话.record", "--withhold", "prices"), 2, "没有名为 prices"),
        (("make", "会话.record", "--attach", "video=合肥.webm"), 2, "recording=FILE"),
        (("make", "会话.record", "--checkpoint", "policy"), 2, "不是检查点"),
        (("make", "nothing.record"), 2, "无法读取"),
        (("show", "会话.record"), 1, "归档文件不成立"),
        (("show", "nothing.zip"), 2, "无法读取"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(room: Path, call: tuple[str, ...], code: int, wanted: str) -> None:
    done = stage.call("archive", *call, cwd=room)
    assert (done.code, wanted in done.err) == (code, True), done.err
    assert "Traceback" not in done.err
