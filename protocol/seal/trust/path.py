"""The way from a certificate to a root of the list, and the rules that every certificate on it keeps.

Owns finding the ways there are and judging one of them at a moment (RFC 5280 6.1), revocation aside. Ways
are found by names and key identifiers alone; whether the signatures hold is one of the rules, so that what
is refused is named: a weak algorithm, a forged signature, a certificate that may issue none.
"""

import itertools
from collections.abc import Iterator
from typing import Final

from cryptography import x509

from protocol import limits
from protocol.refusals import Refusal, refuse
from protocol.seal.trust import algorithms, moment, names, purposes
from protocol.seal.trust.algorithms import NotAllowed
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.purposes import Purpose
from protocol.seal.trust.trust_list import Authority, Trusted

Path = tuple[Certificate, ...]
"""A certificate, those between, and the root, in this order."""

ANY_POLICY: Final = "2.5.29.32.0"

UNDERSTOOD: Final = frozenset(
    {"2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.17", "2.5.29.18", "2.5.29.30", "2.5.29.32"}
    | {"2.5.29.31", "2.5.29.35", "2.5.29.14", "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.48.1.5"}
)
"""Extensions that may be critical: constraints, usages, names, policies, addresses, key identifiers."""


def ways(
    leaf: Certificate, others: tuple[Certificate, ...], trusted: Trusted
) -> Iterator[tuple[Path, Authority]]:
    """The ways from a certificate to roots of the list, each with the authority whose root it is.

    At most `CHAIN_PATHS_MAX`, none longer than two over `CHAIN_CERTIFICATES_MAX`: what is too long is found,
    so that it can be refused as that.
    """
    steps = itertools.islice(_climb((leaf,), others, trusted), limits.CHAIN_STEPS_MAX)
    return itertools.islice((step for step in steps if step is not None), limits.CHAIN_PATHS_MAX)


def fault(path: Path, authority: Authority, at: int, purpose: Purpose) -> Refusal | None:
    """The first rule that a way breaks at a moment; None where it keeps them all."""
    if not authority.valid_from <= at < authority.valid_until:
        return refuse("CaNotInForce", ca=authority.id, name=authority.name)
    found = _algorithms(path, authority) or _signatures(path, authority) or _issuers(path)
    if found is not None:
        return found
    for one in path:
        if at < one.begins:
            return refuse("CertificateNotYet", subject=one.shown, at=moment.text(one.begins))
        if at > one.ends:
            return refuse("CertificateExpired", subject=one.shown, at=moment.text(one.ends))
    return _extensions(path) or _names(path) or _policies(path, authority) or _purpose(path, purpose)


def signature_fault(certificate: Certificate, issuer: Certificate, authority: Authority) -> Refusal | None:
    """What is wrong with the issuer's signature of a certificate; None where it holds."""
    found = algorithms.fault(
        certificate.identifier, certificate.signed, certificate.signature, issuer.spki, authority.algorithms
    )
    if isinstance(found, NotAllowed):
        return _not_allowed(certificate, found)
    return None if found is None else refuse("CertificateForged", subject=certificate.shown)


def key_fault(certificate: Certificate, authority: Authority) -> Refusal | None:
    """Whether the certificate's own key is of a kind that the authority may certify; None where it is."""
    key = algorithms.key_of(certificate.spki)
    if isinstance(key, NotAllowed):
        return _not_allowed(certificate, key)
    if key.kind not in {algorithms.key_kind(name) for name in authority.algorithms}:
        return _not_allowed(certificate, NotAllowed(key.kind))
    return None


def usage_of(certificate: Certificate) -> x509.KeyUsage | None:
    """Its key usage, if it says any."""
    found = certificate.extension(x509.KeyUsage)
    return found.value if found is not None and isinstance(found.value, x509.KeyUsage) else None


def is_ca(certificate: Certificate) -> bool:
    """Whether it says that it is a CA's."""
    found = certificate.extension(x509.BasicConstraints)
    return found is not None and isinstance(found.value, x509.BasicConstraints) and found.value.ca


def unknown_critical(extensions: x509.Extensions, understood: frozenset[str]) -> str:
    """The first critical extension that is not understood, dotted; empty where there is none."""
    for one in extensions:
        if one.critical and one.oid.dotted_string not in understood:
            return str(one.oid.dotted_string)
    return ""


# --- finding ------------------------------------------------------------------------------------------------


def _climb(
    path: Path, others: tuple[Certificate, ...], trusted: Trusted
) -> Iterator[tuple[Path, Authority] | None]:
    """Ways to a root, and None for each step on the way, so that whoever asks can stop in a thicket."""
    yield None
    last = path[-1]
    for authority, root in trusted.roots:
        if _may_have_issued(root, last) and root not in path:
            yield (*path, root), authority
    if len(path) > limits.CHAIN_CERTIFICATES_MAX:
        return
    for one in others:
        if one not in path and _may_have_issued(one, last):
            yield from _climb((*path, one), others, trusted)


