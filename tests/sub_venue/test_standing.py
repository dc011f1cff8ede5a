"""What a record asks of a custodian's standing service, and where opened bids stand in the reading room."""

from pathlib import Path

from protocol import canonical
from protocol.words import Stage
from sub_venue.custody import duties, shelving
from sub_venue.custody.shelving import Content, Contents, Opened
from sub_venue.custody.standing import projects_of
from sub_venue.reading_room.catalogue import Catalogues
from tests.protocol.session.ceremony.opened import Opening

STAGE = Stage("01", "1", 1)


def due(opening: Opening, custodian: str) -> list[str]:
    return [one.type for one in duties.due(opening.at, custodian)]


def test_a_service_answers_the_roll_call_once_and_releases_once_and_does_nothing_else() -> None:
    opening = Opening()
    assert due(opening, "centre-1") == []
    opening.to_prepared()
    assert due(opening, "centre-1") == []
    opening.begin()
    assert due(opening, "centre-1") == ["AnswerRollCall"]
    assert due(opening, "stranger") == []
    (duty,) = duties.due(opening.at, "centre-1")
    assert (duty.stage, duty.about, duty.headers) == (STAGE, opening.opening.challenge, False)
    assert opening.roll("centre-1") == ""
    assert due(opening, "centre-1") == []


def test_a_release_is_due_only_once_the_milestone_over_the_closed_window_is_reached() -> None:
    opening = Opening().to_received()
    assert due(opening, "centre-1") == []
    for bid in opening.bids:
        assert opening.release(bid) == ""
    (duty,) = duties.due(opening.at, "centre-1")
    assert (duty.type, duty.headers, duty.about) == ("ReleaseCustody", True, opening.opening.list_digest)


def test_projects_come_from_the_settings_and_from_a_file_that_may_grow(tmp_path: Path) -> None:
    path = tmp_path / "projects"
    first = frozenset({"p-1"})
    assert projects_of(first, None) == projects_of(first, path) == first
    path.write_text("p-2\n")
    assert projects_of(first, path) == {"p-1", "p-2"}


def opened(folder: Path, code: str, **files: bytes) -> Opened:
    for name, raw in files.items():
        path = folder / code / "files" / f"{name}.pdf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    return Opened(code, folder / code)


def test_opened_bids_stand_beside_the_tenders_papers_and_no_word_of_a_bidder_on_a_blind_shelf(
    tmp_path: Path,
) -> None:
    bid = opened(tmp_path / "opened", "B1", design=b"%PDF 1", letter=b"%PDF 2")
    said = Contents(documents=(Content(file="design.pdf", shelf="blind", title="皖澄市政施工组织设计"),))
    (bid.folder / "files" / shelving.CONTENTS).write_bytes(canonical.encode(said))
    documents = tmp_path / "documents"
    assert shelving.shelve(documents, "s-1", ("01", "1"), 1, [bid]) == 2
    assert shelving.shelve(documents, "s-1", ("01", "1"), 1, [bid]) == 2
    found = Catalogues(documents).get("s-1").catalogue
    assert found is not None
    told = [(one.document, one.shelf, one.title, one.code, one.lot) for one in found.documents]
    assert told == [
        ("o01-001", "blind", "技术标(暗标)", "B1", "01"),
        ("o01-002", "bid", "letter", "B1", "01"),
    ]
    assert (documents / "s-1" / "o01-001.pdf").read_bytes() == b"%PDF 1"
