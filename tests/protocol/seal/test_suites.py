"""The two suites: their six calls, what they refuse, and that neither takes the other's bytes."""

import base64
import json
from collections.abc import Callable

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from protocol import limits
from protocol.seal import framing, signing, suites
from protocol.seal.refused import SealRefused
from protocol.seal.suite import SoftwareKey, Suite
from tests.protocol.golden import make_seal
from tests.protocol.seal import vectors

GOLDEN = json.loads((make_seal.HERE / "seal-1.json").read_text())
INTL, GM = (suites.get(name) for name in suites.NAMES)

either = pytest.mark.parametrize("suite", [INTL, GM], ids=suites.NAMES)
both_ways = pytest.mark.parametrize(("suite", "other"), [(INTL, GM), (GM, INTL)], ids=suites.NAMES)


def key_of(suite: Suite, number: int = 5) -> SoftwareKey:
    return suite.private_key(suite.private_der(number.to_bytes(32, "big")))


class Foreign:
    """A key whose public half says one thing and whose methods do another."""

    def __init__(self, public: bytes) -> None:
        self.public = public

    def sign(self, message: bytes) -> bytes:
        return message

    def open(self, box: bytes) -> bytes:
        return box


# --- names ---


def test_there_are_two_suites_and_any_other_name_is_refused() -> None:
    assert suites.NAMES == ("intl-1", "gm-1")
    for name in suites.NAMES:
        suite = suites.get(name)
        assert suite.name == name
        assert suites.numbered(suite.number) is suite
    for name in ("", "intl-2", "GM-1", "gm-1 ", "intl-1,gm-1", "aes-256-gcm"):
        with pytest.raises(SealRefused) as refused:
            suites.get(name)
        assert refused.value.code == "SuiteUnknown"
    for number in (0, 3, 255):
        with pytest.raises(SealRefused, match="SuiteUnknown"):
            suites.numbered(number)


# --- golden ---


@either
def test_the_golden_bytes_are_made_and_read_as_ever(suite: Suite) -> None:
    golden = GOLDEN[suite.name]
    key = suite.private_key(suite.private_der(bytes.fromhex(golden["scalar"])))
    assert key.public.hex() == golden["public"]
    for size, expected in golden["sealed"].items():
        raw = make_seal.sealed(suite.name, int(size))
        assert expected in {raw.hex(), suite.hash(raw).hex()}
        opened = suite.decrypt(bytes(range(suite.key_bytes)), b"golden", raw)
        assert opened == make_seal.message(int(size))
    one = {name: bytes.fromhex(value) for name, value in golden["signature"].items()}
    assert suite.verify(key.public, one["message"], one["sig"])
    box = {name: bytes.fromhex(value) for name, value in golden["box"].items()}
    assert suite.unwrap(key, box["info"], box["box"]) == box["secret"]


# --- made by others ---


def test_ecdsa_is_verified_as_wycheproof_says() -> None:
    outcomes = {"valid": 0, "invalid": 0}
    for group, row in vectors.wycheproof("ecdsa_secp256r1_sha256_test.json"):
        public = bytes.fromhex(group["publicKeyDer"])
        found = INTL.verify(public, bytes.fromhex(row["msg"]), bytes.fromhex(row["sig"]))
        assert found == (row["result"] == "valid"), row
        outcomes[row["result"]] += 1
    assert min(outcomes.values()) > 100


def test_the_authors_signatures_are_verified_as_wycheproof_says() -> None:
    outcomes = {"valid": 0, "invalid": 0}
    for group, row in vectors.wycheproof("ed25519_test.json"):
        key = _tagged(bytes.fromhex(group["publicKey"]["pk"]))
        found = signing.verify(key, bytes.fromhex(row["msg"]), _tagged(bytes.fromhex(row["sig"])))
        assert found == (row["result"] == "valid"), row
        outcomes[row["result"]] += 1
    assert min(outcomes.values()) > 30


def _tagged(raw: bytes) -> str:
    return "ed25519:" + base64.b64encode(raw).decode()


def test_aes_gcm_is_as_wycheproof_says() -> None:
    outcomes = {"valid": 0, "invalid": 0}
    for group, row in vectors.wycheproof("aes_gcm_test.json"):
        if (group["keySize"], group["ivSize"]) != (256, 96):
            continue
        aead = INTL.aead(bytes.fromhex(row["key"]))
        nonce, associated, message = (bytes.fromhex(row[name]) for name in ("iv", "aad", "msg"))
        sealed = bytes.fromhex(row["ct"] + row["tag"])
        outcomes[row["result"]] += 1
        if row["result"] == "valid":
            assert aead.encrypt(nonce, message, associated) == sealed
            assert aead.decrypt(nonce, sealed, associated) == message
        else:
            with pytest.raises(InvalidTag):
                aead.decrypt(nonce, sealed, associated)
    assert min(outcomes.values()) > 20


