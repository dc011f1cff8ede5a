"""Signed acts: a session booked with its committee, and after it as many acts as a round needs.

Owns keys and signatures of the benchmark's own installation, and the act that may come any number of times:
a seat is bound to a new key (席位绑定, what everybody does at nine o'clock), attested by the installation. It
is a dear act: two signatures to verify, an entry, an answer, a seat changed. Must not know sockets.
"""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from main_venue.agent_desk import AgentDesk
from main_venue.case_shelf import CaseShelf
from ops import certificates, senses
from ops.installation import COORDINATOR, Installation
from ops.people import script
from ops.senses import Dice
from ops.trouble import Trouble
from protocol import canonical, commands, entry
from protocol.commands import NO_HEAD, BindSeat, Command, Content
from protocol.hidden import Disclosed, Disclosure
from protocol.plan.case import Case
from protocol.refusals import Refusal
from protocol.seal import signing
from protocol.wire import NodeNote, Prepare, Prepared, Submit
from protocol.words import SESSION_STAGE

MEANS: Final = "code"


class Keys(Struct, frozen=True):
    """The keys of an installation that a benchmark signs with, and node → key of every node."""

    agent: Ed25519PrivateKey
    installation: Ed25519PrivateKey
    nodes: tuple[NodeNote, ...]

    def node_key(self, node: str) -> str:
        """A node's public key."""
        return next(one.key for one in self.nodes if one.node == node)


def keys(found: Installation) -> Keys:
    """Read the keys of an installation."""
    notes = []
    for node in found.nodes:
        place = node.place
        path = found.config(place.node).parent / "node.key"
        key = signing.public_text(certificates.read_signing_key(path))
        notes.append(NodeNote(place.node, key, place.zh, place.en, place.province, online=True))
    return Keys(
        certificates.read_signing_key(found.people / "agent.key"),
        certificates.read_signing_key(found.config(COORDINATOR).parent / "installation.key"),
        tuple(notes),
    )


class Script:
    """One session's acts, in order, each signed and ready to be sent."""

    def __init__(self, found: Installation, held: Keys, case: Case, session: str) -> None:
        """Write for a session of this installation; nothing is sent from here."""
        self.session = session
        self._keys = held
        self._case = case
        self._dice = Dice()
        self._main = found.main.place.node
        shelf = CaseShelf(found.people / "bench-cases")
        self._desk = AgentDesk(shelf, self._dice.bytes32, signing.public_text(held.installation), self._main)
        self._agent_seq = 0

    def opened(self) -> tuple[Submit, ...]:
        """Booked, and its committee imported: from here on every venue follows it."""
        source = script.source(self._case)
        return (self._prepared("BookSession", source), self._prepared("ImportCommittee", ""))

    def bound(self, seat: str, key: Ed25519PrivateKey | None = None) -> Submit:
        """A seat bound to a key, a new one where none is given."""
        private = key or Ed25519PrivateKey.from_private_bytes(self._dice.bytes32("key"))
        public = signing.public_text(private)
        told = signing.attested_bytes(self.session, seat, public, MEANS)
        content = BindSeat(seat, MEANS, signing.sign(self._keys.installation, told))
        return self._signed(private, 1, content, ())

    def _prepared(self, type_: str, source: str) -> Submit:
        asked = Prepare(session=self.session, type=type_, stage=SESSION_STAGE, source=source)
        made = self._desk.prepare(asked, None, Disclosed(), self._keys.nodes)
        if isinstance(made, Refusal):
            raise Trouble(f"无法备好 {type_}({made.code})。", f"Cannot prepare {type_} ({made.code}).")
        return self._as_agent(made)

    def _as_agent(self, made: Prepared) -> Submit:
        content = canonical.decode(made.content.encode(), commands.CONTENTS[made.type], len(made.content) * 4)
        self._agent_seq += 1
        return self._signed(self._keys.agent, self._agent_seq, content, made.disclosures)

    def _signed(
        self, key: Ed25519PrivateKey, number: int, content: Content, disclosures: tuple[Disclosure, ...]
    ) -> Submit:
        command = Command(
            session=self.session, type=type(content).__name__,
            command_id=f"bench-{self._dice.bytes32('command').hex()[:24]}",
            author_key=signing.public_text(key), author_at=senses.now_ms(), author_seq=number, seen=NO_HEAD,
            stage=SESSION_STAGE, content=content,
        )  # fmt: skip
        return Submit(
            command=canonical.encode(command).decode(),
            sig=signing.sign(key, entry.signed_bytes(command)),
            disclosures=disclosures,
        )
