"""What the agent's node prepares of an opening before its own copy shows any venue's report."""

from pathlib import Path

from main_venue.agent_desk import AgentDesk
from main_venue.case_shelf import CaseShelf
from main_venue.draw_desk import DrawDesk
from ops.people import script
from protocol.refusals import Refusal
from protocol.wire import Prepare, Prepared
from protocol.words import Stage
from tests.protocol.session.ceremony.opened import Opening
from tests.protocol.world import key, salt


def desk_of(opening: Opening, folder: Path) -> AgentDesk:
    def salted(*why: str) -> bytes:
        return salt("/".join(why))

    shelf = CaseShelf(folder)
    shelf.put(opening.session, script.source(opening.case).encode())
    draws = DrawDesk(folder / "draws", folder / "pool", salted, key("office"))
    return AgentDesk(shelf, salted, key("installation"), "hefei", draws)


def test_bids_are_not_published_from_a_copy_that_shows_no_report_yet(tmp_path: Path) -> None:
    opening = Opening()
    opening.to_prepared()
    here = opening.here
    asked = Prepare(
        session=opening.session, type="OpenBids", stage=Stage(here.lot, here.envelope, here.round)
    )
    found = desk_of(opening, tmp_path).prepare(asked, opening.state, opening.disclosed, (), lambda: ())
    assert not isinstance(found, Prepared)
    assert isinstance(found, Refusal)
    assert found.code == "GuardUnmet"
