"""A certificate as it came: its bytes, what they say, what of them is signed (RFC 5280 4.1).

Owns reading one certificate, and a file of several in PEM or DER. Names, extensions and times are read by
`cryptography`, whose reader is strict; the key and the algorithm are taken from the bytes themselves, for it
reads no key of SM2's curve. Whether any of it is to be believed is not judged here.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from protocol import canonical, limits
from protocol.refusals import Refusal, refuse
from protocol.seal.trust import der

_BLOCK: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----(.*?)-----END \1-----", re.DOTALL)
_BLANKS: Final = re.compile(rb"[ \t\r\n]+")
_VERSION_3: Final = bytes.fromhex("a003020102")
_SERIAL_BOUND: Final = 1 << 159
"""Serial numbers are positive and take at most 20 bytes (RFC 5280 4.1.2.2)."""
_SHOWN_CHARS_MAX: Final = 200
UNREADABLE: Final = (
    ValueError, TypeError, OverflowError, UnsupportedAlgorithm,
    x509.DuplicateExtension, x509.UnsupportedGeneralNameType, x509.InvalidVersion,
)  # fmt: skip
"""What `cryptography` raises over bytes that are not well formed."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that could be read; equal when the bytes are.

    `spki` is its key, `identifier` the AlgorithmIdentifier of its signature, `signed` what the signature
    is over, all DER; `begins` and `ends` are its validity, ms, both included.
    """

    raw: bytes
    parsed: x509.Certificate = field(compare=False, repr=False)
    spki: bytes = field(compare=False, repr=False)
    key_bits: bytes = field(compare=False, repr=False)
    identifier: bytes = field(compare=False, repr=False)
    signed: bytes = field(compare=False, repr=False)
    signature: bytes = field(compare=False, repr=False)
    begins: int = field(compare=False)
    ends: int = field(compare=False)

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of the whole certificate, 32 bytes: how the house names it."""
        return canonical.sha256(self.raw)

    @property
    def serial(self) -> int:
        """The number that its issuer gave it."""
        return self.parsed.serial_number

    @property
    def shown(self) -> str:
        """Its subject, for people (RFC 4514), cut to a line."""
        return shown(self.parsed.subject)

    def extension(self, kind: type[x509.ExtensionType]) -> x509.Extension[x509.ExtensionType] | None:
        """One of its extensions, if it has it."""
        try:
            return self.parsed.extensions.get_extension_for_class(kind)
        except x509.ExtensionNotFound:
            return None


def read(raw: bytes) -> Certificate | Refusal:
    """One certificate, DER.

    Returns:
      Refusal: `TooLarge`; `CertificateUnreadable` for what is no certificate of version 3.
    """
    if len(raw) > limits.CERTIFICATE_BYTES_MAX:
        return refuse("TooLarge", size=len(raw), limit=limits.CERTIFICATE_BYTES_MAX)
    try:
        return _read(bytes(raw))
    except UNREADABLE as error:
        return refuse("CertificateUnreadable", why=why(error))


def read_file(raw: bytes) -> tuple[Certificate, ...] | Refusal:
    """The certificates of a file, PEM (one or more) or DER (one), in its order.

    Returns:
      Refusal: as `read`; also for an empty file, a private key or another kind of file by mistake.
    """
    if len(raw) > limits.CERTIFICATE_FILE_BYTES_MAX:
        return refuse("TooLarge", size=len(raw), limit=limits.CERTIFICATE_FILE_BYTES_MAX)
    ders = blocks(raw, "CERTIFICATE")
    if isinstance(ders, Refusal):
        return ders
    if len(ders) > limits.CHAIN_OFFERED_MAX + 1:
        return refuse("TooLarge", size=len(ders), limit=limits.CHAIN_OFFERED_MAX + 1)
    found = []
    for one in ders:
        certificate = read(one)
        if isinstance(certificate, Refusal):
            return certificate
        found.append(certificate)
    return tuple(found)