def _may_have_issued(issuer: Certificate, certificate: Certificate) -> bool:
    """Whether name and key identifier of one fit what the other says of its issuer."""
    if certificate.parsed.issuer != issuer.parsed.subject:
        return False
    said = certificate.extension(x509.AuthorityKeyIdentifier)
    own = issuer.extension(x509.SubjectKeyIdentifier)
    if said is None or own is None:
        return True
    assert isinstance(said.value, x509.AuthorityKeyIdentifier)
    assert isinstance(own.value, x509.SubjectKeyIdentifier)
    return said.value.key_identifier in {None, own.value.digest}


# --- the rules, each over a whole way -----------------------------------------------------------------------


def _algorithms(path: Path, authority: Authority) -> Refusal | None:
    """Every certificate, the root too, is signed by what is allowed and has a key that is."""
    for one in reversed(path):
        algorithm = algorithms.algorithm_of(one.identifier)
        if isinstance(algorithm, NotAllowed):
            return _not_allowed(one, algorithm)
        if algorithm not in authority.algorithms:
            return _not_allowed(one, NotAllowed(algorithm))
        found = key_fault(one, authority)
        if found is not None:
            return found
    return None


def _signatures(path: Path, authority: Authority) -> Refusal | None:
    """Each is signed by the next; the root is vouched for by the list."""
    for one, issuer in reversed(list(itertools.pairwise(path))):
        found = signature_fault(one, issuer, authority)
        if found is not None:
            return found
    return None


def _issuers(path: Path) -> Refusal | None:
    """Whoever issued one is a CA, may sign certificates, and has no more below it than it may."""
    for one in reversed(path[1:]):
        usage = usage_of(one)
        if not is_ca(one) or usage is None or not usage.key_cert_sign:
            return refuse("NotACa", subject=one.shown)
    for below in range(len(path) - 1, 0, -1):
        one = path[below]
        # Of those between, the ones whose subject is their issuer do not count (RFC 5280 4.2.1.9).
        between = [each for each in path[1:below] if each.parsed.subject != each.parsed.issuer]
        constraint = one.extension(x509.BasicConstraints)
        assert constraint is not None
        assert isinstance(constraint.value, x509.BasicConstraints)
        most = constraint.value.path_length
        if most is not None and len(between) > most:
            return refuse("ChainTooLong", subject=one.shown, limit=most)
    if len(path) > limits.CHAIN_CERTIFICATES_MAX:
        return refuse("ChainTooLong", subject=path[-1].shown, limit=limits.CHAIN_CERTIFICATES_MAX - 2)
    return None


def _extensions(path: Path) -> Refusal | None:
    """No critical extension is passed over because it is not understood."""
    for one in path:
        unknown = unknown_critical(one.parsed.extensions, UNDERSTOOD)
        if unknown:
            return refuse("ExtensionUnknown", subject=one.shown, extension=unknown)
    return None


def _names(path: Path) -> Refusal | None:
    """Each name is one that every CA above it may speak for."""
    above: list[x509.NameConstraints] = []
    for one in reversed(path):
        try:
            if not names.allowed(one, above):
                return refuse("NameNotAllowed", subject=one.shown)
        except names.NotUnderstood as error:
            return refuse("ExtensionUnknown", subject=one.shown, extension=f"nameConstraints {error}")
        found = one.extension(x509.NameConstraints)
        if found is not None and isinstance(found.value, x509.NameConstraints):
            above.append(found.value)
    return None


def _policies(path: Path, authority: Authority) -> Refusal | None:
    """The person's certificate names a recognised policy, and every CA below the root allows that one."""
    if not authority.policies:
        return None
    left = set(authority.policies)
    for one in path[-2:0:-1]:
        named = _policies_of(one)
        if ANY_POLICY not in named:
            left &= named
    if not left & _policies_of(path[0]):
        return refuse("PolicyMissing", subject=path[0].shown, policies=", ".join(authority.policies))
    return None


def _policies_of(certificate: Certificate) -> set[str]:
    found = certificate.extension(x509.CertificatePolicies)
    if found is None or not isinstance(found.value, x509.CertificatePolicies):
        return set()
    return {one.policy_identifier.dotted_string for one in found.value}


def _purpose(path: Path, purpose: Purpose) -> Refusal | None:
    """A person's certificate, no CA's, that says it is for this, and no CA on the way that says it is not."""
    if is_ca(path[0]):
        return refuse("IsACa", subject=path[0].shown)
    if not purposes.serves(path[0], purpose):
        return refuse("WrongPurpose", subject=path[0].shown)
    for one in path[1:]:
        if not purposes.authority_serves(one, purpose):
            return refuse("WrongPurpose", subject=one.shown)
    return None


def _not_allowed(certificate: Certificate, found: NotAllowed) -> Refusal:
    return refuse("AlgorithmNotAllowed", subject=certificate.shown, algorithm=found.found)
