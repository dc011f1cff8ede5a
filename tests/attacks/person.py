"""A person with a certificate, who signs in and delegates a seat as asked, unless told otherwise."""

import base64
from typing import Any

from ops.ca import keys
from ops.ca.keys import ALGORITHM, Kind
from protocol.refusals import Refusal
from protocol.seal import signing
from protocol.seal.trust import judge, spoken
from protocol.seal.trust.spoken import (
    Challenge,
    SeatDelegation,
    SignedDelegation,
    SignedSignIn,
    SignIn,
    Spoken,
    Statement,
)
from tests.attacks.province import (
    AT,
    DAY,
    SIGNER,
    Province,
    read,
    trusting,
)

NONCE = b"\x07" * 32
CHALLENGE = Challenge(NONCE, AT - 1000)
ORIGIN = "https://hefei.example"
SEAT_KEY = signing.public_text(SIGNER)


def sig(by: keys.Key, statement: Statement, algorithm: str = "") -> str:
    made = by.sign(spoken.signed_bytes(statement))
    return f"{algorithm or ALGORITHM[by.kind]}:{base64.b64encode(made).decode()}"


class Person:
    """A person with a certificate, who signs what is asked for unless told otherwise."""

    def __init__(self, kind: Kind) -> None:
        self.province = Province(kind)
        self.certificate = self.province.person()
        self.evidence = judge.read_evidence(self.province.crls(), ())
        self.trusted = trusting(self.province.authority())

    def signed_in(self, by: keys.Key | None = None, **changes: Any) -> SignedSignIn:
        said = {
            "at": AT,
            "audience": ORIGIN,
            "certificate": read(self.certificate).fingerprint,
            "nonce": NONCE,
        }
        statement = SignIn(**{**said, **changes})
        return SignedSignIn(
            statement=statement,
            certificate=self.certificate,
            others=(self.province.issuing,),
            sig=sig(by or self.province.person_key, statement),
        )

    def wanted(self, **changes: Any) -> SeatDelegation:
        said = {
            "at": AT,
            "certificate": read(self.certificate).fingerprint,
            "key": SEAT_KEY,
            "nonce": NONCE,
            "role": "expert",
            "seat": "M2",
            "session": "S-1",
            "until": AT + DAY,
        }
        return SeatDelegation(**{**said, **changes})

    def delegated(self, by: keys.Key | None = None, **changes: Any) -> SignedDelegation:
        statement = self.wanted(**changes)
        return SignedDelegation(
            statement=statement,
            certificate=self.certificate,
            others=(self.province.issuing,),
            sig=sig(by or self.province.person_key, statement),
        )

    def entering(self, signed: SignedSignIn, at: int = AT, challenge: Challenge = CHALLENGE) -> str:
        return told(spoken.sign_in(signed, challenge, ORIGIN, self.trusted, at, self.evidence))

    def handing(
        self, signed: SignedDelegation, at: int = AT, challenge: Challenge = CHALLENGE, **wanted: Any
    ) -> str:
        asked = self.wanted(**wanted)
        return told(spoken.delegate(signed, challenge, asked, self.trusted, at, self.evidence))


def told(found: Spoken | Refusal) -> str:
    if isinstance(found, Spoken):
        return f"CN {found.authority.id}"
    return f"{found.code} {found.detail.get('field', '')}".strip()
