"""Handing in: the golden bytes of SPEC 23, and what makes a notice, a receipt or a withdrawal fail."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from protocol import canonical
from protocol.seal import handing_in, suites
from protocol.seal.handing_in import Announced, Receipt, SignedReceipt, SignedWithdrawal
from tests.protocol.seal.bids import key_of
from tests.server.bids.tendering import HOUSE, SESSION, TICKETS, announced

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "handing-in-1.json"


def receipt(what: Any = "received", replaces: bytes = b"") -> SignedReceipt:
    told = Receipt(
        1_700_000_000_000, "b-1", bytes(range(32)), "e-1", bytes(32), "l-1", "p-1", replaces, SESSION, what
    )
    return SignedReceipt(HOUSE.key, told, HOUSE.statement(handing_in.receipt_bytes(told)))


@pytest.mark.parametrize("name", suites.NAMES)
def test_the_golden_bytes_are_these(name: str) -> None:
    golden = json.loads(GOLDEN.read_bytes())[name]
    suite = suites.get(name)
    made = announced(name)
    assert canonical.encode(made).decode() == golden["announced"]
    assert canonical.decode(golden["announced"].encode(), Announced, handing_in.ANNOUNCED_BYTES_MAX) == made
    assert handing_in.misannounced(made, None) == ""
    assert handing_in.ticket_digest(SESSION, TICKETS[0]).hex() == golden["ticket_digest"]
    assert golden["ticket"] == TICKETS[0]
    assert handing_in.container_digest(suite, b"{}").hex() == golden["container_digest_of_empty_trailer"]
    assert canonical.encode(receipt()).decode() == golden["receipt"]
    assert handing_in.receipt_digest(receipt()).hex() == golden["receipt_digest"]
    withdrawal = canonical.decode(golden["withdrawal"].encode(), SignedWithdrawal)
    own = replace(receipt().receipt, key=suite.hash(withdrawal.public))
    signed = replace(receipt(), receipt=own, sig=HOUSE.statement(handing_in.receipt_bytes(own)))
    assert handing_in.withdraws(suite, withdrawal, signed)
    for other in (receipt(), replace(signed, sig=receipt().sig)):
        assert not handing_in.withdraws(suite, withdrawal, other)


def test_every_change_of_a_receipt_is_noticed() -> None:
    good = receipt()
    assert handing_in.receipt_holds(good)
    assert handing_in.receipt_holds(good, HOUSE.key)
    changed = {
        "at": 1, "bid": "b-2", "container": bytes(32), "envelope": "e-2", "key": bytes([1]) * 32,
        "lot": "l-2", "project": "p-2", "replaces": bytes(32), "session": "s-2", "what": "withdrawn",
    }  # fmt: skip
    assert {*changed, "v"} == set(Receipt.__struct_fields__)
    for name, value in changed.items():
        other = replace(good, receipt=replace(good.receipt, **{name: value}))
        assert not handing_in.receipt_holds(other), name
    assert not handing_in.receipt_holds(good, announced().key)


def test_a_notice_that_does_not_hang_together_says_where() -> None:
    good = announced()
    notice = good.notice
    wrong = (
        ("signature", replace(good, notice=replace(notice, deadline=notice.deadline + 1))),
        ("policies", replace(good, policies=good.policies[:1])),
        ("policy l-1/e-1", replace(good, policies=tuple(reversed(good.policies)))),
        ("deadline", announced(opens_at=notice.deadline)),
        ("room", announced(bytes_max=notice.room_bytes + 1)),
        ("twice", announced(parts=notice.parts[:1] * 2)),
        ("twice", announced(tickets=notice.tickets[:1] * 64)),
        ("version", announced(version=2)),
    )
    for why, bad in wrong:
        assert handing_in.misannounced(bad, None) == why


def golden() -> dict[str, Any]:
    """What the golden file was made of; signatures of ECDSA and SM2 are new each time."""
    made: dict[str, Any] = {}
    for name in suites.NAMES:
        suite = suites.get(name)
        own = key_of(suite, 100)
        told = replace(receipt().receipt, key=suite.hash(own.public))
        signed = replace(receipt(), receipt=told, sig=HOUSE.statement(handing_in.receipt_bytes(told)))
        made[name] = {
            "announced": canonical.encode(announced(name)).decode(),
            "container_digest_of_empty_trailer": handing_in.container_digest(suite, b"{}").hex(),
            "receipt": canonical.encode(receipt()).decode(),
            "receipt_digest": handing_in.receipt_digest(receipt()).hex(),
            "ticket": TICKETS[0],
            "ticket_digest": handing_in.ticket_digest(SESSION, TICKETS[0]).hex(),
            "withdrawal": canonical.encode(handing_in.withdraw(suite, own, signed, 5)).decode(),
        }
    return made
