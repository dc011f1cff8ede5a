"""Contents of the commands of rules version 4, group `identity` (SPEC 19.6; DESIGN 6)."""

from typing import Literal

from protocol.content import Content
from protocol.words import Hash, Id, KeyText, Millis

Proof = Literal["certificate", "passkey"]
"""By what a person proved at a distance who they are."""
Document = Literal["id_card", "passport", "work_card"]
"""What an officer was shown (居民身份证、护照、工作证)."""


class DelegateSeatKey(Content, frozen=True, forbid_unknown_fields=True):
    """席位授权: the author's key speaks for a person who was identified by certificate or passkey.

    `evidence` is the hidden digest of the disclosure `delegation`; `attestation` the installation key's
    signature over {evidence, key, means, seat, session, until} under the tag `delegate-seat-key/v1`.
    """

    means: Proof
    evidence: Hash
    until: Millis
    attestation: KeyText


class ConfirmSeatKey(Content, frozen=True, forbid_unknown_fields=True):
    """现场确认: an officer has seen, at the seat's own venue, who holds this key.

    `evidence` is the hidden digest of the disclosure `delegation`: name and number of the document.
    """

    seat: Id
    key: KeyText
    document: Document
    evidence: Hash
    until: Millis


class RevokeCertificate(Content, frozen=True, forbid_unknown_fields=True):
    """吊销生效: the certificate behind a delegation is revoked; keys that rest on it do nothing from here on.

    `evidence` names the delegation; `since` is from when on the CA revokes. Acts before stand (SPEC 24.6).
    """

    evidence: Hash
    since: Millis


CONTENTS: tuple[type[Content], ...] = (DelegateSeatKey, ConfirmSeatKey, RevokeCertificate)
