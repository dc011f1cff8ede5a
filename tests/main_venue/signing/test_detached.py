"""SM2 SignedData beside the report: made over the prepared bytes, checked with them, tampering found."""

import asyncio
import subprocess
from pathlib import Path

import aiohttp
import pytest

from main_venue.signing import check, prepared, revision
from main_venue.signing.check import Checked
from main_venue.signing.detached import Sm2SignedData
from main_venue.signing.judged import Signature
from main_venue.signing.signed import Beside, NotSigned
from main_venue.signing.signer import HeldKey, Signer
from main_venue.signing.stamping import Stamper
from main_venue.signing.statement import Statement
from ops.ca import alliance
from ops.tsa import serve
from protocol.seal import signed_data
from protocol.seal.trust.der import NotDer
from protocol.seal.trust.judge import NO_EVIDENCE
from tests.main_venue.signing import signing_house
from tests.main_venue.signing.signing_house import FIELDS, House

BOTH = ("shanghai", "jiangsu")


@pytest.fixture(scope="module")
def signer(house: House) -> HeldKey:
    return signing_house.person(alliance.named(house.folder, "shanghai"), "专家3", house.now_ms)


def sealed(house: House, bare: bytes, signer: Signer, field: str = "member-e3") -> bytes:
    crls = tuple(
        (house.folder / province / f"{which}.crl").read_bytes()
        for province in BOTH
        for which in ("root", "issuing")
    )

    async def make() -> bytes:
        stop = asyncio.Event()
        where: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        served = asyncio.create_task(serve.serve(house.stamper, 0, stop, where.set_result))
        try:
            async with aiohttp.ClientSession() as http:
                stamper = Stamper(http, await where)
                own = Statement("member", dissent=bytes(range(32)))
                return await Sm2SignedData().make(bare, field, signer, stamper, own, Beside(crls=crls))
        finally:
            stop.set()
            await served

    return asyncio.run(make())


@pytest.fixture(scope="module")
def seal(house: House, signer: HeldKey) -> bytes:
    return sealed(house, house.prepared, signer)


@pytest.fixture(scope="module")
def others(house: House) -> bytes:
    """Signed in the PDF by all but the third member."""
    return house.sign(
        house.prepared, *((one.name, Statement(one.role)) for one in FIELDS if one.seat != "e3")
    )


def checked(house: House, pdf: bytes, *seals: bytes) -> Checked:
    return check.check(pdf, house.trusted, seals=seals)


def codes(found: Checked) -> set[str]:
    return {one.code for one in found.findings}


def test_one_signs_beside_the_pdf_while_the_others_sign_in_it(
    house: House, others: bytes, seal: bytes
) -> None:
    assert codes(checked(house, others)) == {"SignatureMissing"}
    found = checked(house, others, seal)
    assert (found.outcome, codes(found)) == ("valid", {"DissentSigned"})
    own = found.signatures[-1]
    assert (own.kind, own.field, own.authority, own.stamp_authority) == (
        "sm2-signed-data", "member-e3", "shanghai", "jiangsu",
    )  # fmt: skip
    assert own.statement.dissent == bytes(range(32))


def test_another_file_and_any_changed_byte_of_the_signature_are_found(
    house: House, others: bytes, seal: bytes, signer: HeldKey
) -> None:
    for raw in (sealed(house, house.prepared + b"\n", signer), sealed(house, b"", signer)):
        assert "SignatureBroken" in codes(checked(house, others, raw))
    manifest = prepared.manifest_of(revision.read(house.prepared))
    said = signed_data.read(seal)
    for at in range(8, len(seal), len(seal) // 120):
        changed = bytearray(seal)
        changed[at] ^= 1
        found = Sm2SignedData().check(house.prepared, bytes(changed), manifest, house.trusted, NO_EVIDENCE)
        if isinstance(found, Signature) and not found.faulty:
            # Not what was signed: a certificate or a list that is of no use.
            again = signed_data.read(bytes(changed))
            assert (again.attributes, again.signature) == (said.attributes, said.signature)
    assert "SealUnreadable" in codes(checked(house, others, b"nothing"))


def test_a_place_that_was_not_prepared_and_another_persons_certificate_are_found(
    house: House, others: bytes, signer: HeldKey
) -> None:
    assert "SignatureForeign" in codes(
        checked(house, others, sealed(house, house.prepared, signer, "member-e9"))
    )
    assert "SignerAnother" in codes(
        checked(house, others, sealed(house, house.prepared, signer, "member-e1"))
    )


def test_keys_of_the_other_suite_are_refused_on_either_side(house: House, signer: HeldKey) -> None:
    with pytest.raises(NotSigned):
        sealed(house, house.prepared, house.signers["member-e1"])
    with pytest.raises(NotSigned):
        house.sign(house.prepared, ("member-e3", Statement("member")), signers={"member-e3": signer})


def test_it_is_der_with_the_standards_object_identifiers(seal: bytes, tmp_path: Path) -> None:
    (tmp_path / "seal.p7s").write_bytes(seal)
    shown = subprocess.run(
        ["openssl", "asn1parse", "-inform", "DER", "-in", tmp_path / "seal.p7s"],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    for oid in ("1.2.156.10197.6.1.4.2.2", "1.2.156.10197.6.1.4.2.1", "1.2.156.10197.1.301.1"):
        assert oid in shown
    said = signed_data.read(seal)
    assert signed_data.write(said) == seal
    for cut in (seal[:-1], seal + b"\0", b"", b"\x30\x00"):
        with pytest.raises(NotDer):
            signed_data.read(cut)
