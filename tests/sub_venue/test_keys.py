"""The node's keys: each seat's sealed things open with its own key only, until they are destroyed."""

import stat
from pathlib import Path

import pytest

from protocol.seal import signing
from sub_venue.keys import SealBroken, SeatKeys, load_node_key
from sub_venue.senses import Senses
from tests.protocol.world import key
from tests.sub_venue.conftest import pem


@pytest.fixture
def keys(tmp_path: Path) -> SeatKeys:
    return SeatKeys(tmp_path / "seats", Senses())


def test_what_a_seat_seals_it_opens_after_a_restart_too(keys: SeatKeys, tmp_path: Path) -> None:
    sealed = keys.seal("s-1", "M1", "draft 01/1/1", b"scores")
    assert b"scores" not in sealed
    assert keys.open("s-1", "M1", "draft 01/1/1", sealed) == b"scores"
    again = SeatKeys(tmp_path / "seats", Senses())
    assert again.open("s-1", "M1", "draft 01/1/1", sealed) == b"scores"
    assert keys.seal("s-1", "M1", "draft 01/1/1", b"scores") != sealed


@pytest.mark.parametrize(
    ("session", "seat", "purpose"),
    [("s-2", "M1", "draft"), ("s-1", "M2", "draft"), ("s-1", "M1", "opening")],
)
def test_a_seal_opens_nowhere_else(keys: SeatKeys, session: str, seat: str, purpose: str) -> None:
    sealed = keys.seal("s-1", "M1", "draft", b"scores")
    keys.seal(session, seat, "any", b"to have a key")
    with pytest.raises(SealBroken):
        keys.open(session, seat, purpose, sealed)


def test_a_changed_seal_does_not_open(keys: SeatKeys) -> None:
    sealed = keys.seal("s-1", "M1", "draft", b"scores")
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(SealBroken):
            keys.open("s-1", "M1", "draft", bytes(changed))
    for end in range(len(sealed)):
        with pytest.raises(SealBroken):
            keys.open("s-1", "M1", "draft", sealed[:end])


def test_keys_are_their_owners_alone(keys: SeatKeys, tmp_path: Path) -> None:
    keys.seal("s-1", "M1", "draft", b"scores")
    path = tmp_path / "seats" / "s-1" / "M1.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "seats").stat().st_mode) == 0o700
    assert len(path.read_bytes()) == 32


def test_a_destroyed_key_opens_nothing_and_leaves_nothing(keys: SeatKeys, tmp_path: Path) -> None:
    sealed = keys.seal("s-1", "M1", "draft", b"scores")
    other = keys.seal("s-2", "M1", "draft", b"other")
    raw = (tmp_path / "seats" / "s-1" / "M1.key").read_bytes()
    keys.destroy("s-1")
    keys.destroy("s-1")
    with pytest.raises(SealBroken):
        keys.open("s-1", "M1", "draft", sealed)
    assert keys.open("s-2", "M1", "draft", other) == b"other"
    assert keys.sessions() == ("s-2",)
    assert all(raw not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_the_nodes_key_is_read_and_signs(tmp_path: Path) -> None:
    path = tmp_path / "node.key"
    path.write_bytes(pem("node hefei"))
    node = load_node_key(path)
    assert node.text == key("node hefei")
    assert signing.verify(node.text, b"tagged", node.sign(b"tagged"))


def test_a_file_without_a_proper_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "node.key"
    path.write_text("not a key")
    with pytest.raises(ValueError):
        load_node_key(path)
