"""What the agent's desk is shown before an opening: a notice that holds, and who missed the rehearsal."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from main_venue.bids_board import BidsBoard
from protocol import handed_in, wire
from protocol.bids_desk import BidsDesk, BidsWanted
from protocol.handed_in import HandedBid, TenderAsk, TenderTold
from protocol.hidden import Disclosed
from protocol.refusals import Refusal, refuse
from protocol.rehearsal import CustodianTook, Rehearsal
from protocol.session.state import State
from protocol.wire import Refused
from sub_venue.seats.page import Page
from sub_venue.seats.screens import Seated
from sub_venue.seats.tender_desk import TenderDesk
from tests.protocol.session.ceremony.opened import Opening
from tests.server.bids.tendering import DEADLINE, MEGABYTE, OPENS, SESSION, announced

HEX = "0123456789abcdef"
LATER = OPENS + 5
BID = HandedBid(OPENS + 1, "b-0", bytes(32), "e-1", bytes(32), "l-1", bytes(32))


class Line:
    """An uplink that gives one answer, and keeps what it was asked."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[tuple[str, Any]] = []

    async def ask(self, event: str, message: Any, _reply: object) -> Any:
        self.asked.append((event, message))
        return self.answer


def told(**changed: Any) -> TenderTold:
    made = TenderTold(LATER, "http://coordinator.localhost:1/", announced(), None)
    return replace(made, **changed)


async def shown(
    answer: Any, folder: Path, state: State | None = None, *kept: Rehearsal, session: str = SESSION
) -> BidsDesk:
    path = folder / "rehearsals.json"
    path.write_bytes(msgspec.json.encode(kept))
    line: Any = Line(answer)
    found = await BidsBoard(line, path).told(BidsWanted(session), "ed25519:k", state, Disclosed(), 7)
    assert line.asked == [(handed_in.TENDER_TOLD, TenderAsk(session, "ed25519:k"))]
    return found


async def test_a_notice_is_shown_with_its_custodians_once_and_without_tickets(tmp_path: Path) -> None:
    found = await shown(told(), tmp_path)
    tender = found.tender
    assert tender is not None
    assert (found.at, found.trouble, found.received) == (LATER, None, None)
    assert (tender.opens_at, tender.deadline, tender.tickets) == (OPENS, DEADLINE, 64)
    assert tender.bytes_max == 32 * MEGABYTE
    assert [(one.lot, one.custody) for one in tender.parts] == [("l-1", 0), ("l-2", 0)]
    ((group,),) = tender.custodies
    assert (group.group, group.threshold, len(group.members)) == ("centres", 2, 3)
    assert all(len(one.public) == 64 and set(one.public) <= set(HEX) for one in group.members)
    raw = msgspec.json.encode(found)
    for digest in announced().notice.tickets:
        assert msgspec.json.encode(digest) not in raw


async def test_what_came_by_the_deadline_is_handed_on(tmp_path: Path) -> None:
    found = await shown(told(received=(BID,), at=DEADLINE), tmp_path)
    assert found.received == (BID,)


async def test_a_notice_that_does_not_hold_is_not_shown(tmp_path: Path) -> None:
    """A coordinator that moved the deadline, changed a policy, or gives another session's notice."""
    good = announced()
    moved = replace(good, notice=replace(good.notice, deadline=DEADLINE + 1))
    fewer = replace(good.policies[0].groups[0], threshold=1)
    weaker = replace(good, policies=(replace(good.policies[0], groups=(fewer,)), good.policies[1]))
    for forged, session in ((moved, SESSION), (weaker, SESSION), (good, "s-2")):
        found = await shown(told(announced=forged, received=(BID,)), tmp_path, session=session)
        assert (found.tender, found.received) == (None, None)
        assert found.trouble is not None
        assert found.trouble.code == "NoticeRefused"


async def test_a_later_version_of_a_notice_is_shown(tmp_path: Path) -> None:
    found = await shown(told(announced=announced(version=2, deadline=DEADLINE + 9)), tmp_path)
    assert found.tender is not None
    assert (found.tender.version, found.tender.deadline) == (2, DEADLINE + 9)


async def test_without_a_line_the_rehearsal_is_told_all_the_same(tmp_path: Path) -> None:
    down = wire.refused(refuse("LineDown"))
    found = await shown(down, tmp_path)
    assert isinstance(found.trouble, Refused)
    assert (found.trouble.code, found.at, found.tender) == ("LineDown", 7, None)
    assert [one.code for one in found.check] == ["never"]


async def test_a_tender_that_nobody_receives_for_has_no_notice(tmp_path: Path) -> None:
    found = await shown(told(announced=None), tmp_path)
    assert (found.tender, found.trouble) == (None, None)


async def test_custodians_of_the_notice_who_missed_the_rehearsal_are_named(tmp_path: Path) -> None:
    took = (CustodianTook("c-1", answered=True, released=True),)
    held = Rehearsal("p-1", OPENS, 5, 5, good=True, custodians=took)
    found = await shown(told(), tmp_path, None, held)
    assert found.rehearsal == held
    assert [(one.code, one.names) for one in found.check] == [("custodian", ("c-2", "c-3"))]


async def test_appointed_custodians_and_the_sessions_venues_are_held_against_the_rehearsal(
    tmp_path: Path,
) -> None:
    state = Opening().to_prepared().at
    held = Rehearsal("p-1", OPENS, 5, 5, good=True)
    found = await shown(told(), tmp_path, state, held)
    named = {one.code: one.names for one in found.check}
    appointed = next(iter(state.ceremony.stages.values())).groups
    assert named["custodian"] == tuple(sorted(m.custodian for group in appointed for m in group.members))
    assert named["venue"] == tuple(sorted(state.venues))


@pytest.mark.parametrize(
    ("seated", "code"),
    [
        (None, "NotSignedIn"),
        (Seated("s-2", "agent", "agent", "ed25519:k"), "NotSignedIn"),
        (Seated(SESSION, "tenderee", "tenderee", "ed25519:k"), "NotAllowed"),
        (Seated(SESSION, "supervisor-hefei", "supervisor", "ed25519:k"), "NotAllowed"),
        (Seated(SESSION, "M1", "expert", "ed25519:k"), "NotAllowed"),
    ],
)
async def test_nobody_but_the_agent_is_told(seated: Seated | None, code: str) -> None:
    async def never(_asked: BidsWanted, _seated: Seated) -> Refusal:
        raise AssertionError("asked all the same")

    page = Page("sid", lambda: None, lambda: None)
    refused = await TenderDesk(never, lambda _page: seated).bids_desk(page, BidsWanted(SESSION))
    assert isinstance(refused, Refusal)
    assert refused.code == code


async def test_an_agent_who_books_may_look_at_any_notice(tmp_path: Path) -> None:
    expected = await shown(told(), tmp_path)

    async def tells(_asked: BidsWanted, _seated: Seated) -> BidsDesk:
        return expected

    seated = Seated("installation", "agent", "agent", "ed25519:k")
    page = Page("sid", lambda: None, lambda: None)
    assert await TenderDesk(tells, lambda _page: seated).bids_desk(page, BidsWanted(SESSION)) == expected