# --- sealed bytes ---


@either
def test_a_message_comes_back_under_its_own_key_and_context_alone(suite: Suite) -> None:
    key, message = bytes(range(suite.key_bytes)), b"a price" * 5000
    raw = suite.encrypt(key, b"bid 1", message)
    assert suite.decrypt(key, b"bid 1", raw) == message
    assert suite.encrypt(key, b"bid 1", message) != raw, "a salt never repeats"
    for wrong_key, context in ((key, b"bid 2"), (key, b""), (bytes(suite.key_bytes), b"bid 1")):
        with pytest.raises(SealRefused) as refused:
            suite.decrypt(wrong_key, context, raw)
        assert refused.value.code == "SealBroken"
    for bad in (raw[:-1], raw + b"\0", raw[:-17], b"", raw[:56], raw[:16_456], raw[24:]):
        with pytest.raises(SealRefused, match="SealBroken"):
            suite.decrypt(key, b"bid 1", bad)
    for length in (0, suite.key_bytes - 1, suite.key_bytes + 1):
        for call in (suite.encrypt, suite.decrypt):
            with pytest.raises(SealRefused, match="KeyRefused"):
                call(bytes(length), b"", raw)
        with pytest.raises(SealRefused, match="KeyRefused"):
            suite.aead(bytes(length))


@either
def test_a_stream_gives_the_same_and_refuses_the_same(suite: Suite) -> None:
    key, message = bytes(range(suite.key_bytes)), bytes(range(256)) * 200
    out = bytearray(framing.room(10_000))
    stream, raw = suite.sealing(key, b"bid 1"), bytearray()
    for at in range(0, len(message), 10_000):
        raw += out[: stream.update_into(message[at : at + 10_000], out)]
    raw += stream.finish()
    assert len(raw) == framing.sealed_length(len(message))
    assert suite.decrypt(key, b"bid 1", bytes(raw)) == message
    reading = suite.opening(key, b"bid 1")
    found = bytearray()
    for at in range(0, len(raw), 10_000):
        found += out[: reading.update_into(raw[at : at + 10_000], out)]
    assert bytes(found) + reading.finish() == message
    cut = suite.opening(key, b"bid 1")
    cut.update_into(raw[:10_000], out)
    with pytest.raises(SealRefused, match="SealBroken"):
        cut.finish()
    changed = suite.opening(key, b"bid 1")
    raw[100] ^= 1
    with pytest.raises(SealRefused, match="SealBroken"):
        changed.update_into(raw, bytearray(framing.room(len(raw))))


@both_ways
def test_one_suites_sealed_bytes_do_not_open_under_the_other(suite: Suite, other: Suite) -> None:
    raw = suite.encrypt(bytes(suite.key_bytes), b"", b"a price")
    assert suite.decrypt(bytes(suite.key_bytes), b"", raw) == b"a price"
    with pytest.raises(SealRefused, match="SealBroken"):
        other.decrypt(bytes(other.key_bytes), b"", raw)


# --- signatures ---


@either
def test_a_signature_is_its_keys_over_its_message_alone(suite: Suite) -> None:
    key, another = key_of(suite), key_of(suite, 6)
    sig = suite.sign(key, b"a statement")
    assert suite.verify(key.public, b"a statement", sig)
    assert not suite.verify(key.public, b"another", sig)
    assert not suite.verify(another.public, b"a statement", sig)
    assert not suite.verify(key.public, b"a statement", sig + b"\0")
    assert not suite.verify(key.public, b"a statement", b"")
    assert not suite.verify(key.public + b"\0", b"a statement", sig)
    assert not suite.verify(b"", b"a statement", sig)
    assert len(suite.digest(key.public, b"a statement")) == 32


@both_ways
def test_a_key_of_the_other_suite_neither_signs_nor_verifies(suite: Suite, other: Suite) -> None:
    foreign = key_of(other)
    sig = other.sign(foreign, b"a statement")
    assert other.verify(foreign.public, b"a statement", sig)
    assert not suite.verify(foreign.public, b"a statement", sig)
    assert not suite.is_public(foreign.public)
    assert other.is_public(foreign.public)
    with pytest.raises(SealRefused) as refused:
        suite.sign(foreign, b"a statement")
    assert refused.value.code == "SuiteMixed"
    with pytest.raises(SealRefused, match="KeyRefused"):
        suite.private_key(other.private_der(bytes(31) + b"\5"))


