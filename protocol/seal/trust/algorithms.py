"""The algorithms that count, and no other: our own allow-list on all that an authority signs.

Owns: names, the exact bytes of each algorithm's identifier (RFC 3279, 4055, 5758; GM/T 0006 and 0015 for
SM2 with SM3), which keys are strong enough, and checking one signature. A verifier that is given a chain
takes what its library takes, and libraries still take SHA-1 and short keys; here an identifier is allowed
by comparing its bytes, so that no parameter can say anything unforeseen.
"""

import base64
import binascii
from typing import Final, Literal, get_args

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from msgspec import Struct

from protocol import limits
from protocol.seal import sm2
from protocol.seal.trust import der

AlgorithmName = Literal[
    "rsa-sha256", "rsa-sha384", "rsa-sha512", "rsa-pss-sha256", "rsa-pss-sha384", "rsa-pss-sha512",
    "ecdsa-p256-sha256", "ecdsa-p384-sha384", "sm2-sm3",
]  # fmt: skip
"""How something is signed; a trust list allows each authority some of these."""

KeyKind = Literal["rsa", "p256", "p384", "sm2"]

ALGORITHMS: Final[tuple[AlgorithmName, ...]] = get_args(AlgorithmName)


class PublicKey(Struct, frozen=True):
    """A key that is allowed: its kind and its SubjectPublicKeyInfo, DER."""

    kind: KeyKind
    spki: bytes


class NotAllowed(Struct, frozen=True):
    """What was found instead, for people: an object identifier, or a kind of key with its length."""

    found: str


class Forged(Struct, frozen=True):
    """A signature that is not the key's."""


_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_HASH_OIDS: Final = {
    "sha256": "608648016503040201",
    "sha384": "608648016503040202",
    "sha512": "608648016503040203",
}
_NULL: Final = b"\x05\x00"


def _identifier(oid: str, parameters: bytes = b"") -> bytes:
    """An AlgorithmIdentifier: the object identifier's content in hex, and its parameters."""
    return der.encode(der.SEQUENCE, der.encode(der.OBJECT, bytes.fromhex(oid)) + parameters)


def _pss(digest: str, parameters: bytes) -> bytes:
    """RSASSA-PSS as it is allowed: one hash throughout, a salt of its length, the trailer by default."""
    hashed = _identifier(_HASH_OIDS[digest], parameters)
    generator = _identifier("2a864886f70d010108", hashed)
    salt = der.encode(der.INTEGER, bytes((_HASHES[digest].digest_size,)))
    content = der.encode(0xA0, hashed) + der.encode(0xA1, generator) + der.encode(0xA2, salt)
    return _identifier("2a864886f70d01010a", der.encode(der.SEQUENCE, content))


IDENTIFIERS: Final[dict[AlgorithmName, tuple[bytes, ...]]] = {
    "rsa-sha256": (_identifier("2a864886f70d01010b", _NULL),),
    "rsa-sha384": (_identifier("2a864886f70d01010c", _NULL),),
    "rsa-sha512": (_identifier("2a864886f70d01010d", _NULL),),
    "rsa-pss-sha256": (_pss("sha256", _NULL), _pss("sha256", b"")),
    "rsa-pss-sha384": (_pss("sha384", _NULL), _pss("sha384", b"")),
    "rsa-pss-sha512": (_pss("sha512", _NULL), _pss("sha512", b"")),
    "ecdsa-p256-sha256": (_identifier("2a8648ce3d040302"),),
    "ecdsa-p384-sha384": (_identifier("2a8648ce3d040303"),),
    "sm2-sm3": (_identifier("2a811ccf55018375"), _identifier("2a811ccf55018375", _NULL)),
}
"""Each algorithm's identifier, DER; where standards leave two forms, both, the one that we write first."""

_NAMES: Final = {raw: name for name, forms in IDENTIFIERS.items() for raw in forms}

KEY_IDENTIFIERS: Final[dict[KeyKind, bytes]] = {
    "rsa": _identifier("2a864886f70d010101", _NULL),
    "p256": _identifier("2a8648ce3d0201", bytes.fromhex("06082a8648ce3d030107")),
    "p384": _identifier("2a8648ce3d0201", bytes.fromhex("06052b81040022")),
    "sm2": _identifier("2a8648ce3d0201", bytes.fromhex("06082a811ccf5501822d")),
}
"""Each kind of key's identifier, DER: a curve by its name alone, never by its parameters."""

_KINDS: Final = {raw: kind for kind, raw in KEY_IDENTIFIERS.items()}


def key_kind(algorithm: AlgorithmName) -> KeyKind:
    """The kind of key that signs so."""
    if algorithm.startswith("rsa"):
        return "rsa"
    if algorithm == "sm2-sm3":
        return "sm2"
    return "p256" if algorithm == "ecdsa-p256-sha256" else "p384"


