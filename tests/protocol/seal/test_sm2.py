"""SM2 against the standard's figures, OpenSSL's rows, its command, and a second implementation."""

import base64
import json
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.seal import sm2
from tests.protocol.seal import oracle

VECTORS = Path(__file__).parents[2] / "data" / "crypto" / "sm2"
STANDARD = json.loads((VECTORS / "gmt0003.5.json").read_text())
ROWS = (VECTORS / "openssl-evppkey_sm2.txt").read_text()

SCALAR = int(STANDARD["d"], 16)
PUBLIC = sm2.public_of(bytes.fromhex(STANDARD["Q"]))
PRIVATE = sm2.PrivateKey(sm2.private_der(SCALAR.to_bytes(32, "big")))
AFFINE = oracle.affine(SCALAR)
OTHER = sm2.PrivateKey(sm2.private_der(bytes(31) + b"\7"))

few = settings(max_examples=6, deadline=None)


def numbers(row: dict[str, str], *names: str) -> tuple[int, ...]:
    return tuple(int(row[name], 16) for name in names)


def openssl_key() -> sm2.PrivateKey:
    found = re.search(r"-----BEGIN PRIVATE KEY-----(.*)-----END", ROWS, re.DOTALL)
    assert found
    return sm2.PrivateKey(base64.b64decode(found.group(1)))


