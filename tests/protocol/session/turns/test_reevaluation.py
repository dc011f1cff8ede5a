"""Back to a report that is written or signed: it is kept, counts no more, everybody signs the next one."""

from typing import Any

import pytest

from protocol import canonical, record
from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol.entry import Entry
from protocol.plan.case import Case
from protocol.refusals import Refusal
from protocol.session.outcome import outcome
from protocol.session.state import is_reached
from protocol.words import Stage
from tests.protocol import turning
from tests.protocol.acting import Acting, with_plan
from tests.protocol.session.turns.conftest import copied

STAGE = Stage("01", "1", 1)


def code(answer: Entry | Refusal) -> str:
    return answer.code if isinstance(answer, Refusal) else ""


@pytest.fixture
def signing(tallied: Acting) -> Acting:
    """Two members have signed, one has dissented."""
    turning.explain_all(tallied, "01", "1")
    tallied.confirm("01", "1")
    report = tallied.to_signing()
    for seat in ("M1", "M2"):
        tallied.must(seat, cmd.SignReport(report))
    tallied.dissent("M3")
    return tallied


def test_what_was_signed_counts_no_more_and_the_ranking_is_final_anew(signing: Acting) -> None:
    old = signing.at.report
    assert code(turning.reevaluate(signing)) == ""
    state = signing.at
    assert (state.phase, state.report, state.turns.dissents) == ("COMMITTEE_READY", b"", {})
    assert not any(seat.signed for seat in state.seats.values())
    assert not is_reached(state, "ranking_final")
    (kept,) = state.turns.reevaluations
    assert (kept.report, kept.signed, set(kept.dissents)) == (old, ("M1", "M2"), {"M3"})
    assert signing.code("agent", turns.BeginRecheck("sum_error"), STAGE) == ""
    assert signing.code("agent", turns.EndRecheck(), STAGE) == ""
    signing.tally("01", "1")
    signing.confirm("01", "1")
    report = signing.to_signing()
    assert is_reached(signing.at, "ranking_final")
    for seat in signing.members():
        signing.must(seat, cmd.SignReport(report))
    signing.must("agent", cmd.SubmitReport())
    told = canonical.decode(outcome(signing.at, signing.disclosed), dict[str, Any])
    assert told["reevaluations"] == [["SIGNING", "sum_error"]]
    read = record.read(record.write(signing.session, signing.entries, signing.held))
    assert record.replay(read) == signing.at


def test_a_report_that_is_handed_in_can_still_be_gone_back_to_and_an_archived_one_cannot(
    signing: Acting,
) -> None:
    for seat in ("M4", "M5"):
        signing.must(seat, cmd.SignReport(signing.at.report))
    signing.must("agent", cmd.SubmitReport())
    archived = copied(signing)
    archived.must("agent", cmd.ArchiveSession())
    assert code(turning.reevaluate(archived)) == "WrongPhase"
    assert code(turning.reevaluate(signing, by="tenderee")) == ""


def test_it_needs_a_ground_of_the_law_or_of_the_plan(case: Case, signing: Acting) -> None:
    assert code(turning.reevaluate(signing, "slip")) == "GroundUnknown"
    assert code(turning.reevaluate(signing, "abnormal", by="M1")) == "NotAllowed"
    purchase = Acting(with_plan(case, regime="GOV_PROC"))
    purchase.to_scoring()
    assert code(turning.reevaluate(purchase)) == "WrongPhase"
