"""What a custodian's keeper reads at the console: what was asked, what was checked, what left."""

from pathlib import Path

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer

from ops.ceremony import rehearsal
from sub_venue.custody import console, door
from sub_venue.custody.judgement import Refused
from tests.protocol.session.ceremony.opened import Opening

NAME = "centre-1"


def test_a_question_stands_with_what_was_replayed_and_a_repeated_refusal_stands_once(tmp_path: Path) -> None:
    opening = Opening().to_begun()
    service = rehearsal.service(opening, NAME, tmp_path)
    for _ in range(3):
        with pytest.raises(Refused):
            service.release(rehearsal.asked(opening))
    service.answer_roll_call(rehearsal.asked(opening))
    answered, refused = console.shown(service).asked
    assert (answered.line.what, answered.line.outcome) == ("roll_call", "answered")
    assert answered.line.entries == len(opening.entries)
    assert (refused.line.what, refused.line.outcome) == ("release", "refused")
    assert "OPENING" in refused.en
    assert console.shown(service).released == ()


def test_a_release_stands_with_its_bids_and_on_the_disk_after_a_restart(tmp_path: Path) -> None:
    opening = Opening().to_closed(late=("bid-004",))
    service = rehearsal.service(opening, NAME, tmp_path)
    service.release(rehearsal.asked(opening, opening.bids))
    found = console.shown(service)
    (asked,) = found.asked
    assert (asked.line.bids, asked.line.received) == (("bid-001", "bid-002", "bid-003"), 4)
    (kept,) = found.released
    assert (kept.session, kept.bids) == (opening.session, opening.opening.list_digest)
    raw = console.encoded(found)
    assert b"boxes" not in raw
    assert b"salt" not in raw


def test_a_record_that_is_not_believed_is_told_without_a_session(tmp_path: Path) -> None:
    opening = Opening().to_begun()
    service = rehearsal.service(opening, NAME, tmp_path)
    with pytest.raises(Refused):
        service.answer_roll_call(rehearsal.asked(opening, note="nothing signed\n"))
    (asked,) = console.shown(service).asked
    assert (asked.line.entries, asked.line.session, asked.line.outcome) == (0, "", "refused")


async def test_the_console_opens_on_its_own_machine_alone_and_under_no_foreign_name(tmp_path: Path) -> None:
    service = rehearsal.service(Opening().to_begun(), NAME, tmp_path)
    async with TestClient(TestServer(door.app(service))) as client:
        page = await client.get("/")
        assert page.status == 200
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        told = msgspec.json.decode(await (await client.get("/console.json")).read())
        assert told["health"]["custodian"] == NAME
        for path in ("/", "/console.json"):
            foreign = await client.get(path, headers={"Host": "rebound.example"})
            assert foreign.status == 403
