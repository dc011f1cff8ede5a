"""A revocation that becomes known in the middle of a session: it acts from its `seq` (SPEC 24.6).

Owns which acts stand and which are to be looked at. What was accepted before the revocation was noted stands
in the record; whether somebody else could have made it is for people to say, so it is named to them. Must
not know how a revocation came to be noted: the entry that does it gives its `seq`.
"""

from msgspec import Struct

from protocol.refusals import Refusal, refuse
from protocol.seal.trust import moment


class Noted(Struct, frozen=True):
    """A revocation as the session's ledger knows it.

    `fingerprint`: SHA-256 of the certificate; `seq`: of the entry that notes it; `since`: from when on
    the CA says that it is revoked, ms.
    """

    fingerprint: bytes
    seq: int
    since: int


class Act(Struct, frozen=True):
    """What was done by a certificate's holder: its `seq`, and when it was accepted, ms."""

    fingerprint: bytes
    seq: int
    at: int


def may_act(noted: tuple[Noted, ...], fingerprint: bytes, seq: int) -> Refusal | None:
    """Whether an act at `seq` by this certificate stands as far as revocation goes; None where it does.

    >>> known = (Noted(b"x" * 32, 40, 1_000),)
    >>> may_act(known, b"x" * 32, 39) is None, may_act(known, b"x" * 32, 40).code
    (True, 'CertificateRevoked')
    """
    acting = [one for one in noted if one.fingerprint == fingerprint and one.seq <= seq]
    if not acting:
        return None
    first = min(acting, key=lambda one: one.seq)
    return refuse("CertificateRevoked", subject=fingerprint.hex()[:16], at=moment.text(first.since))


def doubtful(noted: tuple[Noted, ...], acts: tuple[Act, ...]) -> tuple[Act, ...]:
    """The acts that stand and were done after their certificate was revoked, in order of `seq`.

    They were accepted before anybody here knew; supervisors are told of each.
    """
    found = {
        act.seq: act
        for act in acts
        for one in noted
        if one.fingerprint == act.fingerprint and act.seq < one.seq and act.at >= one.since
    }
    return tuple(found[seq] for seq in sorted(found))
