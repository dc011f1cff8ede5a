"""The golden boxes of SPEC 28.8: opened by ours, and their fixed parts worked out by other means."""

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from protocol import canonical, hidden, limits
from protocol.hidden import Opening
from protocol.seal import escrowing, suites
from protocol.seal.escrowing import SheetEscrow
from protocol.seal.refused import SealRefused
from tests.protocol.golden.make_escrow import COUNT
from tests.protocol.seal.dealt import keys

GOLDEN = Path(__file__).parent.parent / "golden" / "escrow-1.json"


def golden() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(GOLDEN.read_text())
    return found


def text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read(one: dict[str, Any]) -> SheetEscrow:
    return canonical.decode(text(one["escrow"]), SheetEscrow, limits.DISCLOSURE_BYTES_MAX)


@pytest.mark.parametrize("one", golden(), ids=lambda one: one["sheet"]["suite"])
def test_any_two_custodians_open_the_golden_escrow_and_one_does_not(one: dict[str, Any]) -> None:
    suite, held = suites.get(one["sheet"]["suite"]), read(one)
    meant = canonical.decode(text(one["opening"]), Opening)
    shares = [
        escrowing.take(suite, held, f"c{number}", key) for number, key in enumerate(keys(suite, COUNT), 1)
    ]
    told = [(share.share.hex(), share.blinder.hex()) for share in shares]
    assert told == [(row["share"], row["blinder"]) for row in one["shares"]]
    for pair in ((0, 1), (0, 2), (1, 2)):
        assert escrowing.recovered(suite, held, [shares[place] for place in pair]) == meant
    with pytest.raises(SealRefused):
        escrowing.recovered(suite, held, shares[:1])


@pytest.mark.parametrize("one", golden(), ids=lambda one: one["sheet"]["suite"])
def test_what_names_the_boxes_is_the_commitment_worked_out_by_hand(one: dict[str, Any]) -> None:
    tag = hashlib.sha256(b"tongchang/sheet/v1").digest()
    commitment = hashlib.sha256(tag + text(one["opening"])).hexdigest()
    stage = one["opening"]["stage"]
    assert commitment == one["commitment"]
    assert one["sheet"] == {
        "bid": commitment, "envelope": stage["envelope"], "lot": stage["lot"],
        "project": one["opening"]["session"], "suite": one["sheet"]["suite"],
    }  # fmt: skip
    digest = {"intl-1": "sha256", "gm-1": "sm3"}[one["sheet"]["suite"]]
    key_tag = hashlib.sha256(b"tongchang/group-key/v1").digest()
    said = key_tag + text([one["sheet"], "centres"]) + bytes.fromhex(one["group_key"])
    dealing = read(one).dealing
    assert dealing.key_commitment == hashlib.new(digest, said).digest()
    assert dealing.threshold == 2


@pytest.mark.parametrize("one", golden(), ids=lambda one: one["sheet"]["suite"])
def test_a_golden_box_under_another_round_or_seat_opens_to_nobody(one: dict[str, Any]) -> None:
    suite, held = suites.get(one["sheet"]["suite"]), read(one)
    meant = canonical.decode(text(one["opening"]), Opening)
    key = keys(suite, COUNT)[0]
    for other in (
        msgspec.structs.replace(meant, expert="M2"),
        msgspec.structs.replace(meant, stage=msgspec.structs.replace(meant.stage, round=3)),
    ):
        commitment = hidden.commitment(other)
        sheet = escrowing.sheet_of(suite, meant.session, "01", "1", commitment)
        moved = msgspec.structs.replace(held, commitment=commitment, sheet=sheet)
        with pytest.raises(SealRefused, match="BoxRefused"):
            escrowing.take(suite, moved, "c1", key)
