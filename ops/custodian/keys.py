"""A custodian's key: made, written on paper, read back from it, and seen to work (SPEC 25).

Owns the files and the sentences. A key that lies in a token is never here: it has no paper. Whoever keeps
such a key in earnest keeps it in a certified module, and the paper in a safe that takes two people.
"""

from pathlib import Path
from typing import Final

from msgspec import Struct

from main_venue.typeset import document
from ops import files
from ops.bids import reading
from ops.senses import Dice
from ops.trouble import Trouble
from protocol.seal import paper, suites
from protocol.seal.refused import SealRefused
from protocol.seal.suite import SoftwareKey, Suite
from protocol.seal.trust import certificate

TEMPLATE: Final = "ops/custodian/paper.typ"
TRIES_MAX: Final = 8
"""Bytes that are no key are drawn again; more often than this would be a broken generator."""
_PUBLIC_MODE: Final = 0o644


class Made(Struct, frozen=True):
    """A key's two files, and by what it is known: the digest of its public half."""

    suite: str
    key: Path
    public: Path
    digest: str


def new(suite_name: str, out: Path, dice: Dice) -> Made:
    """Make a key; an existing file is never written over.

    Raises:
      Trouble: no such suite, or the files are there or cannot be written.
    """
    with reading.told():
        suite = suites.get(suite_name)
    return _put(suite, _drawn(suite, dice), out)


def restored(lines: list[str], out: Path) -> Made:
    """A key from the lines on its paper.

    Raises:
      Trouble: a line is not as it was printed; the files are there or cannot be written.
    """
    with reading.told():
        found = paper.read(lines)
    return _put(found.suite, found.scalar, out)


def lines_of(key: Path) -> tuple[Suite, SoftwareKey, tuple[str, ...]]:
    """A key file's suite, its key, and the lines of its paper.

    Raises:
      Trouble: it holds no key of a suite.
    """
    der = reading.private_der(key)
    scalar = _scalar(der)
    for suite in map(suites.get, suites.NAMES):
        try:
            held = suite.private_key(der)
            again = None if scalar is None else suite.private_key(suite.private_der(scalar))
        except SealRefused:
            continue
        if scalar is not None and again is not None and again.public == held.public:
            return suite, held, paper.lines(suite, scalar)
    raise Trouble(
        f"{key} 不是任何已知密码套件的私钥。请核对所选文件。",
        f"{key} holds no private key of a known suite. Check which file was chosen.",
        2,
    )


def sheet(key: Path, name: str, out: Path) -> tuple[str, ...]:
    """Typeset a key's paper; its lines.

    Raises:
      Trouble: no key, or the file cannot be written.
    """
    suite, held, lines = lines_of(key)
    values = {
        "title": "托管密钥纸质备份",
        "name": name,
        "suite": f"{suite.name}({'国密 SM2' if suite.name == 'gm-1' else 'ECDSA/HPKE P-256'})",
        "digest": suite.hash(held.public).hex(),
        "lines": list(lines),
    }
    files.write(out.absolute(), document.pdf(TEMPLATE, values, at_ms=0))
    return lines


def check(key: Path) -> Made:
    """See that a key signs and opens what is boxed to it.

    Raises:
      Trouble: it is no key, or does not work.
    """
    suite, held, _ = lines_of(key)
    signed = suite.verify(held.public, b"check", suite.sign(held, b"check"))
    opened = suite.unwrap(held, b"check", suite.wrap(held.public, b"check", b"check")) == b"check"
    if not signed or not opened:
        raise Trouble(
            f"{key} 的密钥不能正常签名或解密。请勿使用,并从纸质备份恢复。",
            f"The key in {key} does not sign or open as it must. Do not use it; restore it from its paper.",
        )
    return Made(suite.name, key, key.with_suffix(".pub"), suite.hash(held.public).hex())


def _put(suite: Suite, scalar: bytes, out: Path) -> Made:
    public = suite.private_key(suite.private_der(scalar)).public
    key, beside = out.absolute(), out.absolute().with_suffix(".pub")
    for path in (key, beside):
        if path.exists():
            raise Trouble(
                f"{path} 已存在,未予覆盖。请换一个文件名。",
                f"{path} is there already and was not written over. Choose another name.",
                2,
            )
    files.write(key, certificate.pem(suite.private_der(scalar), "PRIVATE KEY"))
    files.write(beside, certificate.pem(public, "PUBLIC KEY"), mode=_PUBLIC_MODE)
    return Made(suite.name, key, beside, suite.hash(public).hex())


def _drawn(suite: Suite, dice: Dice) -> bytes:
    for number in range(TRIES_MAX):
        scalar = dice.bytes32("custodian key", str(number))
        try:
            suite.private_der(scalar)
        except SealRefused:
            continue
        return scalar
    raise AssertionError("a generator that gives no key in so many draws is broken")


def _scalar(der: bytes) -> bytes | None:
    """The 32 bytes of a PKCS #8 key on a curve of 256 bits, where SEC 1 has them (RFC 5915)."""
    at = der.find(b"\x02\x01\x01\x04\x20")
    return der[at + 5 : at + 37] if at >= 0 else None
