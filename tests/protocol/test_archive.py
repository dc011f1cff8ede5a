"""The archive: the same bytes each time, no others accepted, hashes that outlive what is withheld."""

import io
import random
import zipfile
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from protocol import archive, archive_keys, canonical, record
from protocol.archive import Archive
from protocol.archive_keys import Attached
from protocol.ledger import checkpoint, note, tiles, tree
from protocol.ledger.checkpoint import Checkpoint
from protocol.record import Record
from protocol.refusals import Refusal

GOLDEN = Path(__file__).parent / "golden"
NAMES = ("record-1", "record-2", "record-3-tender", "record-3-purchase", "record-3-envelopes")


def _record(name: str) -> Record:
    return record.read((GOLDEN / f"{name}.jsonl").read_bytes())


def _head(of: Record) -> bytes:
    leaves = [tree.leaf_hash(raw) for raw in of.entries]

    signer = note.ed25519_signer(
        f"bids.example/{of.session}", Ed25519PrivateKey.from_private_bytes(bytes(32))
    )
    return checkpoint.sign(Checkpoint(signer.key.name, len(leaves), tree.root(leaves)), signer).encode()


def _built(of: Record, **more: object) -> dict[str, bytes]:
    head = {len(of.entries): _head(of)}
    return archive.build(of, **{"checkpoints": head, **more})  # type: ignore[arg-type]


