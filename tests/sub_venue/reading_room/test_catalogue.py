"""The catalogue: only the form that is specified is read, and only as it lies there now."""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from protocol import canonical
from protocol.reading import Folder
from sub_venue.reading_room import catalogue
from sub_venue.reading_room.catalogue import Catalogues
from tests.sub_venue.reading_room import papers

RAW = papers.by_hand(b"")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    papers.shelve(tmp_path, "s-1", [("d1", "tender", "", RAW), ("d2", "blind", "甲", RAW)])
    return tmp_path / "s-1" / catalogue.NAME


def standing(place: Path) -> Folder:
    return Catalogues(place.parent.parent).get("s-1").folder


def changed(place: Path, **more: Any) -> None:
    """Write the catalogue with its first document changed."""
    value = msgspec.json.decode(place.read_bytes())
    value["documents"][0].update(more)
    place.write_bytes(canonical.encode(value))


def test_a_catalogue_is_read_with_its_digest(place: Path) -> None:
    found = Catalogues(place.parent.parent).get("s-1")
    assert (found.folder, len(found.digest)) == ("ready", 64)
    assert found.catalogue is not None
    assert [one.document for one in found.catalogue.documents] == ["d1", "d2"]


@pytest.mark.parametrize(
    "more",
    [
        {"file": "../d1.pdf"}, {"file": "d1.txt"}, {"file": "D1.PDF"}, {"shelf": "secret"}, {"bidder": "b1"},
        {"document": "d2"}, {"bytes": 0}, {"title": ""}, {"sha256": "AAAA"}, {"document": "a/b"},
        {"answers": [{"criterion": "A1", "page": 0}]},
    ],
    ids=str,
)  # fmt: skip
def test_another_form_is_damage(place: Path, more: dict[str, Any]) -> None:
    changed(place, **more)
    assert standing(place) == "damaged"


def test_another_sessions_catalogue_and_one_out_of_canonical_form_are_damage(place: Path) -> None:
    whole = place.read_bytes()
    place.write_bytes(whole.replace(b'"s-1"', b'"s-2"'))
    assert standing(place) == "damaged"
    place.write_bytes(whole + b"\n")
    assert standing(place) == "damaged"


def test_a_catalogue_put_there_later_is_seen(place: Path) -> None:
    found = Catalogues(place.parent.parent)
    assert found.get("s-1").folder == "ready"
    papers.shelve(place.parent.parent, "s-1", [("d9", "tender", "", RAW)])
    os.utime(place, ns=(1, 1))
    held = found.get("s-1").catalogue
    assert held is not None
    assert [one.document for one in held.documents] == ["d9"]


@pytest.mark.parametrize("session", ["..", "../s-1", "", ".", "s-1/", "/"])
def test_no_other_folder_is_looked_into(place: Path, session: str) -> None:
    assert Catalogues(place.parent.parent).get(session).folder == "none"