# --- boxes ---


@either
def test_a_box_opens_for_its_key_and_its_info_alone(suite: Suite) -> None:
    key = key_of(suite)
    box = suite.wrap(key.public, b"bid 1, custodian 3", b"a share")
    assert suite.unwrap(key, b"bid 1, custodian 3", box) == b"a share"
    assert suite.wrap(key.public, b"bid 1, custodian 3", b"a share") != box
    for info in (b"", b"bid 2, custodian 3", b"bid 1, custodian 3\0"):
        with pytest.raises(SealRefused) as refused:
            suite.unwrap(key, info, box)
        assert refused.value.code == "BoxRefused"
    with pytest.raises(SealRefused, match="BoxRefused"):
        suite.unwrap(key_of(suite, 6), b"bid 1, custodian 3", box)


@either
def test_a_changed_box_does_not_open(suite: Suite) -> None:
    key = key_of(suite)
    box = suite.wrap(key.public, b"info", b"a share")
    assert suite.unwrap(key, b"info", box) == b"a share"
    for at in range(1, len(box)):
        changed = bytearray(box)
        changed[at] ^= 1
        with pytest.raises(SealRefused) as refused:
            suite.unwrap(key, b"info", bytes(changed))
        assert refused.value.code == "BoxRefused"
    for bad in (box[:-1], box + b"\0", box[:1], box[:3], box[:66], box[:67]):
        with pytest.raises(SealRefused, match="BoxRefused"):
            suite.unwrap(key, b"info", bad)


@both_ways
def test_a_box_of_the_other_suite_is_refused_as_such(suite: Suite, other: Suite) -> None:
    key, foreign = key_of(suite), key_of(other)
    box = other.wrap(foreign.public, b"info", b"a share")
    assert other.unwrap(foreign, b"info", box) == b"a share"
    mixed: tuple[Callable[[], bytes], ...] = (
        lambda: suite.unwrap(key, b"info", box),
        lambda: suite.unwrap(foreign, b"info", suite.wrap(key.public, b"info", b"a share")),
        lambda: suite.wrap(foreign.public, b"info", b"a share"),
        lambda: suite.unwrap(key, b"info", b""),
    )
    for attempt in mixed:
        with pytest.raises(SealRefused) as refused:
            attempt()
        assert refused.value.code == "SuiteMixed"


@either
def test_a_secret_has_a_length_and_a_key_its_method(suite: Suite) -> None:
    key = key_of(suite)
    longest = bytes(limits.BOX_SECRET_BYTES_MAX)
    assert suite.unwrap(key, b"", suite.wrap(key.public, b"", longest)) == longest
    for secret in (b"", longest + b"\0"):
        with pytest.raises(SealRefused, match="BoxRefused"):
            suite.wrap(key.public, b"", secret)
    with pytest.raises(SealRefused, match="KeyRefused"):
        suite.unwrap(Foreign(key.public), b"", b"")  # type: ignore[arg-type]


# --- keys ---


@either
def test_a_public_key_has_one_form_and_lies_on_the_curve(suite: Suite) -> None:
    public = key_of(suite).public
    head, point = public[:26], public[26:]
    assert suite.is_public(public)
    off = point[:-1] + bytes([point[-1] ^ 1])
    for bad in (
        off,
        b"\6" + point[1:],
        bytes(65),
        b"\0",
        bytes([2 + point[-1] % 2]) + point[1:33],
        point + b"\0",
    ):
        assert not suite.is_public(head + bad)
        with pytest.raises(SealRefused) as refused:
            suite.wrap(head + bad, b"", b"a share")
        assert refused.value.code == "KeyRefused"


@either
def test_a_private_key_is_of_its_curve_and_in_its_bounds(suite: Suite) -> None:
    for scalar in (bytes(32), b"\xff" * 32, bytes(31), b"\1" * 33):
        with pytest.raises(SealRefused, match="KeyRefused"):
            suite.private_der(scalar)
    others = (
        ec.derive_private_key(5, ec.SECP384R1()),
        ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)),
    )
    for key in others:
        der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        with pytest.raises(SealRefused, match="KeyRefused"):
            suite.private_key(der)
    with pytest.raises(SealRefused, match="KeyRefused"):
        suite.private_key(b"")
    foreign = rsa.generate_private_key(65537, 2048).public_key()
    raw = foreign.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert not suite.is_public(raw)
    assert not suite.verify(raw, b"", b"")
