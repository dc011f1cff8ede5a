"""The installation's own key: signs what falls due and what the identity node attests.

Owns the private key in memory; nothing else of the coordinator sees it. The key stands in every
session's genesis, so it must not change while a session goes on.
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from protocol import entry
from protocol.commands import Command
from protocol.seal import signing


class Signer:
    """Signs as the installation."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        """Sign with this key."""
        self._private = private
        self.key = signing.public_text(private)

    def command(self, command: Command) -> str:
        """The signature of one of the installation's own commands."""
        return signing.sign(self._private, entry.signed_bytes(command))

    def attest(self, session: str, seat: str, key: str, means: str) -> str:
        """The word of the identity node for a seat's key (SPEC 5.3)."""
        return signing.sign(self._private, signing.attested_bytes(session, seat, key, means))

    def statement(self, statement: bytes) -> str:
        """The signature over a tagged statement: a bid's receipt (SPEC 23)."""
        return signing.sign(self._private, statement)

    def attest_delegation(
        self, session: str, seat: str, key: str, means: str, evidence: bytes, until: int
    ) -> str:
        """The word of the identity node for what a seat's key was delegated by (SPEC 19.6)."""
        told = signing.delegated_bytes(session, seat, key, means, evidence, until)
        return signing.sign(self._private, told)

    def snapshot(self, statement: bytes) -> str:
        """The signature by which this installation knows its own snapshot of a session again."""
        return signing.sign(self._private, statement)


def load(path: Path) -> Signer:
    """The signer of a key file (PKCS8 PEM, Ed25519).

    Raises:
      OSError: the file cannot be read.
      ValueError: it holds no Ed25519 key.
    """
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} holds no Ed25519 key")  # noqa: TRY004 - the file is wrong, not a type
    return Signer(key)
