"""Name constraints: for which names a CA may speak (RFC 5280 4.2.1.10).

Owns comparing a certificate's names with the subtrees of the CAs above it: directory names, host names and
mail addresses. A constraint on names of another kind is not understood here and refuses the whole chain.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from protocol.seal.trust.certificate import Certificate

_UNDERSTOOD: Final = (x509.DirectoryName, x509.DNSName, x509.RFC822Name)
_BLANKS: Final = re.compile(r"\s+")


class NotUnderstood(ValueError):
    """A constraint on names of a kind that is not compared here."""


def allowed(certificate: Certificate, constraints: Iterable[x509.NameConstraints]) -> bool:
    """Whether every name of the certificate is one that all of the constraints leave.

    Raises:
      NotUnderstood: one of them is of another kind.
    """
    names = _names(certificate)
    for one in constraints:
        permitted, excluded = one.permitted_subtrees or (), one.excluded_subtrees or ()
        for tree in (*permitted, *excluded):
            if not isinstance(tree, _UNDERSTOOD):
                raise NotUnderstood(type(tree).__name__)
        for name in names:
            of_kind = [tree for tree in permitted if type(tree) is type(name)]
            if of_kind and not any(_is_within(name, tree) for tree in of_kind):
                return False
            if any(_is_within(name, tree) for tree in excluded if type(tree) is type(name)):
                return False
    return True


def _names(certificate: Certificate) -> list[x509.GeneralName]:
    """The subject, its mail addresses, and all other names of the kinds that are compared."""
    subject = certificate.parsed.subject
    found: list[x509.GeneralName] = [x509.DirectoryName(subject)] if list(subject) else []
    found += [
        x509.RFC822Name(str(one.value))
        for one in subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
        if str(one.value).isascii()
    ]
    other = certificate.extension(x509.SubjectAlternativeName)
    if other is not None and isinstance(other.value, x509.SubjectAlternativeName):
        found += [name for name in other.value if isinstance(name, _UNDERSTOOD)]
    return found


def _is_within(name: x509.GeneralName, tree: x509.GeneralName) -> bool:
    if isinstance(name, x509.DirectoryName) and isinstance(tree, x509.DirectoryName):
        above = _parts(tree.value)
        return _parts(name.value)[: len(above)] == above
    host, under = str(name.value).lower(), str(tree.value).lower()
    if isinstance(name, x509.RFC822Name):
        domain = host.rpartition("@")[2]
        if "@" in under:
            return host == under
        return domain.endswith(under) if under.startswith(".") else domain == under
    return not under or host == under or host.endswith("." + under.removeprefix("."))


def _parts(name: x509.Name) -> list[frozenset[tuple[str, str]]]:
    """Each relative name as pairs of type and value, values as RFC 5280 7.1 compares them."""
    return [
        frozenset((one.oid.dotted_string, _prepared(str(one.value))) for one in relative)
        for relative in name.rdns
    ]


def _prepared(value: str) -> str:
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", value)).strip().casefold()
