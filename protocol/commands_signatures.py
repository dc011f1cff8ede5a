"""The forms of what may be asked under rules version 4, group `signatures` (SPEC 29.6)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol import limits
from protocol.content import Content
from protocol.words import Hash, Id

PlaceRole = Literal["member", "tenderee", "witness"]
"""In which role somebody signs the report."""


class Place(Struct, frozen=True, forbid_unknown_fields=True):
    """A place for one signature in the prepared report."""

    seat: Id
    role: PlaceRole


class PrepareReport(Content, frozen=True, forbid_unknown_fields=True):
    """备签报告: the imported report made ready to be signed; `prepared` is its digest (SPEC 29.1)."""

    report: Hash
    prepared: Hash
    places: Annotated[tuple[Place, ...], Meta(min_length=1, max_length=limits.PLACES_PER_REPORT_MAX)]


class SignPaper(Content, frozen=True, forbid_unknown_fields=True):
    """签署报告: the author's signature by certificate, in the PDF or `beside` it.

    `before` and `after` are SHA-256 of the PDF without and with the signature and its evidence; of one
    beside, of the prepared report and of the signature's file. `certificate` is a hidden digest.
    """

    prepared: Hash
    beside: bool
    before: Hash
    after: Hash
    certificate: Hash


CONTENTS: tuple[type[Content], ...] = (PrepareReport, SignPaper)
