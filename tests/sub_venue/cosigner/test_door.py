"""A cosigner over HTTP: every status of the published table, a disk that fails, what it is told before."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from protocol.ledger import checkpoint, kinds, note
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.cosigner import Answer, Request
from protocol.ledger.note import Signer
from sub_venue.cosigner.asking import Asking
from sub_venue.cosigner.book import Book
from sub_venue.cosigner.door import Door
from sub_venue.cosigner.memory import Rounds
from sub_venue.cosigner.service import Service
from sub_venue.cosigner.settings import LogSettings, Settings
from sub_venue.journal.disk import Disk
from sub_venue.senses import Senses
from tests.sub_venue.cosigner.ground import LOG, LOG_HASH, ONE, ORIGIN, OTHER, asked, head

OWN = note.ed25519_signer(
    "hefei.example/cosigner", Ed25519PrivateKey.from_private_bytes(bytes([9] * 32)), kinds.COSIGNATURE
)


def _settings(folder: Path, **more: Any) -> Settings:
    told = {
        "name": OWN.key.name, "data_dir": folder, "key": folder / "key", "http_port": 0,
        "logs": [{"origin": ORIGIN, "keys": [LOG.key.vkey]}],
    }  # fmt: skip
    return Settings.model_validate(told | more)


class Running:
    """A cosigner's rooms behind a port."""

    def __init__(self, settings: Settings, sync: Callable[[int], None], signer: Signer) -> None:
        self.disk = Disk(1_000, sync)
        self.asking = Asking(settings.bounds)
        self.service = Service(settings, (signer,), Book(settings, self.disk), self.asking, Senses())
        self.door = Door(settings, self.service)
        self.base = ""

    async def add(self, body: bytes) -> tuple[int, str, str]:
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self.base}/add-checkpoint", data=body) as one,
        ):
            return one.status, await one.text(), one.headers["Content-Type"]

    async def get(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as http, http.get(f"{self.base}/{path}") as one:
            return one.status, await one.text()


@contextlib.asynccontextmanager
async def running(
    settings: Settings, sync: Callable[[int], None] = os.fdatasync, signer: Signer = OWN
) -> AsyncIterator[Running]:
    found = Running(settings, sync, signer)
    found.base = f"http://127.0.0.1:{await found.door.open()}"
    try:
        yield found
    finally:
        await found.door.close()
        await found.asking.close()
        await found.disk.close()


async def test_each_status_of_the_published_table_is_answered_over_http(tmp_path: Path) -> None:
    stranger = note.ed25519_signer("bids.example/s-9", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    elsewhere = checkpoint.sign(Checkpoint("bids.example/s-9", 5, ONE.root(5)), stranger)
    forged = head(5).replace(note.split(head(5))[1][0].line, note.split(head(6))[1][0].line)
    async with running(_settings(tmp_path)) as own:
        for body, status in (
            (b"", 400),
            (b"old 0\n\n" + b"x" * 1_000_001, 400),
            (asked(6, 5), 400),
            (Request(0, (), elsewhere).text.encode(), 404),
            (Request(0, (), forged).text.encode(), 403),
            (Request(0, (bytes(32),), head(5)).text.encode(), 422),
        ):
            assert (await own.add(body))[0] == status
        assert await own.add(asked(3, 5)) == (409, "0\n", "text/x.tlog.size")
        assert await own.get(f"{LOG_HASH}/checkpoint") == (404, "no head of this log was cosigned\n")
        status, lines, kind = await own.add(asked(0, 5))
        assert (status, kind) == (200, "text/plain; charset=utf-8")
        assert await own.get(f"{LOG_HASH}/checkpoint") == (200, head(5) + lines)
        assert await own.add(asked(0, 9)) == (409, "5\n", "text/x.tlog.size")
        assert (await own.add(asked(5, 9)))[0] == 200
        assert (await own.get(f"{LOG_HASH}/fork"))[0] == 404
        assert (await own.add(asked(9, 9, OTHER)))[0] == 422
        assert (await own.get(f"{LOG_HASH}/fork"))[0] == 200
        assert (await own.get(f"{hashlib.sha256(b'no such log').hexdigest()}/checkpoint"))[0] == 404
        assert (await own.get("add-checkpoint"))[0] == 405
        assert (await own.get("readyz"))[0] == 200


async def test_too_many_at_once_are_told_to_come_again(tmp_path: Path) -> None:
    async with running(_settings(tmp_path, bounds={"requests_at_once_max": 1})) as own:
        reached, goes_on = asyncio.Event(), asyncio.Event()

        async def slow(_body: bytes) -> Answer:
            reached.set()
            await goes_on.wait()
            return Answer(200, "")

        own.service.add_checkpoint = slow  # type: ignore[assignment,method-assign]
        first = asyncio.create_task(own.add(asked(0, 5)))
        await reached.wait()
        assert (await own.add(asked(0, 5)))[0] == 429
        goes_on.set()
        assert (await first)[0] == 200


async def test_of_many_requests_at_once_one_history_is_signed(tmp_path: Path) -> None:
    async with running(_settings(tmp_path)) as own:
        answers = await asyncio.gather(*(own.add(asked(0, size)) for size in (5, 9, 7, 12)))
        assert sorted(status for status, _, _ in answers) == [200, 409, 409, 409]
        held = next(int(text) for status, text, _ in answers if status == 409)
        assert f"{ORIGIN}\n{held}\n" in (await own.get(f"{LOG_HASH}/checkpoint"))[1]


async def test_a_head_that_the_disk_does_not_take_is_not_signed_and_not_remembered(tmp_path: Path) -> None:
    is_full = False

    def sync(handle: int) -> None:
        if is_full:
            raise OSError("the disk has failed")
        os.fdatasync(handle)

    async with running(_settings(tmp_path), sync) as own:
        assert (await own.add(asked(0, 5)))[0] == 200
        is_full = True
        status, text, _ = await own.add(asked(5, 9))
        assert (status, "—" in text) == (503, False)
        assert (await own.get("readyz"))[0] == 503
        assert f"{ORIGIN}\n5\n" in (await own.get(f"{LOG_HASH}/checkpoint"))[1]
        assert (await own.add(asked(5, 7)))[0] == 503
    async with running(_settings(tmp_path)) as again:
        assert await again.add(asked(0, 9)) == (409, "5\n", "text/x.tlog.size")


async def test_a_head_is_on_the_disk_before_its_signature_is_made(tmp_path: Path) -> None:
    order: list[str] = []

    def sync(handle: int) -> None:
        order.append("disk")
        os.fdatasync(handle)

    def sign(message: bytes) -> bytes:
        order.append("sign")
        return OWN.sign(message)

    async with running(_settings(tmp_path), sync, Signer(OWN.key, sign)) as own:
        order.clear()
        assert (await own.add(asked(0, 5)))[0] == 200
        assert order == ["disk", "sign"]


async def test_a_large_book_is_written_anew_with_the_newest_head_of_each_log_and_every_proof(
    tmp_path: Path,
) -> None:
    async with running(_settings(tmp_path)) as own:
        for old, size in ((0, 5), (5, 9), (9, 12)):
            assert (await own.add(asked(old, size)))[0] == 200
    before = (tmp_path / "heads.log").stat().st_size
    small = _settings(tmp_path, bounds={"book_rotate_bytes": 100})
    async with running(small) as own:
        assert (tmp_path / "heads.log").stat().st_size < before / 2
        assert await own.add(asked(0, 20)) == (409, "12\n", "text/x.tlog.size")
        assert (await own.add(asked(12, 20)))[0] == 200
        assert (await own.add(asked(20, 20, OTHER)))[0] == 422
    async with running(small) as own:
        assert (await own.get(f"{LOG_HASH}/fork"))[0] == 200
        assert f"{ORIGIN}\n20\n" in (await own.get(f"{LOG_HASH}/checkpoint"))[1]
        assert (await own.add(asked(20, 21)))[0] == 422


async def test_without_half_of_its_peers_it_does_not_sign(tmp_path: Path) -> None:
    peers = [{"name": f"p{number}", "url": "http://127.0.0.1:9/"} for number in (1, 2)]
    async with running(_settings(tmp_path, peers=peers)) as own:
        assert (await own.add(asked(0, 5)))[0] == 503
        assert (await own.get(f"{LOG_HASH}/checkpoint"))[0] == 404


def test_a_family_of_logs_is_known_by_the_name_below_which_they_lie(tmp_path: Path) -> None:
    family = note.ed25519_signer("bids.example", Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)))
    told = _settings(
        tmp_path, logs=[{"below": "bids.example", "keys": [family.key.vkey], "url": "http://a/log/"}]
    )
    log = told.log_of(ORIGIN)
    assert log is not None
    assert log.keys_of(ORIGIN) == (LOG.key,)
    assert log.prefix_of(ORIGIN) == "http://a/log/s-1"
    for stranger in ("bids.example", "bids.example/", "bids.examples/s-1", "other.example/s-1"):
        assert told.log_of(stranger) is None


