"""A log with two histories, a cosigner, and what the log asks of it."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.ledger import checkpoint, kinds, note, tree
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.cosigner import Answer, Cosigner, History, Request
from protocol.ledger.levels import Levels
from protocol.seal import sm2

ORIGIN = "bids.example/s-1"


def private(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number] * 32))


LOG = note.ed25519_signer(ORIGIN, private(1))
STRANGER = note.ed25519_signer(ORIGIN, private(2))
OWN = note.ed25519_signer("hefei.example/cosigner", private(3), kinds.COSIGNATURE)
OWN_SM2 = note.sm2_signer("hefei.example/cosigner", sm2.PrivateKey(sm2.private_der(bytes([4] * 32))))
ONE = Levels(tree.leaf_hash(f"one {number}".encode()) for number in range(300))
OTHER = Levels(
    tree.leaf_hash(f"{'one' if number < 6 else 'other'} {number}".encode()) for number in range(300)
)
"""Another history of the same log, the same in its first six entries."""


def head(size: int, grown: Levels = ONE) -> str:
    return checkpoint.sign(Checkpoint(ORIGIN, size, grown.root(size)), LOG)


def ask(old: int, size: int, grown: Levels = ONE, **other: Any) -> bytes:
    proof = grown.consistency(old, size) if 0 < old <= size else ()
    return Request(**{"old": old, "proof": proof, "checkpoint": head(size, grown), **other}).text.encode()


def new(*signers: note.Signer) -> Cosigner:
    return Cosigner(signers or (OWN,), {ORIGIN: History((LOG.key,))})


def sign(own: Cosigner, body: bytes, at_s: int = 1_000) -> Answer:
    """What a shell does, with a disk that always keeps."""
    decided = own.consider(body, at_s)
    return decided if isinstance(decided, Answer) else own.kept(decided)


def grown_to(size: int) -> Cosigner:
    own = new()
    assert sign(own, ask(0, size)).status == 200
    return own
