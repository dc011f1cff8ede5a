"""What a forger who holds every key may do to a session of version 4: voices, escrow, report, time.

Each is a breach that one rule's meaning tells, and says which: `EXPECTED` has the codes, any other one would
mean that the forgery was clumsy, or that the rule is not there. The opening's are `forgeries_opening`'s.
"""

import base64
import json
import random

from tests.attacks import forgeries_opening
from tests.attacks.forged_archive import b64
from tests.attacks.forged_sealed import ForgedSealed, authorities, due, issued
from tests.attacks.forging import (
    DAY_MS,
    EXPECTED,
    UNDECIDED,
    Sealed,
    both,
    drop,
    expects,
    insert,
    member,
    move,
    stated,
    voice,
)  # fmt: skip

__all__ = ["EXPECTED", "FORGED_4", "UNDECIDED", "Sealed", "forgeries_opening"]

# --- whose voice -----------------------------------------------------------------------------------------


@expects("VoiceAwaited")
def voice_missing(dice: random.Random, of: ForgedSealed) -> str:
    drop(of, voice(of, member(dice, of)))
    return "a member whose key nobody gave a voice"


@expects("VoiceAwaited")
def voice_late(dice: random.Random, of: ForgedSealed) -> str:
    seat = member(dice, of)
    move(of, voice(of, seat), of.by("SealSheet", seat)[0])
    return "a voice given after the act that needs it"


@expects("DelegationEnded")
def voice_ended(dice: random.Random, of: ForgedSealed) -> str:
    seat = member(dice, of)
    at, until = voice(of, seat), of.entries[of.by("SignPaper", seat)[0]]["at"] - dice.randrange(50)
    both(of, at, until=until)
    of.delegate(at, until=until)
    return "an act after the end of its voice"


@expects("DelegationTooLong")
def voice_too_long(dice: random.Random, of: ForgedSealed) -> str:
    at = voice(of, member(dice, of))
    until = of.entries[at]["at"] + 31 * DAY_MS + dice.randrange(1, DAY_MS)
    both(of, at, until=until)
    of.delegate(at, until=until)
    return "a voice for more than 31 days"


@expects("BadAttestation")
def voice_unattested(dice: random.Random, of: ForgedSealed) -> str:
    one, other = dice.sample(of.places("DelegateSeatKey"), 2)
    of._attest()
    content = of.entries[one]["command"]["content"]
    content["attestation"] = of.entries[other]["command"]["content"]["attestation"]
    of.entries[one]["_unattested"] = True
    return "a voice that the installation did not attest"


@expects("StatementForged")
def voice_by_another(dice: random.Random, of: ForgedSealed) -> str:
    stranger = issued(of.folder, "jiangsu", "stranger", "sign", of.began_ms)
    seat = next(one for one in ("M1", "M2", "M3", "M4", "M5") if len(one) % 2 == 0)
    mine = issued(of.folder, "jiangsu", seat, "sign", of.began_ms)
    of.delegate(voice(of, seat), held=mine, by=stranger)
    return "a voice signed by another's key than the certificate's"


@expects("StatementMismatch")
def voice_of_another_seat(dice: random.Random, of: ForgedSealed) -> str:
    at = dice.choice(of.places("DelegateSeatKey"))
    match dice.randrange(3):
        case 0:
            of.delegate(at, seat="M9")
        case 1:
            of.delegate(at, session="another")
        case _:
            of.delegate(at, until=of.ended_ms + 5 * DAY_MS)
    return "a voice given for something else"


@expects("AlreadyDone")
def voice_twice(dice: random.Random, of: ForgedSealed) -> str:
    at = dice.choice(of.places("DelegateSeatKey"))
    insert(of, at + 1, at)
    return "one person's word used for two delegations"


@expects("CertificateExpired")
def certificate_expired(dice: random.Random, of: ForgedSealed) -> str:
    at = dice.choice(of.places("DelegateSeatKey"))
    ended = issued(of.folder, "jiangsu", "ended", "sign", of.began_ms - 400 * DAY_MS, 300)
    of.delegate(at, held=ended)
    return "a voice by a certificate that had ended"


