"""Keys and signatures as text: one way to write each, and no other is read."""

import base64
import string

import pytest

from protocol import tagged

ALPHABET = string.ascii_letters + string.digits + "+/"


@pytest.mark.parametrize("size", [tagged.KEY_BYTES, tagged.SIGNATURE_BYTES])
def test_only_the_one_way_to_write_it_is_read(size: int) -> None:
    raw = bytes(range(7, 7 + size))
    text = tagged.written(raw)
    assert text == "ed25519:" + base64.b64encode(raw).decode()
    assert tagged.read(text, size) == raw
    padded = text.rstrip("=")
    for last in ALPHABET:
        other = padded[:-1] + last + text[len(padded) :]
        meant = base64.b64decode(other.removeprefix("ed25519:"))
        assert tagged.read(other, size) == (meant if tagged.written(meant) == other else b"")
    broken = (
        padded, text + "=", text[:-1], text + "\n", text.replace("ed", "Ed"), text[8:], "ed25519:", "",
        text[:20] + "-" + text[21:], text[:20] + " " + text[20:], text[:20] + "é" + text[21:],
        "ed25519:" + "A" * 40 + "====", text + "AAAA",
    )  # fmt: skip
    for other in broken:
        assert tagged.read(other, size) == b"", other
    assert tagged.read(text, size + 1) == tagged.read(text, size - 1) == b""
