"""What a certificate is used for, and what it must say of itself for that (SPEC 24.4).

Owns the table of purposes: key usages of which it has one, extended usages of which it has one if it has
the extension at all. Chinese CAs issue two certificates to a person, one to sign and one to be encrypted to
(双证书, GM/T 0015): the wrong one of the two is refused. Sources: RFC 5280 4.2.1.3 and 4.2.1.12.
"""

from typing import Final, Literal, get_args

from cryptography import x509
from msgspec import Struct

from protocol.seal.trust.certificate import Certificate

PurposeName = Literal["sign-in", "sign", "encrypt", "open", "view", "time-stamp"]
"""Signing in; signing the record; being sealed to; opening what was sealed; viewing old signatures; stamping
the time."""

PURPOSES: Final[tuple[PurposeName, ...]] = get_args(PurposeName)

ANY_USAGE: Final = "2.5.29.37.0"
CLIENT: Final = "1.3.6.1.5.5.7.3.2"
MAIL: Final = "1.3.6.1.5.5.7.3.4"
OCSP_SIGNING: Final = "1.3.6.1.5.5.7.3.9"
DOCUMENT: Final = "1.3.6.1.5.5.7.3.36"
"""Signing of documents (RFC 9336)."""
STAMPING: Final = "1.3.6.1.5.5.7.3.8"
"""Time-stamping (RFC 3161, 2.3): the one extended usage of an authority that does it."""


class Purpose(Struct, frozen=True):
    """Of `usages` one, of `extended` one where the extension is there; `strict`: no grace for evidence.

    `named`: the extension must be there, and name nothing else.
    """

    usages: tuple[str, ...]
    extended: frozenset[str]
    strict: bool = True
    named: bool = False


_SIGNS: Final = ("digital_signature", "content_commitment")
_TAKES: Final = ("key_encipherment", "data_encipherment", "key_agreement")

TABLE: Final[dict[PurposeName, Purpose]] = {
    "sign-in": Purpose(("digital_signature",), frozenset({CLIENT})),
    "sign": Purpose(_SIGNS, frozenset({CLIENT, MAIL, DOCUMENT})),
    "encrypt": Purpose(_TAKES, frozenset({CLIENT, MAIL, DOCUMENT})),
    "open": Purpose(_TAKES, frozenset({CLIENT, MAIL, DOCUMENT})),
    "view": Purpose(_SIGNS, frozenset({CLIENT, MAIL, DOCUMENT}), strict=False),
    "time-stamp": Purpose(_SIGNS, frozenset({STAMPING}), named=True),
}


def serves(certificate: Certificate, purpose: Purpose) -> bool:
    """Whether a person's certificate says that it is for this; one that says nothing is for nothing."""
    usage = certificate.extension(x509.KeyUsage)
    if usage is None or not isinstance(usage.value, x509.KeyUsage):
        return False
    if not any(getattr(usage.value, name) for name in purpose.usages):
        return False
    if purpose.named:
        return extended_of(certificate) == purpose.extended
    return _extended_allows(certificate, purpose.extended)


def extended_of(certificate: Certificate) -> frozenset[str] | None:
    """The extended usages that it names; None where it has no such extension."""
    found = certificate.extension(x509.ExtendedKeyUsage)
    if found is None or not isinstance(found.value, x509.ExtendedKeyUsage):
        return None
    return frozenset(one.dotted_string for one in found.value)


def authority_serves(certificate: Certificate, purpose: Purpose) -> bool:
    """Whether a CA certificate leaves the purpose open; most name no extended usage at all."""
    return _extended_allows(certificate, purpose.extended)


def _extended_allows(certificate: Certificate, wanted: frozenset[str]) -> bool:
    named = extended_of(certificate)
    return named is None or ANY_USAGE in named or bool(named & wanted)
