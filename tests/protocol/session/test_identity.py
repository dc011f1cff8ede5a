"""Keys that are delegated by certificate or at the desk, and certificates that are revoked in mid-session."""

from typing import Any

import pytest
from msgspec.structs import replace

from protocol import commands as cmd
from protocol import entry, hidden, limits
from protocol.commands_identity import DelegateSeatKey, RevokeCertificate
from protocol.entry import Entry
from protocol.plan.case import Case
from protocol.projection import project
from protocol.seal import signing
from protocol.session.identity import voices
from protocol.session.installation import own
from protocol.views_identity import VoiceView
from protocol.words import SESSION_STAGE, Role
from tests.protocol import voicing
from tests.protocol.world import World, key, private_key


@pytest.fixture
def world(case: Case) -> World:
    """A session of version 4 at the door: a witness and two members bound, by codes alone."""
    made = World(case, rules="4")
    made.to_check_in()
    for seat in (*at_one_venue(made), elsewhere(made)):
        made.must(seat, cmd.BindSeat(seat, "code", made.attest(seat, seat)))
    return made


def at_one_venue(world: World) -> tuple[str, str]:
    """A witness, and a member at the same venue."""
    member = world.members()[0]
    return f"witness-{world.at.seats[member].venue}", member


def elsewhere(world: World) -> str:
    """A member at another venue."""
    first = world.at.seats[world.members()[0]].venue
    return next(seat for seat in world.members() if world.at.seats[seat].venue != first)


def code(world: World, *told: Any) -> str:
    found = world.do(*told)
    return "" if isinstance(found, Entry) else found.code


def revoke(world: World, evidence: bytes, since: int) -> str:
    command = own(world.at, SESSION_STAGE, RevokeCertificate(evidence, since), "revoked", world.now)
    found = world.take(command, "installation")
    return "" if isinstance(found, Entry) else found.code


def test_a_member_looks_by_code_and_signs_by_certificate(world: World) -> None:
    witness, _ = at_one_venue(world)
    note, _ = world.observation("line_cut", finding="irregular", subject="hefei")
    assert code(world, witness, note) != "VoiceAwaited"
    content, made = voicing.delegating(world, witness)
    assert code(world, witness, content, SESSION_STAGE, (made,)) == ""
    found = world.at.identity.delegated[key(witness)]
    assert (found.seat, found.means, found.seq) == (witness, "certificate", world.at.size - 1)
    assert code(world, witness, content, SESSION_STAGE, (made,)) == "AlreadyDone"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"seat": "M9"}, "StatementMismatch"),
        ({"session": "s-other"}, "StatementMismatch"),
        ({"said_until": 5}, "StatementMismatch"),
        ({"key": key("somebody")}, "StatementMismatch"),
        ({}, ""),
    ],
)
def test_the_evidence_is_of_this_seat_and_this_key(
    world: World, changes: dict[str, Any], expected: str
) -> None:
    _, member = at_one_venue(world)
    content, made = voicing.delegating(world, member, **changes)
    assert code(world, member, content, SESSION_STAGE, (made,)) == expected


def test_what_the_installation_did_not_attest_is_no_delegation(world: World) -> None:
    _, member = at_one_venue(world)
    content, made = voicing.delegating(world, member)
    foreign, _ = voicing.delegating(world, elsewhere(world))
    for changed, expected in (
        (replace(content, attestation=foreign.attestation), "BadAttestation"),
        (replace(content, means="passkey"), "BadAttestation"),
        (replace(content, until=content.until + 1), "BadAttestation"),
        (replace(content, until=world.now), "DelegationTooLong"),
        (replace(content, until=world.now + limits.DELEGATION_MS_MAX + 10_000), "DelegationTooLong"),
    ):
        assert code(world, member, changed, SESSION_STAGE, (made,)) == expected
    assert code(world, member, content) == "DisclosureMissing"
    assert code(world, elsewhere(world), content, SESSION_STAGE, (made,)) == "BadAttestation"
    assert code(world, member, content, SESSION_STAGE, (made,)) == ""


def test_a_signature_that_was_changed_in_the_evidence_is_found(world: World) -> None:
    """The installation's word alone is not taken: whoever holds the disclosure checks the signature."""
    _, member = at_one_venue(world)
    until = world.now + voicing.DAY_MS
    proof = voicing.proof(world, member, until)
    forged = replace(proof, signed=replace(proof.signed, sig=voicing.person().delegated().sig))
    made = hidden.disclose("delegation", b"s" * 32, forged)
    told = signing.delegated_bytes(world.session, member, key(member), "certificate", made.digest, until)
    attestation = signing.sign(private_key("installation"), told)
    content = DelegateSeatKey("certificate", made.digest, until, attestation)
    assert code(world, member, content, SESSION_STAGE, (made,)) == "StatementForged"


