"""A token's keys are as good as this process's: SoftHSM signs and opens behind the suites' own interface."""

from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute

from protocol.seal import suites
from protocol.seal.refused import SealRefused
from sub_venue import tokens
from tests.protocol.seal.device import OracleDevice
from tests.softhsm import PIN, Slot, slot

__all__ = ["slot"]

INTL, GM = (suites.get(name) for name in suites.NAMES)


def test_what_the_token_signs_anybody_verifies(slot: Slot) -> None:
    with tokens.opened(slot.module, slot.label, PIN, slot.key) as key:
        for message in (b"", b"a statement", bytes(100_000)):
            sig = INTL.sign(key, message)
            assert INTL.verify(key.public, message, sig)
            assert not INTL.verify(key.public, message + b".", sig)


def test_the_token_opens_boxes_made_for_it_and_no_other(slot: Slot) -> None:
    stranger = INTL.private_key(INTL.private_der(b"\5" * 32))
    with tokens.opened(slot.module, slot.label, PIN, slot.key) as key:
        box = INTL.wrap(key.public, b"bid 1", b"a share")
        assert INTL.unwrap(key, b"bid 1", box) == b"a share"
        for info, wrong in (
            (b"bid 2", box),
            (b"bid 1", box[:-1]),
            (b"bid 1", box[:1] + b"\4" + bytes(64) + box[66:]),
            (b"bid 1", INTL.wrap(stranger.public, b"bid 1", b"a share")),
        ):
            with pytest.raises(SealRefused) as refused:
                INTL.unwrap(key, info, wrong)
            assert refused.value.code == "BoxRefused"


def test_a_tokens_key_of_another_curve_or_for_another_suite_is_refused(slot: Slot) -> None:
    with tokens.opened(slot.module, slot.label, PIN, "other") as key, pytest.raises(SealRefused) as refused:
        INTL.sign(key, b"a statement")
    assert refused.value.code == "SuiteMixed"
    with tokens.opened(slot.module, slot.label, PIN, slot.key) as key:
        with pytest.raises(SealRefused, match="SuiteMixed"):
            GM.sign(key, b"a statement")
        with pytest.raises(SealRefused, match="SuiteMixed"):
            GM.unwrap(key, b"", b"")


def test_the_private_key_does_not_come_out(slot: Slot) -> None:
    with pkcs11.lib(slot.module).get_token(token_label=slot.label).open(user_pin=PIN) as session:
        private = session.get_key(pkcs11.ObjectClass.PRIVATE_KEY, label=slot.key)
        assert private[Attribute.EXTRACTABLE] is False
        with pytest.raises(pkcs11.AttributeSensitive):
            private[Attribute.VALUE]


def test_a_fault_of_the_token_says_what_to_do(slot: Slot, tmp_path: Path) -> None:
    def text(module: str, token: str, pin: str, key: str) -> str:
        with pytest.raises(tokens.TokenFault) as fault, tokens.opened(module, token, pin, key):
            pass
        return str(fault.value)

    assert "PIN" in text(slot.module, slot.label, "00000000", slot.key)
    assert "Plug it in" in text(slot.module, "nobody's", PIN, slot.key)
    assert "no such key" in text(slot.module, slot.label, PIN, "missing")
    assert "driver" in text(str(tmp_path / "missing.so"), slot.label, PIN, slot.key)


def test_a_national_device_needs_sm2_and_nothing_else() -> None:
    device = OracleDevice(7)
    sig = GM.sign(device, b"a statement")
    assert GM.verify(device.public, b"a statement", sig)
    box = GM.wrap(device.public, b"bid 1", b"a share")
    assert GM.unwrap(device, b"bid 1", box) == b"a share"
    assert device.lengths == [GM.key_bytes]
    with pytest.raises(SealRefused, match="BoxRefused"):
        GM.unwrap(OracleDevice(8), b"bid 1", box)
    with pytest.raises(SealRefused, match="SuiteMixed"):
        INTL.sign(device, b"a statement")
