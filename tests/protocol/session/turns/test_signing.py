"""Who does not sign: dissent in writing, refusal, and agreement that is deemed (条例 53)."""

import pytest

from protocol import canonical
from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol.plan.case import Case
from protocol.plan.conduct import Conduct
from protocol.plan.report_contents import SECTIONS
from protocol.words import SESSION_STAGE
from tests.protocol import turning
from tests.protocol.acting import HOUR_MS, Acting, with_plan


@pytest.fixture
def signing(tallied: Acting) -> Acting:
    turning.explain_all(tallied, "01", "1")
    tallied.confirm("01", "1")
    tallied.to_signing()
    return tallied


def _deem(world: Acting, seat: str) -> str:
    content, held = world.deeming(seat)
    return world.code("agent", content, SESSION_STAGE, held)


def test_silence_is_agreement_only_after_the_plans_time(signing: Acting) -> None:
    assert _deem(signing, "M5") == "TooEarly"
    signing.wait(2 * HOUR_MS - 5000)
    assert _deem(signing, "M5") == "TooEarly"
    signing.wait(2 * HOUR_MS)
    assert _deem(signing, "M5") == ""
    assert _deem(signing, "M5") == "AlreadyDone"


def test_the_time_is_the_plans_and_not_the_agents(case: Case, signing: Acting) -> None:
    text = signing.statement("x")
    content = turns.DeemAgreement("M5", 0, text.digest)
    assert signing.code("agent", content, SESSION_STAGE, (text,)) == "PlanMismatch"
    assert Conduct().signing_ms == 2 * HOUR_MS


def test_who_signed_or_dissented_is_never_deemed(signing: Acting) -> None:
    signing.must("M1", cmd.SignReport(signing.at.report))
    signing.dissent("M2")
    signing.wait(3 * HOUR_MS)
    assert (_deem(signing, "M1"), _deem(signing, "M2")) == ("AlreadySigned", "AlreadyDone")
    assert _deem(signing, "M6") == "UnknownSeat"


def test_a_member_may_sign_with_a_dissent_and_may_sign_after_being_deemed(signing: Acting) -> None:
    signing.dissent("M2")
    assert signing.code("M2", cmd.SignReport(signing.at.report)) == ""
    signing.must("M5", turns.RefuseToSign(signing.at.report))
    assert signing.code("M5", turns.RefuseToSign(signing.at.report)) == "AlreadyDone"
    assert _deem(signing, "M5") == ""
    assert signing.code("M5", cmd.SignReport(signing.at.report)) == ""


def test_the_report_goes_nowhere_while_one_member_has_not_answered(signing: Acting) -> None:
    for seat in ("M1", "M2", "M3"):
        signing.must(seat, cmd.SignReport(signing.at.report))
    signing.dissent("M4")
    assert signing.code("agent", cmd.SubmitReport()) == "GuardUnmet"
    signing.must("M5", turns.RefuseToSign(signing.at.report))
    assert signing.code("agent", cmd.SubmitReport()) == "GuardUnmet"
    assert _deem(signing, "M5") == ""
    assert signing.code("agent", cmd.SubmitReport()) == ""


def test_a_dissent_has_reasons_and_is_of_this_report(signing: Acting) -> None:
    empty = signing.hide("dissent", "empty", "")
    content = turns.RecordDissent(signing.at.report, empty.digest)
    assert signing.code("M5", content, SESSION_STAGE, (empty,)) == "TextLength"
    other = turns.RecordDissent(bytes(32), empty.digest)
    assert signing.code("M5", other, SESSION_STAGE, (empty,)) == "DisclosureMismatch"


@pytest.mark.parametrize("regime", ["TENDER", "GOV_PROC"])
def test_a_report_has_every_section_that_the_law_asks_for(case: Case, regime: str) -> None:
    world = Acting(with_plan(case, regime=regime))
    world.to_scoring()
    world.to_ranked_from_scoring()
    world.must("agent", cmd.BeginReport())
    codes = list(SECTIONS[world.plan.regime])
    assert len(codes) == (10 if regime == "TENDER" else 6)
    for missing in codes:
        value = {"sections": {code: "" if code == missing else "x" for code in codes}}
        report = world.hide("report", f"without {missing}", value)
        content = cmd.ImportReport("test", canonical.sha256(b"r"), "test", report.digest)
        assert world.code("agent", content, SESSION_STAGE, (report,)) == "ReportIncomplete"
