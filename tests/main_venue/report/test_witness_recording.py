"""A witness's certificate names the recorded segment and the place in it, where the venue recorded then."""

from pathlib import Path

import pypdf
import pytest
from msgspec.structs import replace

from main_venue.report import witness_certificate
from main_venue.report.witness_certificate import Certificate
from protocol import entry, handover, record
from protocol.events_live import SegmentRecorded
from protocol.projection import witnessed
from protocol.refusals import Refusal
from tests.house import ground

GOLDEN = ground.ROOT / "tests" / "protocol" / "golden" / "record-4-tender.jsonl"
SEAT = "witness-hefei"


@pytest.fixture(scope="module")
def made() -> Certificate:
    found = record.read(GOLDEN.read_bytes())
    state = record.replay(found)
    listed = handover.handover(found, SEAT)
    assert not isinstance(listed, Refusal)
    checked = handover.check(listed)
    assert not isinstance(checked, Refusal)
    return witness_certificate.certificate(found, state, checked)


def cells(of: Certificate) -> list[list[str]]:
    """The rows of the table of observations."""
    rows = [block["rows"] for block in witness_certificate.blocks(of) if block["kind"] == "table"]
    return next(list(found) for found in rows if "备注" in found[0])


def test_a_moment_that_the_venue_recorded_is_named_by_segment_and_offset(made: Certificate) -> None:
    (noted,) = made.checked.handover.observations
    assert {one.source for one in made.recorded} == {"hefei.room"}
    # What the golden session recorded ends before the witness noted anything.
    assert (cells(made)[0][-1], cells(made)[1][-1]) == ("录像", "—")
    room = replace(made.recorded[-1], number=7, began_at=noted.noted_at - 61_500, duration_ms=90_000)
    seat = replace(room, source="hefei.camera.M1", number=2, began_at=noted.noted_at - 1_000)
    other = replace(room, source="hefei.camera.A", number=3)
    assert cells(replace(made, recorded=(other, seat, room)))[1][-1] == "hefei.room 第 7 段 01:01"
    about = replace(noted, subject="M1")
    listed = replace(made.checked.handover, observations=(about,))
    of_seat = replace(made, checked=replace(made.checked, handover=listed), recorded=(other, seat))
    assert cells(of_seat)[1][-1] == "hefei.camera.M1 第 2 段 00:01"
    assert "录像" not in cells(replace(made, recorded=()))[0]


def test_the_paper_with_places_in_the_recording_is_typeset(made: Certificate, tmp_path: Path) -> None:
    (noted,) = made.checked.handover.observations
    room = replace(made.recorded[-1], began_at=noted.noted_at, number=12)
    (tmp_path / "paper.pdf").write_bytes(witness_certificate.pdf(replace(made, recorded=(room,))))
    told = "".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "paper.pdf").pages)
    assert "录像" in told


def test_a_witness_is_shown_what_venues_recorded_from_the_first_segments_beginning(made: Certificate) -> None:
    told = [
        event
        for raw in record.read(GOLDEN.read_bytes()).entries
        for event in entry.decode(raw).events
        if isinstance(event, SegmentRecorded) and event.source == "hefei.room"
    ]
    shown = {one.source: one for one in witnessed.recordings(made.state, "witness")}
    found = shown["hefei.room"]
    assert (found.venue, found.began_at, found.segments) == ("hefei", told[0].began_at, len(told))
    assert found.ended_at == told[-1].began_at + told[-1].duration_ms
    assert witnessed.recordings(made.state, "expert") == ()
