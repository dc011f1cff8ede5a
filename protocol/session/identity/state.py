"""What the group keeps in a session's state; public fields only, empty under versions 1 to 3."""

from msgspec import Struct

from protocol.words import Means


class Delegated(Struct, frozen=True):
    """A delegation in the record: whose, by what, resting on which evidence, until when (ms).

    `seq` is of the entry that made it, `by` the officer's seat for means `desk`. `revoked_since` is from
    when on the CA revokes (ms), 0 while nothing is known of that, and `revoked_seq` where it was entered.
    """

    seat: str
    means: Means
    evidence: bytes
    until: int
    seq: int
    by: str = ""
    revoked_since: int = 0
    revoked_seq: int = 0


class Identity(Struct, frozen=True):
    """Keys delegated by certificate, passkey or desk, and revoked: key → its newest delegation."""

    delegated: dict[str, Delegated] = {}
