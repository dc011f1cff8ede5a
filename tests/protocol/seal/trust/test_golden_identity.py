"""Delegations as they stand in records: their bytes, digests and verdicts do not move (SPEC 19.4 to 19.6)."""

import base64
import json
from pathlib import Path
from typing import Any, cast

import pytest

from protocol import canonical, hidden
from protocol.seal import signing
from protocol.seal.trust import proved, scanned
from protocol.seal.trust.proved import ByPasskey, SeatEvidence

VECTORS = json.loads(
    (Path(__file__).resolve().parents[2] / "golden" / "identity-1.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["what"])
def test_evidence_is_what_it_was_and_is_judged_as_it_was(vector: dict[str, Any]) -> None:
    evidence: SeatEvidence = canonical.decode(vector["value"].encode(), cast(Any, SeatEvidence))
    made = hidden.disclose("delegation", base64.b64decode(vector["salt"]), evidence)
    assert (made.value, made.digest.hex()) == (vector["value"], vector["digest"])
    said = proved.said(evidence)
    assert said.means == vector["means"]
    told = signing.delegated_bytes(said.session, said.seat, said.key, said.means, made.digest, said.until)
    assert told.hex() == vector["attested_bytes"]
    assert signing.verify(vector["installation"], told, vector["attestation"])
    found = proved.fault(evidence)
    assert (found.code if found is not None else "") == vector["code"]
    if isinstance(evidence, ByPasskey):
        assert scanned.challenge_of(evidence.signed.statement).hex() == vector["challenge"]


def test_every_means_is_among_them_and_a_forgery_too() -> None:
    assert {one["means"] for one in VECTORS} == {"certificate", "passkey", "desk"}
    assert [one["code"] for one in VECTORS if one["code"]] == ["AssertionMismatch"]