def openssl(*arguments: str | Path, data: bytes = b"") -> bytes:
    """What the `openssl` command answers; it must succeed."""
    done = subprocess.run(
        ["openssl", *map(str, arguments)], input=data, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def pem(kind: str, der: bytes) -> str:
    return f"-----BEGIN {kind}-----\n{base64.encodebytes(der).decode()}-----END {kind}-----\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """The standard's key for the `openssl` command: private, public."""
    private, public = tmp_path / "key.pem", tmp_path / "public.pem"
    private.write_text(pem("PRIVATE KEY", sm2.private_der(SCALAR.to_bytes(32, "big"))))
    public.write_text(pem("PUBLIC KEY", PUBLIC))
    return private, public


# --- the standard's figures ---


def test_the_standards_signature_verifies_step_by_step() -> None:
    row = STANDARD["sign"]
    message = row["msg_ascii"].encode()
    r, s = numbers(row, "r", "s")
    assert sm2.signer_digest(PUBLIC).hex().upper() == STANDARD["za"]
    assert sm2.message_digest(PUBLIC, message).hex().upper() == row["e"]
    signature = oracle.der_signature(oracle.Signature(r, s))
    assert sm2.verify(PUBLIC, message, signature)
    assert not sm2.verify(PUBLIC, message + b".", signature)
    assert not sm2.verify(PUBLIC, message, signature, b"another signer")
    assert not sm2.verify(OTHER.public, message, signature)


def test_the_oracle_gives_the_standards_signature_and_ciphertext() -> None:
    row = STANDARD["sign"]
    made = oracle.sign(SCALAR, bytes.fromhex(row["e"]), int(row["k"], 16))
    assert (made.r, made.s) == numbers(row, "r", "s")
    row = STANDARD["encrypt"]
    c1, c3, c2 = oracle.encrypt(AFFINE, row["msg_ascii"].encode(), int(row["k"], 16))
    assert f"04{c1[0]:064x}{c1[1]:064x}".upper() == row["C1"]
    assert (c3.hex().upper(), c2.hex().upper()) == (row["C3"], row["C2"])


def test_the_standards_ciphertext_opens() -> None:
    row = STANDARD["encrypt"]
    c1 = bytes.fromhex(row["C1"])
    box = oracle.der_ciphertext(
        (int.from_bytes(c1[1:33], "big"), int.from_bytes(c1[33:], "big")),
        bytes.fromhex(row["C3"]),
        bytes.fromhex(row["C2"]),
    )
    assert PRIVATE.decrypt(box) == row["msg_ascii"].encode()
    assert OTHER.decrypt(box) is None


def test_openssls_own_rows_hold() -> None:
    key = openssl_key()
    verified = re.findall(r"^Verify digest=SM3 Input=(\w+) Sig=(\w+)$", ROWS, re.MULTILINE)
    assert len(verified) == 2
    for digest, signature in verified:
        assert sm2.verify_digest(key.public, bytes.fromhex(digest), bytes.fromhex(signature))
        changed = bytearray.fromhex(digest)
        changed[0] ^= 1
        assert not sm2.verify_digest(key.public, bytes(changed), bytes.fromhex(signature))
    found = re.search(r'^Decrypt Input=(\w+) Output="(.*)"$', ROWS, re.MULTILINE)
    assert found
    assert key.decrypt(bytes.fromhex(found.group(1))) == found.group(2).encode()


# --- two other implementations ---


@few
@given(st.binary(max_size=300), st.binary(min_size=1, max_size=40))
def test_the_oracle_verifies_what_we_sign_and_we_what_it_signs(message: bytes, identity: bytes) -> None:
    e = oracle.digest(AFFINE, message, identity)
    assert sm2.message_digest(PUBLIC, message, identity) == e
    r, s = (int.from_bytes(part, "big") for part in oracle.der_parts(PRIVATE.sign(message, identity)))
    assert oracle.verify(AFFINE, e, oracle.Signature(r, s))
    theirs = oracle.der_signature(
        oracle.sign(SCALAR, e, int.from_bytes(oracle.sm3(message), "big") % oracle.N)
    )
    assert sm2.verify(PUBLIC, message, theirs, identity)


@few
@given(st.binary(min_size=1, max_size=300))
def test_the_oracle_opens_what_we_encrypt_and_we_what_it_encrypts(message: bytes) -> None:
    x, y, c3, c2 = oracle.der_parts(sm2.encrypt(PUBLIC, message))
    c1 = int.from_bytes(x, "big"), int.from_bytes(y, "big")
    assert oracle.decrypt(SCALAR, c1, c3, c2) == message
    theirs = oracle.encrypt(AFFINE, message, int.from_bytes(oracle.sm3(message), "big") % oracle.N)
    assert PRIVATE.decrypt(oracle.der_ciphertext(*theirs)) == message


def test_the_openssl_command_verifies_what_we_sign_and_we_what_it_signs(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    private, public = files
    identity = f"distid:{sm2.IDENTITY.decode()}"
    message = tmp_path / "message"
    message.write_bytes("投标报价".encode() * 50)
    ours = tmp_path / "ours"
    ours.write_bytes(PRIVATE.sign(message.read_bytes()))
    said = openssl(
        "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-digest", "sm3", "-pkeyopt", identity,
        "-in", message, "-sigfile", ours,
    )  # fmt: skip
    assert b"Signature Verified Successfully" in said
    theirs = openssl(
        "pkeyutl",
        "-sign",
        "-inkey",
        private,
        "-rawin",
        "-digest",
        "sm3",
        "-pkeyopt",
        identity,
        "-in",
        message,
    )
    assert sm2.verify(PUBLIC, message.read_bytes(), theirs)


def test_the_openssl_command_opens_what_we_encrypt_and_we_what_it_encrypts(files: tuple[Path, Path]) -> None:
    private, public = files
    assert openssl("pkeyutl", "-decrypt", "-inkey", private, data=sm2.encrypt(PUBLIC, b"a key")) == b"a key"
    assert (
        PRIVATE.decrypt(openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", public, data=b"a key")) == b"a key"
    )


# --- what is refused ---


def test_a_signature_has_one_form_and_its_numbers_their_bounds() -> None:
    message = b"a message"
    good = PRIVATE.sign(message)
    assert sm2.verify(PUBLIC, message, good)
    r, s = (int.from_bytes(part, "big") for part in oracle.der_parts(good))
    bad = [
        b"",
        good[:-1],
        good + b"\0",
        r.to_bytes(32, "big") + s.to_bytes(32, "big"),
        oracle.der(0x30, oracle.der(2, b"\0\0" + r.to_bytes(32, "big")) + oracle.der_integer(s)),
        *(
            oracle.der_signature(oracle.Signature(one, other))
            for one, other in (
                (0, s),
                (r, 0),
                (r + oracle.N, s),
                (r, s + oracle.N),
                (oracle.N - s, s),
                (r, oracle.N - s),
            )
        ),
    ]
    assert [one.hex() for one in bad if sm2.verify(PUBLIC, message, one)] == []


def test_a_changed_ciphertext_does_not_open() -> None:
    box = sm2.encrypt(PUBLIC, b"sixteen bytes k.")
    assert PRIVATE.decrypt(box) == b"sixteen bytes k."
    for at in range(len(box)):
        changed = bytearray(box)
        changed[at] ^= 1
        assert PRIVATE.decrypt(bytes(changed)) is None
    assert PRIVATE.decrypt(box[:-1]) is None
    assert PRIVATE.decrypt(b"") is None


def test_a_public_key_has_one_form() -> None:
    point = bytes.fromhex(STANDARD["Q"])
    assert sm2.point(PUBLIC) == point
    assert PRIVATE.public == PUBLIC
    squeezed = bytes([2 + point[-1] % 2]) + point[1:33]
    p256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + point
    bad = [
        b"",
        PUBLIC[:-1],
        PUBLIC + b"\0",
        PUBLIC[:-65] + b"\x06" + point[1:],
        PUBLIC[:-65] + bytes(65),
        PUBLIC[:-1] + bytes([PUBLIC[-1] ^ 1]),
        PUBLIC[:-65] + b"\4" + sm2.P.to_bytes(32, "big") + point[33:],
        PUBLIC[:-65] + squeezed,
        p256,
    ]
    assert [one.hex() for one in bad if sm2.is_public(one)] == []
    for one in bad:
        assert not sm2.verify(one, b"", PRIVATE.sign(b""))
        with pytest.raises(sm2.NotSm2):
            sm2.encrypt(one, b"x")


def test_a_private_key_is_of_this_curve_and_in_its_bounds() -> None:
    for scalar in (0, sm2.N - 1, sm2.N, 2**256 - 1):
        with pytest.raises(sm2.NotSm2):
            sm2.private_der(scalar.to_bytes(32, "big"))
    assert sm2.PrivateKey(sm2.private_der((sm2.N - 2).to_bytes(32, "big"))).public
    with pytest.raises(sm2.NotSm2):
        sm2.private_der(b"\1" * 31)
    p256 = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-outform", "DER")
    for der in (b"", b"\0" * 64, p256, sm2.private_der(b"\1" * 32) + b"\0"):
        with pytest.raises(sm2.NotSm2):
            sm2.PrivateKey(der)