@expects("CertificateRevoked")
def certificate_revoked(dice: random.Random, of: ForgedSealed) -> str:
    held = issued(of.folder, "jiangsu", "revoked", "sign", of.began_ms)
    of.delegate(dice.choice(of.places("DelegateSeatKey")), held=held)
    of.revoked.append((held.certificate, of.began_ms - dice.randrange(1, 3_000_000)))
    return "a voice by a certificate revoked before"


@expects("CaUnknown", "CertificateForged")
def certificate_foreign(dice: random.Random, of: ForgedSealed) -> str:
    foreign = authorities(of.began_ms - DAY_MS)
    held = issued(foreign, dice.choice(("jiangsu", "zhejiang")), "foreign", "sign", of.began_ms)
    of.delegate(dice.choice(of.places("DelegateSeatKey")), held=held)
    return "a voice by a certificate of nobody's authority"


@expects("WrongPurpose")
def certificate_for_else(dice: random.Random, of: ForgedSealed) -> str:
    held = issued(of.folder, "jiangsu", "sealing", "encrypt", of.began_ms)
    of.delegate(dice.choice(of.places("DelegateSeatKey")), held=held)
    return "a voice by a certificate that is not for signing"


@expects("CertificateRevoked")
def revocation_ignored(dice: random.Random, of: ForgedSealed) -> str:
    seat = member(dice, of)
    at, place = of.by("SealSheet", seat)[0], voice(of, seat)
    evidence = of.entries[place]["command"]["content"]["evidence"]
    one = insert(of, at, of.find("DisclosePolicy"))
    since = of.began_ms
    command = one["command"] | {
        "command_id": due(of.session, f"revoked {base64.b64decode(evidence).hex()}"),
        "content": {"evidence": evidence, "since": since}, "type": "RevokeCertificate",
        "author_at": one["at"],
    }  # fmt: skip
    one |= {
        "command": command,
        "events": [
            {"evidence": evidence, "key": of.key_of(seat), "seat": seat, "since": since,
             "type": "CertificateRevoked.1"}
        ],
    }  # fmt: skip
    return "an act after its certificate's revocation was noted"


# --- scores in escrow ------------------------------------------------------------------------------------


@expects("EscrowAwaited", "GuardUnmet")
def escrow_thin(dice: random.Random, of: ForgedSealed) -> str:
    seat = member(dice, of)
    own = [at for at in of.places("AcknowledgeEscrow") if of.event(at, "EscrowAcknowledged")["seat"] == seat]
    drop(of, *dice.sample(own, 3))
    return "scoring closed though too few hold a sheet"


@expects("EscrowAwaited", "GuardUnmet")
def escrow_missing(dice: random.Random, of: ForgedSealed) -> str:
    seat = member(dice, of)
    own = [at for at in of.places("AcknowledgeEscrow") if of.event(at, "EscrowAcknowledged")["seat"] == seat]
    own += [at for at in of.places("EscrowSheet") if of.event(at, "SheetEscrowed")["seat"] == seat]
    drop(of, *own)
    return "a sheet that was never in escrow"


@expects("DisclosureMismatch")
def escrow_of_another_sheet(dice: random.Random, of: ForgedSealed) -> str:
    one = of.disclosure("sheet_escrow", dice.randrange(5))
    value = json.loads(one["value"])
    match dice.randrange(3):
        case 0:
            value["commitment"] = b64(dice.randbytes(32))
        case 1:
            value["sheet"]["bid"] = dice.randbytes(32).hex()
        case _:
            value["dealing"]["members"] = value["dealing"]["members"][::-1]
    of.revalue(one, value)
    return "an escrow of another sheet, or for others"


@expects("OpeningMismatch")
def escrow_for_another_commitment(dice: random.Random, of: ForgedSealed) -> str:
    at = dice.choice(of.places(dice.choice(("EscrowSheet", "AcknowledgeEscrow"))))
    both(of, at, commitment=b64(dice.randbytes(32)))
    return "an escrow of another commitment"


@expects("AlreadyDone")
def escrow_acknowledged_twice(dice: random.Random, of: ForgedSealed) -> str:
    at = dice.choice(of.places("AcknowledgeEscrow"))
    insert(of, at + 1, at)
    return "one custodian that acknowledged twice"


