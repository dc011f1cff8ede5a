"""A *kept* receipt holds for one command under one key; its bytes are golden, read in TypeScript too."""

import json
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from protocol import canonical, entry
from protocol.commands import NO_HEAD, CheckIn, Command
from protocol.link import receipt
from protocol.seal import signing
from protocol.wire import Kept
from protocol.words import SESSION_STAGE
from tests.protocol.golden.make import HERE
from tests.protocol.world import key, private_key

GOLDEN = HERE / "receipt-1.json"
NODE = key("node shanghai")
COMMAND = Command(
    session="s-1", type="CheckIn", command_id="c-1", author_key=key("M2"), author_at=1_700_000_000_000,
    author_seq=2, seen=NO_HEAD, stage=SESSION_STAGE, content=CheckIn(bytes(32), "none"),
)  # fmt: skip
TEXT = canonical.encode(COMMAND).decode()


def signed(kept: Kept) -> Kept:
    return replace(kept, sig=signing.sign(private_key("node shanghai"), receipt.signed_bytes(kept)))


KEPT = signed(
    Kept("s-1", "c-1", canonical.sha256(entry.signed_bytes(COMMAND)), 7, 1_700_000_000_500, "shanghai", "")
)


def golden() -> dict[str, Any]:
    """What TypeScript checks: the command, the receipt, the key that signed it."""
    return {"command": TEXT, "kept": msgspec.to_builtins(KEPT), "node_key": NODE}


def test_the_golden_receipt_does_not_move() -> None:
    assert json.loads(GOLDEN.read_text()) == golden()


def test_a_receipt_holds_for_its_command_under_its_nodes_key() -> None:
    assert receipt.proves(KEPT, TEXT, NODE)
    assert receipt.proves(replace(KEPT, node="elsewhere"), TEXT, NODE)


@pytest.mark.parametrize(
    "changed",
    [
        {"session": "s-2"},
        {"command_id": "c-2"},
        {"command_digest": bytes(32)},
        {"journal_index": 8},
        {"at": 1_700_000_000_501},
        {"sig": "ed25519:"},
    ],
)
def test_a_receipt_that_was_changed_proves_nothing(changed: dict[str, Any]) -> None:
    assert not receipt.proves(replace(KEPT, **changed), TEXT, NODE)


def test_a_receipt_proves_nothing_under_another_key_nor_for_another_command() -> None:
    other = canonical.encode(replace(COMMAND, author_seq=3)).decode()
    assert not receipt.proves(KEPT, TEXT, key("node hefei"))
    assert not receipt.proves(KEPT, other, NODE)
    assert not receipt.proves(KEPT, TEXT + " ", NODE)
    assert not receipt.proves(KEPT, "", NODE)


def test_a_receipt_signed_for_the_wrong_digest_is_none_though_its_signature_is_good() -> None:
    assert not receipt.proves(signed(replace(KEPT, command_digest=bytes(32))), TEXT, NODE)
    assert not receipt.proves(signed(replace(KEPT, session="s-2")), TEXT, NODE)