def test_an_officer_who_is_known_answers_for_a_key_at_the_same_venue(world: World) -> None:
    witness, member = at_one_venue(world)
    content, made = voicing.confirming(world, member)
    assert code(world, witness, content, SESSION_STAGE, (made,)) == "VoiceAwaited"
    voicing.delegate(world, witness)
    far, seen = voicing.confirming(world, elsewhere(world))
    assert code(world, witness, far, SESSION_STAGE, (seen,)) == "WrongVenue"
    mine, seen = voicing.confirming(world, witness)
    assert code(world, witness, mine, SESSION_STAGE, (seen,)) == "OfficerUnproved"
    other, seen = voicing.confirming(world, member, key=key(witness))
    assert code(world, witness, other, SESSION_STAGE, (seen,)) == "StatementMismatch"
    assert code(world, witness, replace(content, key=key(elsewhere(world))), SESSION_STAGE, (made,)) == (
        "StatementMismatch"
    )
    long = replace(content, until=world.now + limits.CONFIRMATION_MS_MAX + 10_000)
    assert code(world, witness, long, SESSION_STAGE, (made,)) == "DelegationTooLong"
    assert code(world, witness, content, SESSION_STAGE, (made,)) == ""
    found = world.at.identity.delegated[key(member)]
    assert (found.means, found.by) == ("desk", witness)


def test_who_was_confirmed_at_the_desk_confirms_nobody(case: Case) -> None:
    """Else two codes would make a signature."""
    world = World(case, rules="4")
    world.to_check_in()
    first, member = at_one_venue(world)
    for seat in (first, member):
        world.must(seat, cmd.BindSeat(seat, "code", world.attest(seat, seat)))
    made_by_desk = replace(voices_of(world, first), means="desk", by="somebody")
    world.state = replace(world.at, identity=replace(world.at.identity, delegated={key(first): made_by_desk}))
    content, seen = voicing.confirming(world, member)
    assert code(world, first, content, SESSION_STAGE, (seen,)) == "OfficerUnproved"


def voices_of(world: World, seat: str) -> Any:
    voicing.delegate(world, seat)
    return world.at.identity.delegated[key(seat)]


def test_a_revocation_acts_from_its_seq_and_acts_before_stand(world: World) -> None:
    witness, _ = at_one_venue(world)
    voicing.delegate(world, witness)
    voice = world.at.identity.delegated[key(witness)]
    before = [world.note(witness, "line_cut", finding="irregular", subject="hefei") for _ in range(2)]
    size = world.at.size
    assert revoke(world, voice.evidence, since=before[1].at) == ""
    assert world.at.identity.delegated[key(witness)].revoked_seq == size
    note, _ = world.observation("line_cut", finding="irregular", subject="hefei")
    assert code(world, witness, note) == "CertificateRevoked"
    # What was accepted before stands, and what came after the CA's moment is named.
    assert [entry.decode(world.entries[one.seq]) for one in before] == before
    acts = tuple((one.seq, one.at) for one in before)
    assert voices.doubtful(world.at, key(witness), acts) == (before[1].seq,)
    assert revoke(world, voice.evidence, since=1) == "AlreadyDone"
    assert revoke(world, b"n" * 32, since=1) == "StatementMismatch"
    # Another certificate gives the key its voice again.
    voicing.delegate(world, witness)
    assert code(world, witness, note) == ""


def test_a_new_key_of_a_seat_is_delegated_anew(world: World) -> None:
    witness, _ = at_one_venue(world)
    voicing.delegate(world, witness)
    spare = f"spare {witness}"
    world.must(spare, cmd.BindSeat(witness, "code", world.attest(witness, spare)))
    content, made = voicing.confirming(world, world.members()[0])
    assert code(world, spare, content, SESSION_STAGE, (made,)) == "VoiceAwaited"


def test_a_whole_session_of_version_4_goes_its_way_with_delegated_keys(case: Case) -> None:
    world = World(case, rules="4")
    world.to_archived()
    assert {one.means for one in world.at.identity.delegated.values()} == {"certificate"}


def test_a_page_is_told_how_its_own_key_stands_and_an_officer_whom_to_confirm(world: World) -> None:
    witness, member = at_one_venue(world)

    def told(seat: str, role: Role) -> VoiceView:
        found = project.view(world.at, world.disclosed, role, seat).voice
        assert found is not None
        return found

    assert told(member, "expert") == VoiceView(key=key(member), stands="none")
    # An officer who is known by a code alone is shown nobody to confirm.
    assert told(witness, "witness").confirms == ()
    voicing.delegate(world, witness)
    at_the_venue = [("agent", key("agent")), (member, key(member))]
    assert [(one.seat, one.key) for one in told(witness, "witness").confirms] == at_the_venue
    content, made = voicing.confirming(world, member)
    assert code(world, witness, content, SESSION_STAGE, (made,)) == ""
    assert [one.seat for one in told(witness, "witness").confirms] == ["agent"]
    confirmed = told(member, "expert")
    assert (confirmed.stands, confirmed.means, confirmed.by) == ("given", "desk", witness)
    assert confirmed.until == content.until
    # Whoever was confirmed by an officer confirms nobody.
    assert confirmed.confirms == ()
    world.now = content.until
    assert code(world, witness, world.observation("line_cut", finding="irregular", subject="hefei")[0]) == ""
    assert told(member, "expert").stands == "ended"
    assert [one.seat for one in told(witness, "witness").confirms] == ["agent", member]
    evidence = world.at.identity.delegated[key(witness)].evidence
    assert revoke(world, evidence, world.now - 5) == ""
    assert told(witness, "witness").stands == "revoked"
    assert told(witness, "witness").confirms == ()


def test_nobody_is_told_of_delegations_under_rules_that_have_none(case: Case) -> None:
    made = World(case, rules="3")
    made.to_check_in()
    assert project.view(made.at, made.disclosed, "agent", "agent").voice is None
