"""Province: the province's word, before a session, that its milestones are judged by the agreed policy.

Owns the province's key, the policy that was agreed before, and whether milestones have to wait for the
province. It signs for any session, for its word says no more than that; a policy that was not agreed is not
signed, nor one that does not wait where the province says it has to. Source: SPEC 27.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from protocol.commands import ProvinceSignature
from protocol.ledger import quorum, trust
from protocol.refusals import Refusal, refuse
from protocol.replay_cosigner import province_bytes
from protocol.seal import signing


class Province:
    """Signs policies as a province."""

    def __init__(self, name: str, key: Path, policy: Path, awaited: Sequence[str] = ()) -> None:
        """Sign as this province.

        Args:
          name: the province's id.
          key: its Ed25519 key, PKCS #8, PEM.
          policy: the policy of all the logs as it was agreed.
          awaited: its own cosigners, by the policy's names, without each of whom no milestone may be reached.

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
        self._awaited = tuple(awaited)

    def sign(self, session: str, policy_digest: bytes) -> ProvinceSignature | Refusal:
        """The province's signature for a session.

        `PolicyForeign` where the policy is not the one that was agreed, `ProvinceNotAwaited` where it lets
        milestones be reached without a province that waits hard.
        """
        if trust.digest(trust.of_session(self._policy, session)) != policy_digest:
            return refuse("PolicyForeign", why="this is not the policy that was agreed before")
        if not all(self._policy.awaits((one,)) for one in self._awaited):
            return refuse("ProvinceNotAwaited", province=self._name, cosigners=", ".join(self._awaited))
        told = province_bytes(session, self._name, policy_digest)
        key = signing.public_text(self._private)
        return ProvinceSignature(self._name, key, signing.sign(self._private, told))
