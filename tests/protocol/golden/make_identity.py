"""Makes `identity-1.json`: `python -m tests.protocol.golden.make_identity` (SPEC 19.4 to 19.6).

Run once; vectors do not move, and what is there is left alone. Signatures of passkeys and certificates are
random, so each run would make another file: what is fixed is the bytes, the digests and the verdict on them.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import serialization

from protocol import canonical, hidden
from protocol.refusals import Refusal
from protocol.seal import signing
from protocol.seal.trust import proved, scanned
from protocol.seal.trust.proved import ByCertificate, ByDesk, ByPasskey, Judged, SeatEvidence
from protocol.seal.trust.scanned import Assertion, SignedScan
from protocol.seal.trust.spoken import PasskeyBinding, SignedBinding
from protocol.voices import ScanShown
from tests.attacks.person import NONCE, SEAT_KEY, Person, sig
from tests.attacks.phone import Phone
from tests.attacks.province import AT, DAY, SIGNER, read

HERE = Path(__file__).resolve().parent
ORIGIN = "https://coordinator.example"
_SPKI: Final = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
SALT = bytes(range(32))
JUDGED = Judged(at=AT, trust_list=b"\x11" * 32, until=AT + DAY)


def _scan(person: Person, phone: Phone, seat: str = "M2") -> SignedScan:
    """A scanned delegation with its passkey bound; where another `seat` was signed it is a forgery."""
    shown = ScanShown(
        way="passkey", audience=ORIGIN, at=AT, key=SEAT_KEY, nonce=NONCE, role="expert", seat="M2",
        session="S-1", until=AT + DAY, venue="hefei", left_ms=60_000,
    )  # fmt: skip
    given = phone.signs(shown, "07", signed_seat=seat)
    spki = phone.key.public_key().public_bytes(*_SPKI)
    said = PasskeyBinding(
        at=AT, audience=ORIGIN, certificate=read(person.certificate).fingerprint, nonce=NONCE, spki=spki,
        credential=hashlib.sha256(phone.credential).digest(),
    )  # fmt: skip
    binding = SignedBinding(
        statement=said, certificate=person.certificate, others=(person.province.issuing,),
        sig=sig(person.province.person_key, said),
    )  # fmt: skip
    statement = scanned.ScannedDelegation(
        at=AT, audience=ORIGIN, compare="07", key=SEAT_KEY, nonce=NONCE, role="expert", seat="M2",
        session="S-1", until=AT + DAY,
    )  # fmt: skip
    assertion = Assertion(authenticator=given.authenticator, client=given.client, sig=given.sig)
    return SignedScan(statement=statement, assertion=assertion, binding=binding)


def _evidence() -> list[tuple[str, SeatEvidence]]:
    person, phone = Person("ecdsa"), Phone(ORIGIN)
    desk = ByDesk(
        session="S-1", seat="M2", key=SEAT_KEY, name="示例人员", document="id_card", number_tail="123X",
        until=AT + DAY,
    )  # fmt: skip
    return [
        ("by certificate", ByCertificate(signed=person.delegated(), judged=JUDGED)),
        ("by SM2 certificate", ByCertificate(signed=Person("sm2").delegated(), judged=JUDGED)),
        ("by passkey", ByPasskey(signed=_scan(person, phone), judged=JUDGED)),
        (
            "by a passkey that signed another seat",
            ByPasskey(signed=_scan(person, phone, "M9"), judged=JUDGED),
        ),
        ("at the desk", desk),
    ]


def _vector(what: str, evidence: SeatEvidence) -> dict[str, Any]:
    made = hidden.disclose("delegation", SALT, evidence)
    said = proved.said(evidence)
    told = signing.delegated_bytes(said.session, said.seat, said.key, said.means, made.digest, said.until)
    found = proved.fault(evidence)
    challenge = scanned.challenge_of(evidence.signed.statement) if isinstance(evidence, ByPasskey) else b""
    return {
        "what": what,
        "value": canonical.encode(evidence).decode(),
        "salt": base64.b64encode(SALT).decode(),
        "digest": made.digest.hex(),
        "means": said.means,
        "challenge": challenge.hex(),
        "attested_bytes": told.hex(),
        "attestation": signing.sign(SIGNER, told),
        "installation": signing.public_text(SIGNER),
        "code": found.code if isinstance(found, Refusal) else "",
    }


def main() -> None:
    """Write the file beside this one if it is not there."""
    path = HERE / "identity-1.json"
    if not path.exists():
        made = [_vector(*one) for one in _evidence()]
        path.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