@expects("WrongVenue")
def escrow_by_another_venue(dice: random.Random, of: ForgedSealed) -> str:
    one, other = dice.sample(of.places("EscrowSheet"), 2)
    mine = of.entries[one]["command"]["author_key"]
    key = of.entries[other]["command"]["author_key"]
    if key == mine:
        key = next(
            of.entries[at]["command"]["author_key"] for at in of.places("OfferOpeningKey")
            if of.entries[at]["command"]["author_key"] != mine
        )  # fmt: skip
    command = of.entries[one]["command"]
    before = [e["command"]["author_seq"] for e in of.entries[:one] if e["command"]["author_key"] == key]
    command |= {"author_key": key, "author_seq": (before[-1] if before else 0) + 1}
    for each in of.entries[one + 1 :]:
        if each["command"]["author_key"] == key:
            each["command"]["author_seq"] += 1
    return "a sheet put in escrow by another venue"


@expects("OpeningMismatch", "DisclosureMismatch", "AlreadyDone")
def opening_forged(dice: random.Random, of: ForgedSealed) -> str:
    one, other = dice.sample(of.places("OpenSheet"), 2)
    theirs = of.entries[other]["command"]["content"]["commitment"]
    both(of, one, commitment=theirs)
    return "a sheet opened as another's"


@expects("OpeningMismatch", "WrongVenue", "NotAllowed")
def opened_by_a_stranger(dice: random.Random, of: ForgedSealed) -> str:
    """Another venue speaks for a seat whose escrow nobody has released."""
    one = dice.choice(of.places("TryOpening"))
    mine = of.entries[one]["command"]["author_key"]
    key = next(
        of.entries[at]["command"]["author_key"] for at in of.places("OfferOpeningKey")
        if of.entries[at]["command"]["author_key"] != mine
    )  # fmt: skip
    command = of.entries[one]["command"]
    before = [e["command"]["author_seq"] for e in of.entries[:one] if e["command"]["author_key"] == key]
    command |= {"author_key": key, "author_seq": before[-1] + 1}
    for each in of.entries[one + 1 :]:
        if each["command"]["author_key"] == key:
            each["command"]["author_seq"] += 1
    return "a sheet opened by a venue that nobody released it to"


@expects("GuardUnmet", "WrongPhase", "MilestoneAwaited")
def scores_without_milestone(dice: random.Random, of: ForgedSealed) -> str:
    drop(of, of.milestone("scores_closed"))
    return "scores opened without the milestone"


# --- the report ------------------------------------------------------------------------------------------


@expects("PaperIncomplete")
def places_incomplete(dice: random.Random, of: ForgedSealed) -> str:
    at = of.find("PrepareReport")
    places = of.entries[at]["command"]["content"]["places"]
    gone = dice.choice([one for one in places if one["role"] == "member"])
    both(of, at, places=[one for one in places if one != gone])
    return "a report without a member's place"


@expects("UnknownSeat")
def place_of_another_role(dice: random.Random, of: ForgedSealed) -> str:
    at = of.find("PrepareReport")
    places = [*of.entries[at]["command"]["content"]["places"]]
    both(of, at, places=[*places, {"role": "witness", "seat": dice.choice(("keeper-hefei", "tenderee"))}])
    return "a witness's place for who is none"


@expects("GuardUnmet", "PaperUnsigned")
def signature_on_paper_missing(dice: random.Random, of: ForgedSealed) -> str:
    beside = [
        at for at in of.places("SignPaper") if of.entries[at]["command"]["content"]["beside"]
    ]  # fmt: skip
    drop(of, dice.choice(beside))
    return "a report submitted without a signature that was owed"


@expects("TooEarly", "PlanMismatch")
def signature_waived(dice: random.Random, of: ForgedSealed) -> str:
    """A member who is said to agree although the time to sign was never over."""
    beside = [at for at in of.places("SignPaper") if of.entries[at]["command"]["content"]["beside"]]
    paper = next(at for at in beside if of.event(at, "PaperSigned")["seat"].startswith("M"))
    seat = of.event(paper, "PaperSigned")["seat"]
    drop(of, paper, *of.by("SignReport", seat))
    one = insert(of, of.find("SubmitReport"), of.find("PrepareReport"))
    statement = stated(dice, of)
    waited = dice.choice((0, 3_600_000))
    one["command"] |= {
        "content": {"seat": seat, "statement": statement, "waited_ms": waited}, "type": "DeemAgreement",
    }  # fmt: skip
    one["events"] = [{"refused": False, "seat": seat, "statement": statement, "type": "AgreementDeemed.1"}]
    return "a member's signature waived before its time"


