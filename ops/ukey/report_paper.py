"""Signing the report beside the browser: what a holder is shown, and which bytes may be signed (SPEC 19.7).

Owns the reading of a signature's own attributes (CMS, DER). A page brings bytes here, which it does for no
other statement: so nothing is signed but a closed set of attributes over the digest of one document, by the
holder's own certificate. That can be no sign-in, no delegation, and nobody else's signature.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from protocol import papers
from protocol.refusals import Refusal, refuse
from protocol.seal import signed_data
from protocol.seal.trust import der
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.der import NotDer
from protocol.words import Id, Term

KIND: Final = "paper"
TITLE: Final = Term("签署评标报告", "Sign the evaluation report")


def _oid(content: str) -> bytes:
    return der.encode(der.OBJECT, bytes.fromhex(content))


_CONTENT_TYPE: Final = _oid("2a864886f70d010903")
_MESSAGE_DIGEST: Final = _oid("2a864886f70d010904")
_BY_CERTIFICATE: Final = _oid("2a864886f70d010910022f")
"""Signing certificate v2 (RFC 5035): the signature is this certificate's and no other's."""
_PROTECTION: Final = _oid("2a864886f70d010934")
"""Algorithms once more, under the signature (RFC 6211)."""
_DATA: Final = frozenset({_oid("2a864886f70d010701"), signed_data.DATA})
_MUST: Final = frozenset({_CONTENT_TYPE, _MESSAGE_DIGEST})
_MAY: Final = frozenset({_BY_CERTIFICATE, _PROTECTION, signed_data.STATEMENT})


class Paper(Struct, frozen=True, forbid_unknown_fields=True):
    """The signature that a page asks for; `prepared` is the report's digest as the page shows it."""

    session: Id
    seat: Id
    prepared: Annotated[bytes, Meta(min_length=32, max_length=32)]
    question: Annotated[bytes, Meta(min_length=1, max_length=papers.QUESTION_BYTES_MAX)]


def shown(paper: Paper, own: Certificate) -> tuple[tuple[Term, str], ...] | Refusal:
    """What the holder reads before it is signed; `Malformed` where the bytes are nothing of the kind."""
    try:
        digest = _digest(paper.question, own)
    except (NotDer, ValueError) as error:
        return refuse("Malformed", why=f"attributes: {error}"[:200])
    return (
        (Term("会话", "session"), paper.session),
        (Term("席位", "seat"), paper.seat),
        (
            Term("备签报告摘要(网页所示)", "digest of the prepared report, as the page says"),
            paper.prepared.hex(),
        ),
        (Term("签署的文件数据摘要", "digest of the document's bytes that are signed"), digest.hex()),
    )


def _digest(question: bytes, own: Certificate) -> bytes:
    """The digest that the attributes are over.

    Raises:
      NotDer, ValueError: they are another set, of another content, or for another certificate.
    """
    found: dict[bytes, bytes] = {}
    for one in der.within(question, signed_data.SET):
        kind, values = der.within(one.raw)
        if kind.raw in found:
            raise ValueError("one of them stands twice")
        found[kind.raw] = der.only(values.raw, signed_data.SET).content
    if not _MUST <= found.keys() <= _MUST | _MAY:
        raise ValueError("another set")
    if found[_CONTENT_TYPE] not in _DATA:
        raise ValueError("another content")
    named = found.get(_BY_CERTIFICATE)
    if named is not None and own.fingerprint not in named:
        raise ValueError("another certificate")
    return der.only(found[_MESSAGE_DIGEST], der.OCTET_STRING).content
