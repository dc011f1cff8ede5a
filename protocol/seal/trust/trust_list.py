"""The trust list: whose certificates the provinces recognise (CA 互认), signed, versioned (SPEC 24.1).

Owns its form, its signatures, and which of two lists counts. A list names those who may sign the next one,
so that a node which has one needs nobody's word for another. Must not know how it came, nor what time it is.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from protocol import canonical, limits
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
from protocol.seal.trust import algorithms, certificate
from protocol.seal.trust.algorithms import AlgorithmName
from protocol.seal.trust.certificate import Certificate
from protocol.words import Id, KeyText, Millis

DOMAIN = "trust-list/v1"
"""The domain tag under which a list is signed and digested."""

Address = Annotated[str, Meta(pattern=r"^https?://[!-~]+$(?!\n)", max_length=limits.ADDRESS_CHARS_MAX)]
Oid = Annotated[str, Meta(pattern=r"^[0-2](\.(0|[1-9][0-9]{0,19})){1,20}$(?!\n)")]
Name = Annotated[str, Meta(min_length=1, max_length=limits.NAME_CHARS_MAX)]
Der = Annotated[bytes, Meta(min_length=1, max_length=limits.CERTIFICATE_BYTES_MAX)]


class Authority(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One recognised CA: what of it counts, and from when to when (ms, the end not included).

    `policies`: a person's certificate names at least one of them; with none listed no policy is asked for.
    `crl` and `ocsp`: where evidence on revocation is to be had; what a certificate itself says is no
    reason to go anywhere.
    """

    id: Id
    name: Name
    province: Id
    roots: Annotated[tuple[Der, ...], Meta(min_length=1, max_length=limits.TRUST_ROOTS_PER_CA_MAX)]
    algorithms: Annotated[tuple[AlgorithmName, ...], Meta(min_length=1)]
    policies: Annotated[tuple[Oid, ...], Meta(max_length=limits.TRUST_POLICIES_PER_CA_MAX)]
    crl: Annotated[tuple[Address, ...], Meta(max_length=limits.TRUST_ADDRESSES_PER_CA_MAX)]
    ocsp: Annotated[tuple[Address, ...], Meta(max_length=limits.TRUST_ADDRESSES_PER_CA_MAX)]
    valid_from: Millis
    valid_until: Millis


class Signers(Struct, frozen=True, forbid_unknown_fields=True):
    """Who signs: `needed` of `keys`."""

    keys: Annotated[tuple[KeyText, ...], Meta(min_length=1, max_length=limits.TRUST_SIGNERS_MAX)]
    needed: Annotated[int, Meta(ge=1, le=limits.TRUST_SIGNERS_MAX)]