def algorithm_of(identifier: bytes) -> AlgorithmName | NotAllowed:
    """The algorithm of an AlgorithmIdentifier, DER, or what it says instead."""
    name = _NAMES.get(bytes(identifier))
    return name if name is not None else NotAllowed(_dotted(identifier))


def key_of(spki: bytes) -> PublicKey | NotAllowed:
    """The key of a SubjectPublicKeyInfo, DER, if it is one of a kind and a length that count."""
    try:
        parts = der.within(spki)
    except der.NotDer:
        return NotAllowed("?")
    kind = _KINDS.get(parts[0].raw) if len(parts) == 2 else None
    if kind is None:
        return NotAllowed(_dotted(parts[0].raw) if parts else "?")
    unreadable = NotAllowed(f"{kind}, no key of it")
    if kind == "sm2":
        return PublicKey(kind, spki) if sm2.is_public(spki) else unreadable
    try:
        key = serialization.load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        return unreadable
    if isinstance(key, rsa.RSAPublicKey):
        strong = limits.RSA_BITS_MIN <= key.key_size <= limits.RSA_BITS_MAX
        odd = key.public_numbers().e
        if not strong or odd < 65_537 or odd % 2 == 0:
            return NotAllowed(f"RSA {key.key_size}, e = {odd}")
    return PublicKey(kind, spki)


def fault(
    identifier: bytes, signed: bytes, signature: bytes, spki: bytes, allowed: tuple[AlgorithmName, ...]
) -> NotAllowed | Forged | None:
    """What is wrong with a signature; None where it holds.

    Args:
      identifier: the signature's AlgorithmIdentifier, DER.
      signed: what is signed.
      signature: as it stands in the certificate, revocation list or answer.
      spki: the signer's SubjectPublicKeyInfo, DER.
      allowed: what the trust list allows the authority.
    """
    algorithm = algorithm_of(identifier)
    if isinstance(algorithm, NotAllowed):
        return algorithm
    if algorithm not in allowed:
        return NotAllowed(algorithm)
    key = key_of(spki)
    if isinstance(key, NotAllowed):
        return key
    return None if verify(algorithm, key, signed, signature) else Forged()


def verify(algorithm: AlgorithmName, key: PublicKey, message: bytes, signature: bytes) -> bool:
    """Whether the signature over the message is the key's; a key of another kind has made none."""
    if key_kind(algorithm) != key.kind:
        return False
    if key.kind == "sm2":
        return sm2.verify(key.spki, message, signature)
    digest = _HASHES[algorithm.rpartition("-")[2]]
    public = serialization.load_der_public_key(key.spki)
    try:
        if isinstance(public, rsa.RSAPublicKey):
            if algorithm.startswith("rsa-pss"):
                salted = padding.PSS(padding.MGF1(digest), digest.digest_size)
                public.verify(signature, message, salted, digest)
            else:
                public.verify(signature, message, padding.PKCS1v15(), digest)
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, message, ec.ECDSA(digest))
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


def untagged(text: str) -> tuple[AlgorithmName, bytes] | None:
    """Algorithm and bytes of a tagged key or signature; None for what is none, in its one spelling."""
    tag, _, rest = text.partition(":")
    try:
        raw = base64.b64decode(rest, validate=True)
    except binascii.Error:
        return None
    for name in ALGORITHMS:
        if name == tag and base64.b64encode(raw).decode() == rest:
            return name, raw
    return None


def tagged_key(text: str) -> tuple[AlgorithmName, PublicKey] | None:
    """A public key with how it signs in front, `sm2-sm3:<SubjectPublicKeyInfo>`; None for what is none.

    A key has one spelling, so that nobody counts twice: its identifier is ours, its point is written out.
    """
    made = untagged(text)
    key = None if made is None else key_of(made[1])
    if made is None or not isinstance(key, PublicKey) or key_kind(made[0]) != key.kind:
        return None
    if key.kind != "sm2" and _written(key.spki) != key.spki:
        return None
    return made[0], key


def _written(spki: bytes) -> bytes:
    """A key as it is written anew, DER."""
    return serialization.load_der_public_key(spki).public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _dotted(identifier: bytes) -> str:
    """The object identifiers of an AlgorithmIdentifier, dotted, for people; `?` where there is none."""
    try:
        parts = der.within(identifier)
    except der.NotDer:
        return "?"
    told = [_oid(part.content) for part in parts if part.tag == der.OBJECT and part.content]
    return " ".join(told) or "?"


def _oid(content: bytes) -> str:
    first = min(content[0] // 40, 2)
    numbers, value = [first, content[0] - 40 * first], 0
    for byte in content[1:]:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            numbers.append(value)
            value = 0
    return ".".join(str(number) for number in numbers)
