"""A key in memory, in a file or in a token signs a report alike."""

import pytest

from main_venue.signing import check
from main_venue.signing.signer import HeldKey, NotUsable, TokenSigner
from main_venue.signing.statement import Statement
from ops.ca import alliance, authority, making
from protocol.seal.trust import certificate
from sub_venue import tokens
from tests.main_venue.signing.signing_house import House
from tests.softhsm import PIN, Slot, slot

__all__ = ["slot"]


def test_a_key_that_never_leaves_its_token_signs_a_report(house: House, slot: Slot) -> None:
    by = alliance.named(house.folder, "jiangsu")
    with tokens.opened(slot.module, slot.label, PIN, slot.key) as key:
        extensions = (
            (making.usage("digital_signature", "content_commitment"), True),
            authority._policies(authority.POLICY),
        )
        raw = by._make(
            "issuing", authority._name(by.book, "专家1"), key.public, extensions, house.now_ms,
            house.now_ms + 86_400_000,
        )  # fmt: skip
        chain = certificate.pem(raw) + certificate.pem(by.issuing.raw)
        signer = TokenSigner(key, chain)
        pdf = house.sign(house.prepared, ("member-e1", Statement("member")), signers={"member-e1": signer})
        with pytest.raises(NotUsable):
            TokenSigner(key, certificate.pem(by.issuing.raw))
    found = check.check(pdf, house.trusted)
    assert found.signatures[0].findings == ()
    assert found.signatures[0].fingerprint == signer.own.fingerprint


def test_a_key_that_is_not_the_certificates_or_cannot_be_read_is_refused(house: House) -> None:
    raw, key = alliance.named(house.folder, "jiangsu").issue("张三", "sign", house.now_ms)
    _, other = alliance.named(house.folder, "anhui").issue("张三", "sign", house.now_ms)
    HeldKey(key.pem(), raw)
    HeldKey(key.der, raw)
    for wrong, cert in ((other.pem(), raw), (b"", raw), (raw, raw), (key.pem(), b""), (key.pem(), key.pem())):
        with pytest.raises(NotUsable):
            HeldKey(wrong, cert)