def blocks(raw: bytes, label: str) -> tuple[bytes, ...] | Refusal:
    """What a file holds, DER each: its PEM blocks of a label, or itself where it has no PEM at all.

    Returns:
      Refusal: `CertificateUnreadable`: empty, text that is no PEM, or blocks of other labels only.
    """
    if b"-----BEGIN" not in raw:
        if not raw.strip():
            return refuse("CertificateUnreadable", why="an empty file")
        return (bytes(raw),)
    found, others = [], set()
    for match in _BLOCK.finditer(raw):
        if match[1].decode() != label:
            others.add(match[1].decode())
            continue
        try:
            found.append(base64.b64decode(_BLANKS.sub(b"", match[2]), validate=True))
        except binascii.Error:
            return refuse("CertificateUnreadable", why="a PEM block that is not base64")
    if not found:
        held = ", ".join(sorted(others)) or "a PEM block that does not end"
        return refuse("CertificateUnreadable", why=f"{held}, no {label}")
    return tuple(found)


def pem(raw: bytes, label: str = "CERTIFICATE") -> bytes:
    """The PEM of some DER (RFC 7468)."""
    text = base64.b64encode(raw)
    lines = b"\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return b"-----BEGIN %b-----\n%b\n-----END %b-----\n" % (label.encode(), lines, label.encode())


def why(error: Exception) -> str:
    """What was wrong with some bytes, for people; a reader's own particulars are no help to them."""
    said = str(error)
    return _line(said) if said and "ParseError" not in said else "not well formed"


def shown(name: x509.Name) -> str:
    """A name for people (RFC 4514), cut to a line."""
    return _line(name.rfc4514_string() or "(no name)")


def signed_parts(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """What is signed, the signature's AlgorithmIdentifier (both DER), and the signature.

    The outer form is the same for a certificate, a revocation list and an answer (RFC 5280 4.1.1, RFC 6960
    4.2.1); the last may carry certificates behind it.

    Raises:
      NotDer: it is none of them.
    """
    parts = der.within(raw)
    if len(parts) < 3 or parts[0].tag != der.SEQUENCE or parts[1].tag != der.SEQUENCE:
        raise der.NotDer("not a signed structure")
    return parts[0].raw, parts[1].raw, der.bits(parts[2].raw)


def _read(raw: bytes) -> Certificate:
    signed, identifier, signature = signed_parts(raw)
    # version [0], serial, algorithm, issuer, validity, subject, key (RFC 5280 4.1).
    parts = der.within(signed)
    if len(parts) < 7 or parts[0].raw != _VERSION_3 or len(der.within(raw)) != 3:
        raise ValueError("not the parts of a certificate of version 3")
    serial = parts[1].content
    if parts[1].tag != der.INTEGER or not 0 < int.from_bytes(serial, "big", signed=True) < _SERIAL_BOUND:
        raise ValueError("a serial number that is not positive, or too long")
    if parts[2].raw != identifier:
        raise ValueError("two different algorithms for one signature")
    spki = parts[6].raw
    parsed = x509.load_der_x509_certificate(raw)
    # Read now what is read only when it is asked for, so that whatever is wrong shows here.
    tuple(parsed.extensions)
    shown(parsed.subject)
    shown(parsed.issuer)
    return Certificate(
        raw=raw,
        parsed=parsed,
        spki=spki,
        key_bits=der.bits(der.within(spki)[1].raw),
        identifier=identifier,
        signed=signed,
        signature=signature,
        begins=int(parsed.not_valid_before_utc.timestamp()) * 1000,
        ends=int(parsed.not_valid_after_utc.timestamp()) * 1000,
    )


def _line(text: str) -> str:
    printable = "".join(one if one.isprintable() else "?" for one in text)
    return printable if len(printable) <= _SHOWN_CHARS_MAX else printable[: _SHOWN_CHARS_MAX - 1] + "…"