@expects("BidNotFailed")
def failure_unfounded(dice: random.Random, of: ForgedSealed) -> str:
    """A bid that opened well is said to have failed, so that it need not be read."""
    at, statement = of.find("BeginOpening"), stated(dice, of)
    one = insert(of, of.find("OpenBids"), at)
    bid = f"b{dice.randrange(1, 6)}"
    said = {"bid": bid, "cause": "revoked", "reason": "platform", "remedy": "none", "statement": statement}
    one["command"] |= {"content": said, "type": "RecordBidFailure"}
    stage = one["command"]["stage"]
    one["events"] = [
        {**said, "bidder": bid, "envelope": stage["envelope"], "lot": stage["lot"], "seat": "tenderee",
         "type": "BidFailed.1"}
    ]  # fmt: skip
    return "a failure recorded of a bid that opened"


@expects("PaperMoved")
def paper_signed_out_of_turn(dice: random.Random, of: ForgedSealed) -> str:
    inside = [at for at in of.places("SignPaper") if not of.entries[at]["command"]["content"]["beside"]]
    at = dice.choice(inside)
    of.entries[at]["command"]["content"]["before"] = b64(dice.randbytes(32))
    return "a file signed that was not the last one"


@expects("PaperOther")
def another_paper_signed(dice: random.Random, of: ForgedSealed) -> str:
    at = dice.choice(of.places("SignPaper"))
    of.entries[at]["command"]["content"] |= {"prepared": b64(dice.randbytes(32))}
    return "another report signed than was prepared"


@expects("AlreadySigned")
def paper_signed_twice(dice: random.Random, of: ForgedSealed) -> str:
    at = dice.choice(of.places("SignPaper"))
    insert(of, at + 1, at)
    return "one seat that signed the report twice"


@expects("DisclosureMismatch")
def another_report_prepared(dice: random.Random, of: ForgedSealed) -> str:
    both(of, of.find("PrepareReport"), report=b64(dice.randbytes(32)))
    return "another report prepared than was imported"


@expects("PaperBegun")
def prepared_again(dice: random.Random, of: ForgedSealed) -> str:
    insert(of, of.places("SignPaper")[dice.randrange(1, 5)], of.find("PrepareReport"))
    return "a report prepared anew after somebody had signed"


@expects("CertificateUnreadable", "DisclosureMismatch")
def paper_by_no_certificate(dice: random.Random, of: ForgedSealed) -> str:
    one = of.disclosure("certificate", dice.randrange(9))
    raw = bytearray(base64.b64decode(json.loads(one["value"])["certificate"]))
    of.revalue(one, {"certificate": b64(bytes(raw[:-40]))})
    return "a signature on paper by what is no certificate"


@expects("ReportFalse")
def report_false(dice: random.Random, of: ForgedSealed) -> str:
    assert of.told is not None
    field, value = dice.choice(
        [("outcome", dice.randbytes(32).hex()), ("title", "另一项目"), ("session", "another"),
         ("regime", "PROCUREMENT"), ("rules_version", "3"),
         ("tree_head", {"root": dice.randbytes(32).hex(), "size": len(of.entries)})]
    )  # fmt: skip
    of.told[field] = value
    return f"a report with another {field}"


# --- the last head's time --------------------------------------------------------------------------------


@expects("StampFalse")
def stamp_of_another_head(dice: random.Random, of: ForgedSealed) -> str:
    of.stamped = dice.randbytes(80)
    return "a time-stamp over another head"


@expects("StampNotTrusted")
def stamp_by_a_stranger(dice: random.Random, of: ForgedSealed) -> str:
    if dice.random() < 0.5:
        of.stamper = "zhejiang"
        return "a time-stamp of an authority that the policy does not name"
    of.stamped_by = authorities(of.began_ms - DAY_MS)
    return "a time-stamp of nobody's authority"


@expects("TrustListUnsigned", "TrustListForeign", undecided=True)
def list_by_too_few(dice: random.Random, of: ForgedSealed) -> str:
    of.listed_by = dice.randrange(of.needed)
    return "a trust list signed by too few"


FORGED_4: tuple[Sealed, ...] = tuple(EXPECTED)
