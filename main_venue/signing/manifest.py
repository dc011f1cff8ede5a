"""What a prepared report says of itself (签署清单): whose signatures it awaits, which annexes belong to it.

Owns the form, its canonical bytes and its bounds. It stands in the document's catalog (ISO 32000-1, 14.5), in
bytes that every signature covers, so that nobody adds a place, takes one away or swaps an annex unseen.
Must not know how a PDF is built. Source: SPEC 29.1.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from protocol import canonical, limits
from protocol.words import Id, Millis, Term

FIELDS_MAX: Final = limits.PLACES_PER_REPORT_MAX
"""Places for signatures in one report."""
ANNEXES_MAX: Final = 32
ANNEX_BYTES_MAX: Final = 4 * 1024 * 1024
"""A dissent is a page or two."""
MANIFEST_BYTES_MAX: Final = 65_536

Role = Literal["member", "tenderee", "witness"]
ROLES: Final[dict[Role, Term]] = {
    "member": Term("评标委员会成员", "member of the committee"),
    "tenderee": Term("招标人(采购人)", "tenderee"),
    "witness": Term("见证人员", "witness"),
}

Digest = Annotated[bytes, Meta(min_length=32, max_length=32)]
Name = Annotated[str, Meta(max_length=limits.NAME_CHARS_MAX)]


class Field(Struct, frozen=True, forbid_unknown_fields=True):
    """A place for one signature: the seat, in which role it signs, who sits there (empty if not told)."""

    seat: Id
    role: Role
    person: Name = ""

    @property
    def name(self) -> str:
        """The field's name in the document, where a dot would part a name from its parent's."""
        return f"{self.role}-{self.seat}".replace(".", "_")

    @property
    def shown(self) -> str:
        """What a reader shows and speaks for it."""
        person = f" {self.person}" if self.person else ""
        return f"{ROLES[self.role].zh}{person}({self.seat})"


class Annex(Struct, frozen=True, forbid_unknown_fields=True):
    """A document that belongs to the report, a dissent for instance: its file name and SHA-256."""

    name: Name
    digest: Digest


class Bare(Struct, frozen=True, forbid_unknown_fields=True):
    """The report as it was before it was prepared: how many bytes, their SHA-256."""

    bytes: Annotated[int, Meta(ge=1, le=limits.INTEGER_MAX)]
    digest: Digest


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """All of it. `at` is the report's own date, ms: a date of making would make every copy another."""

    v: Literal[1]
    report: Bare
    fields: Annotated[tuple[Field, ...], Meta(min_length=1, max_length=FIELDS_MAX)]
    annexes: Annotated[tuple[Annex, ...], Meta(max_length=ANNEXES_MAX)]
    at: Millis

    def field(self, name: str) -> Field | None:
        """The place of that name."""
        return next((one for one in self.fields if one.name == name), None)


def encode(manifest: Manifest) -> bytes:
    """Its canonical bytes."""
    return canonical.encode(manifest)


def decode(raw: bytes) -> Manifest:
    """A manifest from its bytes.

    Raises:
      NotCanonical: it is none.
    """
    return canonical.decode(raw, Manifest, MANIFEST_BYTES_MAX)
