"""What a custodian keeps on its disk, a venue's key for one session, and the door of a key service."""

import os
from pathlib import Path

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer

from ops.ceremony import rehearsal
from protocol import hidden
from protocol.refusals import Refusal
from protocol.words import Stage
from sub_venue.custody import door, opening_keys
from sub_venue.custody.releases import Conflict, Released, Releases, Torn
from sub_venue.custody.service import Answered, Health
from sub_venue.senses import Senses
from tests.protocol.session.ceremony.opened import Opening

STAGE = Stage("01", "1", 1)


def released(bids: bytes = bytes(32), salt: bytes = bytes(32)) -> Released:
    return Released("s-1", STAGE, bids, hidden.disclose("custody_release", salt, {"boxes": []}), 1)


def test_a_release_is_kept_once_and_given_again_as_it_was(tmp_path: Path) -> None:
    kept = Releases(tmp_path)
    assert kept.of("s-1", STAGE) is None
    first = kept.keep(released())
    assert kept.keep(released(salt=b"\1" * 32)) == first
    assert kept.of("s-1", STAGE) == first
    with pytest.raises(Conflict):
        kept.keep(released(bids=b"\1" * 32))
    kept.close()
    assert Releases(tmp_path).of("s-1", STAGE) == first


def test_one_process_at_a_time_has_the_folder(tmp_path: Path) -> None:
    kept = Releases(tmp_path)
    with pytest.raises(BlockingIOError):
        Releases(tmp_path)
    kept.close()
    Releases(tmp_path).close()


def test_a_file_that_was_changed_or_cut_is_not_taken_for_nothing(tmp_path: Path) -> None:
    kept = Releases(tmp_path)
    kept.keep(released())
    (path,) = tmp_path.glob("*.json")
    raw = path.read_bytes()
    for bad in (raw[:-1], b"", raw.replace(b"s-1", b"s-2")):
        path.write_bytes(bad)
        with pytest.raises(Torn):
            kept.of("s-1", STAGE)


def test_what_was_written_beside_and_never_linked_was_never_released(tmp_path: Path) -> None:
    kept = Releases(tmp_path)
    kept.keep(released())
    (path,) = tmp_path.glob("*.json")
    path.rename(path.with_suffix(".new"))
    assert kept.of("s-1", STAGE) is None
    assert kept.keep(released(salt=b"\2" * 32)).release.salt == b"\2" * 32


def test_a_venues_key_is_made_once_for_a_session_and_destroyed_with_it(tmp_path: Path) -> None:
    made = opening_keys.create(tmp_path / "keys", "s-1", "gm-1", Senses())
    assert opening_keys.create(tmp_path / "keys", "s-1", "gm-1", Senses()).public == made.public
    other = opening_keys.create(tmp_path / "keys", "s-2", "gm-1", Senses())
    assert other.public != made.public
    path = tmp_path / "keys" / "s-1.key"
    assert path.stat().st_mode & 0o777 == 0o600
    secret, twin = path.read_bytes(), tmp_path / "twin"
    os.link(path, twin)
    assert opening_keys.destroy(tmp_path / "keys", "s-1")
    assert twin.read_bytes() == bytes(len(secret))
    assert opening_keys.held(tmp_path / "keys", "s-1", "gm-1") is None
    assert not opening_keys.destroy(tmp_path / "keys", "s-1")
    assert opening_keys.held(tmp_path / "keys", "s-2", "gm-1") is not None


async def test_the_door_answers_health_roll_call_and_release_and_names_what_it_does_not_believe(
    tmp_path: Path,
) -> None:
    opening = Opening().to_begun()
    service = rehearsal.service(opening, "centre-1", tmp_path)
    async with TestClient(TestServer(door.app(service))) as client:
        health = await client.get("/health")
        told = msgspec.json.decode(await health.read(), type=Health)
        assert (health.status, told.ok, told.custodian) == (200, True, "centre-1")
        assert (await client.post("/roll-call", data=b"{}")).status == 400
        early = await client.post("/release", data=msgspec.json.encode(rehearsal.asked(opening)))
        refusal = msgspec.json.decode(await early.read(), type=Refusal)
        assert (early.status, refusal.code, refusal.detail["part"]) == (409, "CustodyRefused", "phase")
        came = await client.post("/roll-call", data=msgspec.json.encode(rehearsal.asked(opening)))
        answered = msgspec.json.decode(await came.read(), type=Answered)
        assert came.status == 200
    assert not isinstance(rehearsal.enter(opening, answered), Refusal)
    assert opening.opening.answered == ("centre-1",)


async def test_a_disk_that_takes_nothing_lets_nothing_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = Opening().to_closed()
    service = rehearsal.service(opening, "centre-1", tmp_path)
    asked = msgspec.json.encode(rehearsal.asked(opening, opening.bids))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    async with TestClient(TestServer(door.app(service))) as client:
        monkeypatch.setattr("os.fsync", full)
        refused = await client.post("/release", data=asked)
        assert refused.status == 503
        monkeypatch.undo()
        assert (await client.post("/release", data=asked)).status == 200
