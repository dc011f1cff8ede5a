"""Province: the province's word, before a session, that its milestones are judged by the agreed policy.

Owns the province's key and the policy that was agreed before. It signs for any session, for its word says no
more than that; a policy that was not agreed is not signed. Source: SPEC 27.4.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from protocol.commands import ProvinceSignature
from protocol.ledger import quorum, trust
from protocol.replay_cosigner import province_bytes
from protocol.seal import signing


class Province:
    """Signs policies as a province."""

    def __init__(self, name: str, key: Path, policy: Path) -> None:
        """Sign as this province.

        Raises:
          OSError: a file cannot be read.
          ValueError: it holds no Ed25519 key, or no policy.
        """
        private = load_pem_private_key(key.read_bytes(), password=None)
        if not isinstance(private, Ed25519PrivateKey):
            raise ValueError(f"{key} holds no Ed25519 key")  # noqa: TRY004 - the file is wrong, not a type
        self._name = name
        self._private = private
        self._policy = quorum.read(policy.read_bytes())

    def sign(self, session: str, policy_digest: bytes) -> ProvinceSignature | None:
        """The province's signature for a session; None where the policy is not the one that was agreed."""
        if trust.digest(trust.of_session(self._policy, session)) != policy_digest:
            return None
        told = province_bytes(session, self._name, policy_digest)
        key = signing.public_text(self._private)
        return ProvinceSignature(self._name, key, signing.sign(self._private, told))