@pytest.mark.parametrize(
    "more",
    [
        {"name": "a b"},
        {"http_host": "192.0.2.1"},
        {"http_cert": "cert.pem"},
        {"logs": [{"keys": [LOG.key.vkey]}]},
        {"logs": [{"origin": "bids.example/s-2", "keys": [LOG.key.vkey]}]},
        {"logs": [{"origin": ORIGIN, "below": "bids.example", "keys": [LOG.key.vkey]}]},
        {"logs": [{"origin": ORIGIN, "keys": []}]},
        {"logs": [{"origin": ORIGIN, "keys": ["no key"]}]},
        {"more": 1},
    ],
)
def test_a_configuration_out_of_form_is_refused(tmp_path: Path, more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _settings(tmp_path, **more)
    assert json.loads(LogSettings(origin=ORIGIN, keys=(LOG.key.vkey,)).model_dump_json())["below"] == ""


def test_logs_that_have_grown_are_looked_at_first_and_quiet_ones_now_and_then() -> None:
    now = 0
    rounds = Rounds(1_000, lambda: now)
    assert rounds.next({"a": 1, "b": 1}, 64) == ("a", "b")
    assert rounds.next({"a": 1, "b": 1}, 64) == ()
    now = 10
    assert rounds.next({"a": 1, "b": 2}, 64) == ("b",)
    now = 1_005
    assert rounds.next({"a": 1, "b": 2, "c": 1}, 2) == ("c", "a")
    now = 1_010
    assert rounds.next({"a": 1, "b": 2, "c": 1}, 2) == ("b",)
