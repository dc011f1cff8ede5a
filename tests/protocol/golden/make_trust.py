"""Makes `trust-1.json` and `spoken-1.json`: `python -m tests.protocol.golden.make_trust`.

Run once; vectors do not move, and what is there is left alone. Keys and most signatures are random, so each
run would make another file: what is fixed is the verdict on bytes.
"""

import base64
import json
from pathlib import Path
from typing import Any

from ops.ca.making import Withdrawn
from protocol import canonical
from protocol.seal.trust import spoken, trust_list
from protocol.seal.trust.purposes import PurposeName
from tests.attacks.person import Person
from tests.attacks.province import (
    AT,
    DAY,
    EVERY_KIND,
    SIGNER,
    Province,
    listed,
    person_extensions,
    signed,
    weak,
)

HERE = Path(__file__).resolve().parent


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _cases(province: Province) -> list[dict[str, Any]]:
    """Verdicts of one kind; certificates, lists and answers as base64."""
    person = province.person()
    made: list[tuple[str, bytes, int, PurposeName, tuple[bytes, ...], tuple[bytes, ...]]] = [
        ("by revocation lists", person, AT, "sign", province.crls(), ()),
        ("by answers", person, AT, "sign-in", (), province.answers()),
        ("revoked", person, AT, "sign", province.crls(Withdrawn(1001, AT - 1000)), ()),
        ("before it was revoked", person, AT - 2000, "sign", province.crls(Withdrawn(1001, AT - 1000)), ()),
        ("no evidence", person, AT, "sign", (), ()),
        ("evidence that ran out", person, AT + DAY, "sign", province.crls(), ()),
        ("the same, for viewing", person, AT + DAY, "view", province.crls(), ()),
        ("another purpose", person, AT, "open", province.crls(), ()),
        ("expired", province.person(ends=AT - 1000), AT, "sign", province.crls(), ()),
        ("a weak hash", province.person(signer=weak(province.issuing_key)), AT, "sign", province.crls(), ()),
        (
            "another policy",
            province.person(person_extensions(policy="1.2.3")),
            AT,
            "sign",
            province.crls(),
            (),
        ),
    ]
    return [
        {
            "kind": province.kind,
            "what": what,
            "certificate": _text(leaf),
            "others": [_text(province.issuing)],
            "at": at,
            "purpose": purpose,
            "crls": [_text(one) for one in crls],
            "answers": [_text(one) for one in answers],
            **_verdict(province, leaf, at, purpose, crls, answers),
        }
        for what, leaf, at, purpose, crls, answers in made
    ]


def _verdict(
    province: Province,
    leaf: bytes,
    at: int,
    purpose: PurposeName,
    crls: tuple[bytes, ...],
    answers: tuple[bytes, ...],
) -> dict[str, Any]:
    found = province.judged(leaf, at=at, purpose=purpose, crls=crls, answers=answers)
    return {
        "outcome": found.outcome,
        "code": found.reason.code if found.reason else "",
        "until": found.until,
    }


def _trust() -> dict[str, Any]:
    provinces = [Province(kind, f"{kind}-ca") for kind in EVERY_KIND]
    authorities = sorted((one.authority() for one in provinces), key=lambda one: one.id)
    said = listed(*authorities, version=7)
    return {
        "list": signed(said, SIGNER).decode(),
        "digest": trust_list.digest(said).hex(),
        "cases": [case for one in provinces for case in _cases(one)],
    }


def _spoken() -> list[dict[str, Any]]:
    """A sign-in and a delegation of each kind, with all that it takes to judge them."""
    people = [Person(kind) for kind in EVERY_KIND]
    return [
        {
            "kind": person.province.kind,
            "signed": canonical.encode(said).decode(),
            "signed_bytes": spoken.signed_bytes(said.statement).hex(),
            "list": signed(person.trusted.list).decode(),
            "crls": [_text(one.raw) for one in person.evidence.crls],
            "at": AT,
        }
        for person in people
        for said in (person.signed_in(), person.delegated())
    ]


def main() -> None:
    """Write the files beside this one that are not there."""
    for name, make in (("trust-1.json", _trust), ("spoken-1.json", _spoken)):
        path = HERE / name
        if not path.exists():
            path.write_text(json.dumps(make(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
