"""What happened under rules version 4, group `identity` (SPEC 19.6); listed in `events.Event`."""

from msgspec import Struct

from protocol.words import Hash, Id, IdOrEmpty, KeyText, Means, Millis


class SeatKeyDelegated(Struct, frozen=True, forbid_unknown_fields=True, tag="SeatKeyDelegated.1"):
    """A seat's key speaks for a person until a moment; `by` is the officer's seat for means `desk`."""

    seat: Id
    key: KeyText
    means: Means
    evidence: Hash
    until: Millis
    by: IdOrEmpty


class CertificateRevoked(Struct, frozen=True, forbid_unknown_fields=True, tag="CertificateRevoked.1"):
    """The certificate behind a seat's delegation is revoked; it acts from this entry's `seq` on."""

    seat: Id
    key: KeyText
    evidence: Hash
    since: Millis


IdentityEvent = SeatKeyDelegated | CertificateRevoked