class TrustList(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is signed. `signers` sign this list and the one that follows it; `next_by` is its end, ms."""

    v: Literal[1]
    alliance: Id
    version: Annotated[int, Meta(ge=1, le=limits.INTEGER_MAX)]
    issued_at: Millis
    next_by: Millis
    signers: Signers
    authorities: Annotated[tuple[Authority, ...], Meta(max_length=limits.TRUST_CAS_MAX)]


class ListSignature(Struct, frozen=True, forbid_unknown_fields=True):
    """One signature over the list, and the key that made it."""

    key: KeyText
    sig: KeyText


class SignedList(Struct, frozen=True, forbid_unknown_fields=True):
    """The file: a list and its signatures."""

    list: TrustList
    signatures: Annotated[tuple[ListSignature, ...], Meta(max_length=2 * limits.TRUST_SIGNERS_MAX)]


class Trusted(Struct, frozen=True):
    """A list whose signatures hold, with its digest and each authority's roots read."""

    list: TrustList
    digest: bytes
    signed_by: tuple[str, ...]
    roots: tuple[tuple[Authority, Certificate], ...]


def signed_bytes(trust_list: TrustList) -> bytes:
    """What its signers sign: the tag of `trust-list/v1` (32 bytes) and the canonical list."""
    return canonical.tag(DOMAIN) + canonical.encode(trust_list)


def digest(trust_list: TrustList) -> bytes:
    """The digest that names a list, 32 bytes: SHA-256 of what its signers sign."""
    return canonical.sha256(signed_bytes(trust_list))


def read(raw: bytes, pinned: Signers | None = None) -> Trusted | Refusal:
    """A list from its file, once its own signers have signed it.

    Args:
      raw: the canonical bytes of a `SignedList`.
      pinned: whose word the reader takes, known from elsewhere; without it the list vouches for itself.

    Returns:
      Refusal: `TrustListMalformed`, `TrustListUnsigned`, `TrustListForeign`.
    """
    try:
        signed = canonical.decode(raw, SignedList, limits.TRUST_LIST_BYTES_MAX)
    except canonical.NotCanonical as error:
        return refuse("TrustListMalformed", why=str(error)[:200])
    wrong = _wrong(signed.list)
    if wrong:
        return refuse("TrustListMalformed", why=wrong)
    roots = []
    for authority in signed.list.authorities:
        for one in authority.roots:
            root = certificate.read(one)
            if isinstance(root, Refusal):
                return refuse("TrustListMalformed", why=f"{authority.id}: a root that cannot be read")
            roots.append((authority, root))
    by = signed_by(signed)
    if not _enough(signed.list.signers, by):
        return refuse("TrustListUnsigned", version=signed.list.version, needed=signed.list.signers.needed)
    if pinned is not None and not _enough(pinned, by):
        return refuse("TrustListForeign", alliance=signed.list.alliance, version=signed.list.version)
    return Trusted(signed.list, digest(signed.list), by, tuple(roots))


def follow(held: Trusted, raw: bytes) -> Trusted | Refusal:
    """Which list a node goes by that holds one and is shown another: `held` itself, or the newer.

    A newer list is signed by the signers that the held one names, besides its own: only they hand on.

    Returns:
      Refusal: as `read`; `TrustListForeign` of another alliance or not signed by the held one's signers,
        `TrustListOlder` for a lower version, `TrustListForked` for another list of the same version.
    """
    shown = read(raw)
    if isinstance(shown, Refusal):
        return shown
    offered, own = shown.list, held.list
    if offered.alliance != own.alliance:
        return refuse("TrustListForeign", alliance=offered.alliance, version=offered.version)
    if offered.version < own.version:
        return refuse("TrustListOlder", given=offered.version, held=own.version)
    if offered.version == own.version:
        return held if shown.digest == held.digest else refuse("TrustListForked", version=own.version)
    if not _enough(own.signers, shown.signed_by) or offered.issued_at < own.issued_at:
        return refuse("TrustListForeign", alliance=offered.alliance, version=offered.version)
    return shown


def signed_by(signed: SignedList) -> tuple[str, ...]:
    """The keys that signed a list, each once, in order; signatures that do not hold are passed over."""
    message = signed_bytes(signed.list)
    holding = (one.key for one in signed.signatures if _holds(one, message))
    return tuple(dict.fromkeys(holding))


def _holds(one: ListSignature, message: bytes) -> bool:
    """Whether a signature is its key's: Ed25519, or an algorithm that authorities sign by (24.2)."""
    if signing.is_key(one.key):
        return signing.verify(one.key, message, one.sig)
    key, made = algorithms.tagged_key(one.key), algorithms.untagged(one.sig)
    if key is None or made is None or made[0] != key[0]:
        return False
    return algorithms.verify(key[0], key[1], message, made[1])


def _is_key(text: str) -> bool:
    return signing.is_key(text) or algorithms.tagged_key(text) is not None


def _enough(signers: Signers, by: tuple[str, ...]) -> bool:
    return len(set(signers.keys) & set(by)) >= signers.needed


def _wrong(trust_list: TrustList) -> str:
    """What the form cannot say of a list and is wrong in this one; empty where nothing is."""
    signers = trust_list.signers
    if len(set(signers.keys)) != len(signers.keys) or signers.needed > len(signers.keys):
        return "signers named twice, or more needed than there are"
    if not all(_is_key(key) for key in signers.keys):
        return "a signer's key that is none"
    if trust_list.next_by <= trust_list.issued_at:
        return "next_by is not after issued_at"
    ids = [authority.id for authority in trust_list.authorities]
    if ids != sorted(set(ids)):
        return "authorities not in order of their ids, each once"
    for authority in trust_list.authorities:
        if authority.valid_until <= authority.valid_from:
            return f"{authority.id}: valid_until is not after valid_from"
        for name in ("roots", "policies", "crl", "ocsp"):
            listed = getattr(authority, name)
            if len(set(listed)) != len(listed):
                return f"{authority.id}: something stands twice in {name}"
        known = [name for name in algorithms.ALGORITHMS if name in authority.algorithms]
        if list(authority.algorithms) != known:
            return f"{authority.id}: algorithms not in the order of SPEC 24.2, each once"
    return ""


def encode(signed: SignedList) -> bytes:
    """The file's bytes.

    Raises:
      NotCanonical: outside the canonical subset.
    """
    return canonical.encode(signed)


def plain(authority: Authority) -> dict[str, object]:
    """An authority as people are shown it: everything but its roots' bytes."""
    told: dict[str, object] = msgspec.to_builtins(authority)
    return {**told, "roots": len(authority.roots)}
