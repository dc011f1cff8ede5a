"""An opened bid on a disk: honest files under their names, strange ones in quarantine with evidence."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from protocol import canonical, limits
from protocol.seal import container, framing, suites
from protocol.seal.payload import File, Listing
from protocol.seal.refused import SealRefused
from sub_venue.unsealed import quarantine, writing, zipped
from sub_venue.unsealed.quarantine import Quarantine
from tests.protocol.seal import bids

SEALED: dict[str, bids.SealedBid] = {name: bids.seal(name) for name in suites.NAMES}
INTL = SEALED["intl-1"]

Make = Callable[[zipfile.ZipFile], None]


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def unseal(tmp_path: Path, raw: bytes, key: bytes = INTL.key) -> writing.Unsealed:
    (tmp_path / "bid.tcbid").write_bytes(raw)
    return writing.unseal(tmp_path / "bid.tcbid", INTL.suite, key, tmp_path / "opened")


def careless(files: dict[str, bytes]) -> bytes:
    """A container by a program that seals whatever it is given."""
    listed = tuple(File(INTL.suite.hash(data), name, len(data)) for name, data in files.items())
    raw = canonical.encode(Listing((), listed))
    plain = len(raw).to_bytes(4, "big") + raw + b"".join(files.values())
    writer = container.Writer(replace(INTL.header, sealed_bytes=framing.sealed_length(len(plain))), INTL.key)
    begun = writer.begin()
    return (
        begun + bytes(writer.update(plain, bytearray(framing.room(len(plain))))) + writer.finish(INTL.bidder)
    )


def zip_of(make: Make) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        make(archive)
    return out.getvalue()


def unpack(tmp_path: Path, raw: bytes) -> tuple[tuple[str, ...], Quarantine, Path]:
    path = tmp_path / "附件.zip"
    path.write_bytes(raw)
    aside = Quarantine(tmp_path)
    assert zipped.is_zip(path)
    kept = zipped.unpack(path, "附件.zip", tmp_path / "out", aside)
    aside.close()
    return kept, aside, tmp_path / "out"


# --- the bid itself ---


@pytest.mark.parametrize("name", suites.NAMES)
def test_an_honest_bid_lies_under_its_names(tmp_path: Path, name: str) -> None:
    bid = SEALED[name]
    (tmp_path / "bid.tcbid").write_bytes(bid.raw)
    made = writing.unseal(tmp_path / "bid.tcbid", bid.suite, bid.key, tmp_path / "opened")
    assert tree(tmp_path / "opened" / "files") == bids.FILES
    assert set(made.files) == set(bids.FILES)
    assert made.evidence == ()
    assert [one.name for one in (tmp_path / "opened").iterdir()] == ["files"]


@pytest.mark.parametrize("name", suites.NAMES)
def test_what_was_compared_before_is_opened_by_its_seal_alone_and_a_changed_byte_opens_nothing(
    tmp_path: Path, name: str
) -> None:
    """The disk may give back another byte at the opening than when the container was compared."""
    bid = SEALED[name]
    path = tmp_path / "bid.tcbid"
    for at in (0, 12, bid.starts[0], (bid.starts[0] + bid.starts[1]) // 2, bid.starts[1] - 1):
        raw = bytearray(bid.raw)
        raw[at] ^= 1
        path.write_bytes(raw)
        with pytest.raises(SealRefused):
            writing.unseal(path, bid.suite, bid.key, tmp_path / "opened", compared=True)
        with pytest.raises(SealRefused):
            writing.listing(path, bid.suite, bid.key, compared=True)
    for cut in (bid.raw[:-1], bid.raw[: bid.starts[1] - 1], bid.raw + b"\0"):
        path.write_bytes(cut)
        with pytest.raises(SealRefused):
            writing.unseal(path, bid.suite, bid.key, tmp_path / "opened", compared=True)
    path.write_bytes(bid.raw)
    assert [one.name for one in tmp_path.iterdir()] == ["bid.tcbid"]
    made = writing.unseal(path, bid.suite, bid.key, tmp_path / "opened", compared=True)
    assert tree(tmp_path / "opened" / "files") == bids.FILES
    assert writing.listing(path, bid.suite, bid.key, compared=True) == made.listing


def test_strange_names_are_put_aside_with_evidence_and_the_rest_is_kept(tmp_path: Path) -> None:
    made = unseal(
        tmp_path,
        careless({"../../evil": b"1", "报价\u202efdp.exe": b"22", "报价.xlsx": b"333", "报价.XLSX": b"4444"}),
    )
    assert made.files == ("报价.xlsx",)
    found = tree(tmp_path / "opened")
    assert {name: data for name, data in found.items() if "evidence" not in name} == {
        "files/报价.xlsx": b"333",
        "quarantine/0001.bin": b"1",
        "quarantine/0002.bin": b"22",
        "quarantine/0003.bin": b"4444",
    }
    evidence = json.loads(found["quarantine/evidence.json"])
    assert [(one["number"], one["name"], one["found"]) for one in evidence] == [
        (1, "../../evil", ["traversal"]),
        (2, "报价\\u202efdp.exe", ["bidi"]),
        (3, "报价.XLSX", ["twin"]),
    ]
    assert "\u202e" not in found["quarantine/evidence.json"].decode()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["bid.tcbid", "opened"]


def test_a_bid_that_does_not_open_leaves_nothing_behind(tmp_path: Path) -> None:
    raw = bytearray(INTL.raw)
    raw[(INTL.starts[0] + INTL.starts[1]) // 2] ^= 1
    for broken, key in ((bytes(raw), INTL.key), (INTL.raw[:-1], INTL.key), (INTL.raw, bytes(32))):
        with pytest.raises(SealRefused):
            unseal(tmp_path, broken, key)
        assert [one.name for one in tmp_path.iterdir()] == ["bid.tcbid"]
    assert unseal(tmp_path, INTL.raw).files


def test_an_evidences_name_hides_nothing() -> None:
    assert quarantine.escaped("a\n\x1b[2J\\u202e") == "a\\n\\x1b[2J\\\\u202e"
    assert quarantine.escaped("\ud800") == "\\ud800"


# --- archives in it ---


def test_an_honest_archive_is_unpacked_beside_its_file(tmp_path: Path) -> None:
    inner = zip_of(lambda archive: archive.writestr("深/图.dwg", b"inner"))

    def honest(archive: zipfile.ZipFile) -> None:
        archive.writestr("图纸/一层.dwg", b"plan" * 1000)
        archive.mkdir("空")
        archive.writestr("again.zip", inner)

    raw = zip_of(honest)
    made = unseal(
        tmp_path, careless({"附件.zip": raw, "报价.xlsx": zip_of(lambda one: one.writestr("a", b"1"))})
    )
    assert made.archives == {0: ("图纸/一层.dwg", "again.zip")}
    found = tree(tmp_path / "opened")
    assert found["archives/0/图纸/一层.dwg"] == b"plan" * 1000
    assert found["archives/0/again.zip"] == inner
    assert found["files/附件.zip"] == raw
    assert made.evidence == ()


def test_names_of_old_chinese_programs_are_read_as_gbk(tmp_path: Path) -> None:
    raw = zip_of(lambda archive: archive.writestr("xxxx.txt", b"1"))
    old = raw.replace(b"xxxx.txt", "报价".encode("gb18030") + b".txt")
    kept, aside, _ = unpack(tmp_path, old)
    assert kept == ("报价.txt",)
    assert aside.evidence == ()


def test_what_an_archive_smuggles_is_put_aside(tmp_path: Path) -> None:
    def smuggler(archive: zipfile.ZipFile) -> None:
        archive.writestr("good.txt", b"good")
        archive.writestr("../../../evil.txt", b"evil")
        archive.writestr("/abs.txt", b"abs")
        archive.writestr("рrice.txt", b"cyrillic")
        archive.writestr("GOOD.txt", b"twin")
        for name, mode in (("link", 0o120777), ("device", 0o060666)):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, mode << 16
            archive.writestr(info, b"/etc/passwd")

    kept, aside, out = unpack(tmp_path, zip_of(smuggler))
    assert kept == ("good.txt",)
    assert tree(out) == {"good.txt": b"good"}
    assert [(one.name, one.found, one.written > 0) for one in aside.evidence] == [
        ("../../../evil.txt", ("traversal",), True),
        ("/abs.txt", ("traversal",), True),
        ("рrice.txt", ("confusable",), True),
        ("GOOD.txt", ("twin",), True),
        ("link", ("link",), False),
        ("device", ("device",), False),
    ]
    assert {one.archive for one in aside.evidence} == {"附件.zip"}
    assert not any(path.is_symlink() for path in tmp_path.rglob("*"))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out", "quarantine", "附件.zip"]


def test_a_bomb_is_not_unpacked_and_its_honest_neighbour_is(tmp_path: Path) -> None:
    def bomb(archive: zipfile.ZipFile) -> None:
        archive.writestr("good.txt", bytes(range(256)) * 100)
        archive.writestr("bomb.csv", bytes(1_500_000))

    def noise(archive: zipfile.ZipFile) -> None:
        bomb(archive)
        archive.writestr("noise", _noise(40_000), zipfile.ZIP_STORED)

    kept, aside, out = unpack(tmp_path, zip_of(noise))
    assert kept == ("good.txt", "noise")
    assert [(one.name, one.found, one.written) for one in aside.evidence] == [("bomb.csv", ("ratio",), 0)]
    assert "bomb.csv" not in tree(out)


def _noise(length: int) -> bytes:
    suite = suites.get("intl-1")
    return b"".join(suite.hash(at.to_bytes(4, "big")) for at in range(length // 32))


def test_an_archive_that_is_a_bomb_as_a_whole_stays_a_file(tmp_path: Path) -> None:
    def bomb(archive: zipfile.ZipFile) -> None:
        for at in range(40):
            archive.writestr(f"{at}.csv", bytes(900_000))

    kept, aside, out = unpack(tmp_path, zip_of(bomb))
    assert kept == ()
    assert [(one.name, one.found) for one in aside.evidence] == [("附件.zip", ("ratio",))]
    assert not out.exists()


def test_an_archive_of_too_many_entries_stays_a_file(tmp_path: Path) -> None:
    def crowd(archive: zipfile.ZipFile) -> None:
        for at in range(limits.BID_FILES_MAX + 1):
            archive.writestr(zipfile.ZipInfo(f"{at}"), b"")

    kept, aside, _ = unpack(tmp_path, zip_of(crowd))
    assert kept == ()
    assert [one.found for one in aside.evidence] == [("many",)]


def test_an_entry_that_lies_is_put_aside_and_a_broken_archive_stays_a_file(tmp_path: Path) -> None:
    def two(archive: zipfile.ZipFile) -> None:
        archive.writestr("lies.txt", b"lies" * 100, zipfile.ZIP_STORED)
        archive.writestr("true.txt", b"true", zipfile.ZIP_STORED)

    raw = zip_of(two)
    kept, aside, out = unpack(tmp_path, raw.replace(b"lieslies", b"liesLies", 1))
    assert kept == ("true.txt",)
    assert [(one.name, one.found) for one in aside.evidence] == [("lies.txt", ("broken",))]
    assert tree(out) == {"true.txt": b"true"}
    other = tmp_path / "other"
    other.mkdir()
    kept, aside, _ = unpack(other, raw[: len(raw) // 2])
    assert kept == ()
    assert [one.found for one in aside.evidence] == [("broken",)]


def test_a_list_in_the_64_bit_form_is_not_read(tmp_path: Path) -> None:
    raw = zip_of(lambda archive: archive.writestr("a", b"1"))
    end = raw.rindex(b"PK\x05\x06")
    kept, aside, _ = unpack(tmp_path, raw[:end] + b"PK\x06\x07" + bytes(16) + raw[end:])
    assert kept == ()
    assert [one.found for one in aside.evidence] == [("many",)]
