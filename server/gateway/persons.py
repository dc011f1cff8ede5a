"""Whose certificate it is, and whose seat: a seat is one person's, a bidder one house's (SPEC 19.3).

This is what a relayed code comes to nothing by: whoever scans it speaks for their own seat only.
"""

from cryptography.x509 import Name
from cryptography.x509.oid import NameOID

from protocol import canonical
from protocol.refusals import Refusal, refuse
from protocol.seal.trust import certificate, proved
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.proved import SeatEvidence
from protocol.session.state import State
from server.fanout.follower import Published


def common_name(own: Certificate) -> str:
    """Whose certificate it is, for people: its common name, or the whole subject."""
    found = own.parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else own.shown


def other_person(own: Certificate, expected: str) -> Refusal | None:
    """`PersonMismatch` where the record tells whose seat it is and the certificate is somebody else's."""
    return None if not expected or common_name(own) == expected else refuse("PersonMismatch")


def stranger(own: Certificate, published: Published, seat: str) -> Refusal | None:
    """Why a certificate alone does not bring its holder to a seat; None where the record says whose it is.

    It says so by the name with which the seat was filled (a bidder's bid read out); where it tells none, by
    a delegation of before: whoever spoke for this seat by a certificate of the same subject, of the same
    issuer.

    Returns:
      Refusal: `PersonMismatch`, or `PersonUntold` where the record tells nothing.
    """
    named = person_of(published, seat)
    if named:
        return other_person(own, named)
    held = _spoke(published, seat)
    if not held:
        return refuse("PersonUntold", seat=seat)
    mine = (own.parsed.subject, own.parsed.issuer)
    return None if mine in held else refuse("PersonMismatch")


def _spoke(published: Published, seat: str) -> tuple[tuple[Name, Name], ...]:
    """Subject and issuer of the certificates by which a seat's keys were delegated."""
    found = []
    for one in published.state.identity.delegated.values():
        if one.seat != seat or one.evidence not in published.disclosed:
            continue
        evidence: SeatEvidence = published.disclosed.value(one.evidence, SeatEvidence)
        leaf = next(map(certificate.read, proved.shown(evidence)), None)
        if isinstance(leaf, Certificate):
            found.append((leaf.parsed.subject, leaf.parsed.issuer))
    return tuple(found)


def person_of(published: Published, seat: str) -> str:
    """Whose seat it is by the record's disclosure, or empty where that is not told.

    A bidder's id stands in a seat's place, and the name with which its bid was read out in a person's.
    """
    found = published.state.seats.get(seat)
    told = _bidders(published.state, seat) if found is None else (found.person,)
    return next(filter(None, (_disclosed(published, one) for one in told if one)), "")


def _bidders(state: State, bidder: str) -> tuple[bytes, ...]:
    return tuple(bid.name for track in state.tracks.values() for bid in track.bids if bid.bidder == bidder)


def _disclosed(published: Published, digest: bytes) -> str:
    if digest not in published.disclosed:
        return ""
    try:
        told: str = published.disclosed.value(digest, str)
    except canonical.NotCanonical:
        return ""
    return told
