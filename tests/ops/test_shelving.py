"""The sample's documents as they lie in every venue's folder: no name where none may stand."""

from pathlib import Path

import msgspec
import pytest

from ops import installation, places, senses, shelving
from ops.installation import Installation
from ops.sample import facts
from protocol.reading import Shelf
from sub_venue.reading_room.catalogue import Catalogue, Catalogues


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation in whose venues the sample's documents have been put."""
    folder = tmp_path_factory.mktemp("shelved")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "home", lambda: folder / "home")
        made = installation.ensure(folder / "data", now_ms=senses.now_ms())
        assert shelving.shelve(made, "sample", facts.load().case) > 40
        assert shelving.shelve(made, "sample", facts.load().case) > 40
    return made


def catalogue_at(found: Installation, node: str) -> Catalogue:
    shelved = Catalogues(found.data / "nodes" / node / shelving.FOLDER).get("sample")
    assert shelved.catalogue is not None
    return shelved.catalogue


def test_every_venue_has_the_same_catalogue(found: Installation) -> None:
    paths = [
        found.data / "nodes" / node.place.node / shelving.FOLDER / "sample" / "catalogue.json"
        for node in found.nodes
    ]
    assert len({path.read_bytes() for path in paths}) == 1
    assert len(paths) == 4


def test_each_bid_has_what_is_scored_under_its_code_alone(found: Installation) -> None:
    documents = catalogue_at(found, "nanjing").documents
    by_shelf: dict[Shelf, list[str]] = {}
    for one in documents:
        by_shelf.setdefault(one.shelf, []).append(one.code)
    assert by_shelf["tender"] == [""]
    assert by_shelf["blind"] == by_shelf["evidence"] == list("甲乙丙丁戊")
    assert sorted(set(by_shelf["bid"])) == sorted(["", *"甲乙丙丁戊"])
    answered = {
        (one.code, answer.criterion)
        for one in documents
        if one.shelf in ("blind", "evidence")
        for answer in one.answers
    }
    criteria = [*(f"A{n}" for n in range(1, 7)), *(f"B{n}" for n in range(1, 5))]
    assert answered == {(code, criterion) for code in "甲乙丙丁戊" for criterion in criteria}


def test_a_catalogue_tells_no_bidder_and_no_name(found: Installation) -> None:
    raw = msgspec.json.encode(catalogue_at(found, "hefei")).decode()
    own = facts.load()
    for firm in own.firms:
        assert firm.name.removesuffix("(示例公司)") not in raw
        assert f'"{firm.id}"' not in raw
    assert not any(f'"{design.code}"' in raw for design in own.designs)


def test_what_names_bidders_or_prices_stands_on_the_shelf_of_bids(found: Installation) -> None:
    documents = catalogue_at(found, "hefei").documents
    assert [one.shelf for one in documents if one.title == "开标记录"] == ["bid"]
    assert not any("见证书" in one.title for one in documents)
    files = {one.file for one in documents}
    folder = found.data / "nodes" / "hefei" / shelving.FOLDER / "sample"
    assert {path.name for path in folder.iterdir()} == {*files, "catalogue.json"}


def test_another_case_gets_none(found: Installation, tmp_path: Path) -> None:
    own = facts.load().case
    other = msgspec.structs.replace(own, plan=msgspec.structs.replace(own.plan, title="另一项目"))
    assert shelving.shelve(found, "other", other) == 0
    assert not (found.data / "nodes" / "hefei" / shelving.FOLDER / "other").exists()
