"""The golden vectors of SPEC 24: a list's bytes, digest and signature, and verdicts on each kind."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from protocol import canonical
from protocol.refusals import Refusal
from protocol.seal.trust import certificate, judge, spoken, trust_list
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.trust_list import SignedList, Trusted

VECTORS = json.loads(
    (Path(__file__).resolve().parents[2] / "golden" / "trust-1.json").read_text(encoding="utf-8")
)
RAW = VECTORS["list"].encode()


def read(text: str) -> Certificate:
    found = certificate.read(base64.b64decode(text))
    assert not isinstance(found, Refusal)
    return found


@pytest.fixture(scope="module")
def trusted() -> Trusted:
    found = trust_list.read(RAW)
    assert isinstance(found, Trusted)
    return found


def test_the_list_is_read_back_to_its_own_bytes_and_digest(trusted: Trusted) -> None:
    assert trusted.digest.hex() == VECTORS["digest"]
    signed = canonical.decode(RAW, SignedList, len(RAW))
    assert trust_list.encode(signed) == RAW
    assert trusted.digest == canonical.tagged_digest("trust-list/v1", signed.list)
    assert trusted.signed_by == trusted.list.signers.keys


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: f"{case['kind']}, {case['what']}")
def test_a_verdict_is_what_it_was(case: dict[str, Any], trusted: Trusted) -> None:
    evidence = judge.read_evidence(
        tuple(base64.b64decode(one) for one in case["crls"]),
        tuple(base64.b64decode(one) for one in case["answers"]),
    )
    found = judge.judge(
        read(case["certificate"]),
        tuple(read(one) for one in case["others"]),
        trusted,
        case["at"],
        case["purpose"],
        evidence,
    )
    assert (found.outcome, found.reason.code if found.reason else "", found.until) == (
        case["outcome"],
        case["code"],
        case["until"],
    )
    if found.outcome == "valid":
        assert found.authority is not None
        assert found.authority.id == f"{case['kind']}-ca"


SPOKEN = json.loads(
    (Path(__file__).resolve().parents[2] / "golden" / "spoken-1.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("vector", SPOKEN, ids=lambda vector: vector["kind"])
def test_a_statement_is_what_it_was_and_its_signature_holds(vector: dict[str, Any]) -> None:
    trusted = trust_list.read(vector["list"].encode())
    assert isinstance(trusted, Trusted)
    evidence = judge.read_evidence(tuple(base64.b64decode(one) for one in vector["crls"]), ())
    raw = vector["signed"].encode()
    signed: spoken.SignedSignIn | spoken.SignedDelegation
    if b'"audience"' in raw:
        signed = canonical.decode(raw, spoken.SignedSignIn)
        challenge = spoken.Challenge(signed.statement.nonce, vector["at"])
        audience = signed.statement.audience
        found = spoken.sign_in(signed, challenge, audience, trusted, vector["at"], evidence)
    else:
        signed = canonical.decode(raw, spoken.SignedDelegation)
        challenge = spoken.Challenge(signed.statement.nonce, vector["at"])
        found = spoken.delegate(signed, challenge, signed.statement, trusted, vector["at"], evidence)
    assert isinstance(found, spoken.Spoken)
    assert spoken.signed_bytes(signed.statement).hex() == vector["signed_bytes"]
    assert found.person.raw == signed.certificate
