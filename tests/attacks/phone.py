"""A phone with a passkey, made of software: what WebAuthn gives, signed as asked unless told otherwise."""

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import encode_cbor

from protocol.seal.trust import scanned
from protocol.seal.trust.scanned import ScannedDelegation, ScannedSignIn
from protocol.voices import ScanEnrol, ScanShown, ScanSign

VERIFIED = 0x05
"""User present and verified."""
ATTESTED = 0x40


class Phone:
    """One passkey for one host."""

    def __init__(self, origin: str, number: int = 1) -> None:
        self.origin = origin
        self.host = scanned.host_of(origin)
        self.key = ec.derive_private_key(1_000 + number, ec.SECP256R1())
        self.credential = hashlib.sha256(b"passkey %d" % number).digest()
        self.count = 0

    def enrols(self, shown: ScanShown, compare: str, **changes: Any) -> ScanEnrol:
        """The answer to a scan that asks for a new passkey."""
        client = self._client("webauthn.create", shown.nonce, changes)
        public = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        data = self._head(changes, ATTESTED)
        data += bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential
        data += encode_cbor(cose)
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        return ScanEnrol(
            nonce=shown.nonce, compare=compare, credential=self.credential, attestation=attestation,
            client=client,
        )  # fmt: skip

    def signs(self, shown: ScanShown, compare: str, **changes: Any) -> ScanSign:
        """The answer to a scan that asks for a delegation; `changes` are an attacker's."""
        said: dict[str, Any] = {
            "at": shown.at, "audience": changes.get("audience", shown.audience),
            "compare": changes.get("signed_compare", compare), "key": changes.get("signed_key", shown.key),
            "nonce": shown.nonce, "role": shown.role, "seat": changes.get("signed_seat", shown.seat),
            "session": shown.session,
        }  # fmt: skip
        statement = (
            ScannedSignIn(**said) if changes.get("way", shown.way) == "sign-in"
            else ScannedDelegation(**said, until=shown.until)
        )  # fmt: skip
        client = self._client("webauthn.get", scanned.challenge_of(statement), changes)
        head = self._head(changes, 0)
        by = changes.get("by", self.key)
        sig = by.sign(head + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return ScanSign(
            nonce=shown.nonce, compare=compare, credential=self.credential, authenticator=head, client=client,
            sig=sig,
        )  # fmt: skip

    def _client(self, type_: str, challenge: bytes, changes: dict[str, Any]) -> bytes:
        told = {
            "type": changes.get("type", type_),
            "challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            "origin": changes.get("origin", self.origin),
            "crossOrigin": changes.get("cross", False),
        }
        return json.dumps(told).encode()

    def _head(self, changes: dict[str, Any], more: int) -> bytes:
        self.count += changes.get("step", 1)
        flags = changes.get("flags", VERIFIED) | more
        host = hashlib.sha256(changes.get("host", self.host).encode()).digest()
        return host + bytes((flags,)) + self.count.to_bytes(4, "big")
