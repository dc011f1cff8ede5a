"""Whose certificate it is, and whose seat: a seat is one person's (SPEC 19.3).

This is what a relayed code comes to nothing by: whoever scans it speaks for their own seat only.
"""

from cryptography.x509.oid import NameOID

from protocol import canonical
from protocol.refusals import Refusal, refuse
from protocol.seal.trust.certificate import Certificate
from server.fanout.follower import Published


def common_name(own: Certificate) -> str:
    """Whose certificate it is, for people: its common name, or the whole subject."""
    found = own.parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else own.shown


def other_person(own: Certificate, expected: str) -> Refusal | None:
    """`PersonMismatch` where the record tells whose seat it is and the certificate is somebody else's."""
    return None if not expected or common_name(own) == expected else refuse("PersonMismatch")


def person_of(published: Published, seat: str) -> str:
    """Whose seat it is by the record's disclosure, or empty where that is not told."""
    found = published.state.seats.get(seat)
    if found is None or not found.person or found.person not in published.disclosed:
        return ""
    try:
        told: str = published.disclosed.value(found.person, str)
    except canonical.NotCanonical:
        return ""
    return told
