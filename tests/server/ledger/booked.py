"""A session under rules version 4 whose genesis names a policy, and the log that it belongs to."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from protocol import commands as cmd
from protocol.hidden import Disclosure
from protocol.ledger import note, quorum, trust
from protocol.plan.case import Case
from tests.server.acting import Script

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))
LOG = note.ed25519_signer("bids.example", PRIVATE)
LOG_S1 = note.ed25519_signer("bids.example/s-1", PRIVATE).key


class Booked(Script):
    """A session under version 4 whose genesis names a policy."""

    def __init__(self, case: Case, policy: quorum.Policy) -> None:
        super().__init__(case)
        self.rules = "4"
        self.policy = trust.of_session(policy, "s-1")

    def book_content(self) -> tuple[cmd.BookSession, Disclosure]:
        content, plan = super().book_content()
        return replace(content, policy_digest=trust.digest(self.policy)), plan