def _bytes(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    archive.write(members, out)
    return out.getvalue()


def _refused(raw: bytes) -> str:
    found = archive.read(raw)
    assert isinstance(found, Refusal)
    assert found.code == "ArchiveRefused"
    return str(dict(found.detail)["part"])


@pytest.fixture(scope="module")
def whole() -> bytes:
    """A complete archive of a session with observations, papers and things attached."""
    attached = [Attached(bytes([n]) * 32, "recording", f"合肥-{n}.webm", 1000 + n) for n in (2, 1)]
    return _bytes(
        _built(_record("record-2"), attached=attached, policy=b"log x\n", papers={"report.pdf": b"%PDF"})
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_golden_session_can_be_archived_and_read(name: str) -> None:
    of = _record(name)
    raw = _bytes(_built(of))
    assert raw == _bytes(_built(of))
    found = archive.read(raw)
    assert isinstance(found, Archive)
    assert found.record.entries == of.entries
    assert dict(found.record.disclosed) == dict(of.disclosed)
    assert record.replay(found.record) == record.replay(of)
    assert found.manifest.root == tree.root([tree.leaf_hash(one) for one in of.entries])
    assert list(found.checkpoints) == [len(of.entries)]


def test_every_segment_that_a_record_tells_of_can_be_attached_and_no_other() -> None:
    of = _record("record-4-tender")
    told = tuple(archive_keys.recordings(of))
    assert told
    assert all(one.kind == "recording" and one.size and len(one.digest) == 32 for one in told)
    assert isinstance(archive.read(_bytes(_built(of, attached=told))), Archive)
    for false in (replace(told[0], size=told[0].size + 1), replace(told[0], name="hefei.room/99.mkv")):
        assert _refused(_bytes(_built(of, attached=[false]))) == archive.ATTACHED
    assert tuple(archive_keys.recordings(_record("record-3-tender"))) == ()


def test_any_zip_tool_reads_it(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "会话.archive.zip"
    path.write_bytes(whole)
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        assert packed.namelist() == sorted(packed.namelist())
        tile = next(name for name in packed.namelist() if name.startswith("tile/0/"))
        leaves = [tree.leaf_hash(one) for one in _record("record-2").entries]
        assert packed.read(tile) == b"".join(leaves)
        assert tiles.read_path(tile).width == len(leaves)
        for name in packed.namelist():
            assert packed.read(name) in whole, "a member can be cut out by hand"


def test_its_keys_are_those_that_the_record_binds(whole: bytes) -> None:
    found = archive.read(whole)
    assert isinstance(found, Archive)
    keys = msgspec.json.decode(found.members[archive.KEYS])["keys"]
    state = record.replay(found.record)
    last = {one["seat"]: one["key"] for one in keys if one["of"] not in ("installation", "venue")}
    assert last == {seat.seat: seat.key for seat in state.seats.values() if seat.key}
    assert {one["key"] for one in keys if one["of"] == "venue"} == {
        one.node_key for one in state.venues.values()
    }


@pytest.mark.parametrize(
    "withheld", [("person",), ("person", "bidder_name", "price"), ("plan", "sheet", "tally")]
)
def test_what_is_withheld_is_gone_and_no_hash_has_changed(withheld: tuple[str, ...]) -> None:
    of = _record("record-2")
    complete, less = _built(of), _built(of, withheld=withheld)
    found = archive.read(_bytes(less))
    assert isinstance(found, Archive)
    assert found.manifest.withheld == tuple(sorted(withheld))
    assert found.manifest.root == canonical.decode(complete[archive.MANIFEST], archive.Manifest).root
    assert {one.field for one in found.record.disclosed.values()}.isdisjoint(withheld)
    same = [name for name in complete if name.startswith(("tile/", "checkpoints/")) or name == archive.KEYS]
    assert [less[name] for name in same] == [complete[name] for name in same]
    names = [one.value for one in of.disclosed.values() if one.field in withheld]
    assert names
    assert all(name.encode() not in _bytes(less) for name in names if len(name) > 6)
    record.replay(found.record)


def test_a_manifest_that_says_a_thing_withheld_that_is_there_is_refused() -> None:
    members = _built(_record("record-2"))
    manifest = canonical.decode(members[archive.MANIFEST], archive.Manifest)
    lied = msgspec.structs.replace(manifest, withheld=("person",))
    assert _refused(_bytes({**members, archive.MANIFEST: canonical.encode(lied)})) == archive.RECORD


@pytest.mark.parametrize("seed", range(200))
def test_no_byte_of_it_can_be_changed_added_or_left_out(seed: int, whole: bytes) -> None:
    dice = random.Random(seed)
    at = dice.randrange(len(whole))
    changed = (
        whole[:at] + bytes([whole[at] ^ 1 << dice.randrange(8)]) + whole[at + 1 :],
        whole[:at] + whole[at + 1 :],
        whole[:at] + bytes([dice.randrange(256)]) + whole[at:],
        whole[:at],
    )[seed % 4]
    assert _refused(changed)


def test_members_exchanged_with_another_session_are_refused() -> None:
    mine, other = _built(_record("record-2")), _built(_record("record-3-tender"))
    for name in (archive.RECORD, archive.KEYS, archive.MANIFEST):
        assert _refused(_bytes({**mine, name: other[name]})) != ""
    rehashed = {**mine, archive.RECORD: other[archive.RECORD]}
    manifest = canonical.decode(mine[archive.MANIFEST], archive.Manifest)
    files = tuple(
        archive.File(canonical.sha256(rehashed[one.name]), one.name, len(rehashed[one.name]))
        for one in manifest.files
    )
    rehashed[archive.MANIFEST] = canonical.encode(msgspec.structs.replace(manifest, files=files))
    assert _refused(_bytes(rehashed)) == archive.RECORD


def test_a_packed_member_an_unknown_name_or_one_twice_is_refused(whole: bytes) -> None:
    def packed(change: str) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(whole)) as given, zipfile.ZipFile(out, "w") as made:
            for info in given.infolist():
                method = zipfile.ZIP_DEFLATED if change == "deflate" else zipfile.ZIP_STORED
                made.writestr(info, given.read(info), method)
            if change != "deflate":
                made.writestr(change, b"x")
        return out.getvalue()

    for change in ("deflate", "../../etc/passwd", "extra.exe", "tile/0/1000", "witness/../x.json"):
        assert _refused(packed(change)) == "file"


@pytest.mark.parametrize("raw", [b"", b"PK", b"PK\x05\x06" + bytes(18), bytes(1000)])
def test_what_is_no_archive_is_refused_as_a_file(raw: bytes) -> None:
    assert _refused(raw) in ("file", archive.MANIFEST)
