"""The report is prepared and signed by certificate in the record: rules version 4, group `signatures`."""

from typing import Any

import pytest

from protocol import commands as cmd
from protocol import hidden
from protocol.commands_signatures import Place, PrepareReport, SignPaper
from protocol.commands_turns import RefuseToSign
from protocol.entry import Entry
from protocol.hidden import Disclosure
from protocol.plan.case import Case
from protocol.session.signatures.checks import Shown
from protocol.words import SESSION_STAGE
from tests.protocol.acting import Acting
from tests.protocol.voicing import person
from tests.protocol.world import salt

PREPARED = b"p" * 32


@pytest.fixture
def world(case: Case) -> Acting:
    """A session of version 4 in SIGNING, its report not prepared yet."""
    made = Acting(case, rules="4")
    made.to_scoring()
    made.to_ranked_from_scoring()
    made.to_signing()
    return made


def places(world: Acting) -> tuple[Place, ...]:
    return tuple(Place(seat, "member") for seat in world.at.roster)


def code(world: Acting, author: str, content: Any, told: tuple[Disclosure, ...] = ()) -> str:
    found = world.do(author, content, SESSION_STAGE, told)
    return "" if isinstance(found, Entry) else found.code


def prepare(world: Acting, prepared: bytes = PREPARED, *more: Place) -> str:
    return code(world, "agent", PrepareReport(world.at.report, prepared, (*places(world), *more)))


def sign(world: Acting, author: str, before: bytes, after: bytes, **changes: Any) -> str:
    shown = hidden.disclose("certificate", salt(f"certificate {author}"), Shown(person().certificate))
    said: dict[str, Any] = {
        "prepared": PREPARED, "beside": False, "before": before, "after": after,
        "certificate": shown.digest, **changes,
    }  # fmt: skip
    return code(world, author, SignPaper(**said), (shown,))


def test_members_sign_one_after_the_other_each_over_the_file_as_it_is(world: Acting) -> None:
    first, second, third = world.at.roster[:3]
    assert sign(world, first, PREPARED, b"1" * 32) == "PaperOther"
    assert prepare(world) == ""
    assert sign(world, first, PREPARED, b"1" * 32) == ""
    assert sign(world, second, PREPARED, b"2" * 32) == "PaperMoved"
    assert sign(world, second, b"1" * 32, b"2" * 32) == ""
    assert sign(world, second, b"2" * 32, b"3" * 32) == "AlreadySigned"
    assert sign(world, third, PREPARED, b"s" * 32, beside=True) == ""
    own = world.at.signatures
    assert own.document == b"2" * 32
    assert {seat: one.digest for seat, one in own.signed.items()} == {
        first: b"1" * 32, second: b"2" * 32, third: b"s" * 32,
    }  # fmt: skip
    assert prepare(world, b"q" * 32) == "PaperBegun"


def test_a_report_is_prepared_anew_until_somebody_signs_and_for_its_whole_committee_alone(
    world: Acting,
) -> None:
    assert prepare(world, b"q" * 32) == ""
    assert prepare(world) == ""
    report = world.at.report
    assert code(world, "agent", PrepareReport(b"r" * 32, PREPARED, places(world))) == "DisclosureMismatch"
    assert code(world, "agent", PrepareReport(report, PREPARED, places(world)[1:])) == "PaperIncomplete"
    twice = (*places(world), places(world)[0])
    assert code(world, "agent", PrepareReport(report, PREPARED, twice)) == "PaperIncomplete"
    assert prepare(world, PREPARED, Place("nobody", "witness")) == "UnknownSeat"
    assert sign(world, "witness-hefei", PREPARED, b"1" * 32) in {"NoPlace", "UnknownSeat"}


def test_a_prepared_report_is_not_submitted_before_every_place_is_signed_or_accounted_for(
    world: Acting,
) -> None:
    assert prepare(world) == ""
    *signing, last = world.at.roster
    at = PREPARED
    for number, seat in enumerate(signing):
        world.must(seat, cmd.SignReport(world.at.report))
        after = bytes([number + 1]) * 32
        assert sign(world, seat, at, after) == ""
        at = after
    assert code(world, "agent", cmd.SubmitReport()) == "GuardUnmet"
    world.must(last, RefuseToSign(world.at.report))
    content, told = world.deeming(last)
    world.must("agent", content, SESSION_STAGE, told)
    world.must("agent", cmd.SubmitReport())
    assert world.at.phase == "SUBMITTED"


def test_a_session_that_prepares_no_report_is_submitted_as_before(world: Acting) -> None:
    for seat in world.at.roster:
        world.must(seat, cmd.SignReport(world.at.report))
    world.must("agent", cmd.SubmitReport())


def test_whose_signature_it_is_must_be_shown_and_be_a_certificate(world: Acting) -> None:
    assert prepare(world) == ""
    first = world.at.roster[0]
    noise = hidden.disclose("certificate", salt("noise"), Shown(b"no certificate"))
    content = SignPaper(PREPARED, False, PREPARED, b"1" * 32, noise.digest)
    assert code(world, first, content, (noise,)) == "CertificateUnreadable"
    assert code(world, first, content) == "DisclosureMissing"
