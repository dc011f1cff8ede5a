"""A person of the expert pool (专家库), and the parties whom a member must have nothing to do with.

Owns the forms that the filter works on; they are disclosed by digest only (field `facts`), to the
person's own province and the main venue's. Dates are texts `YYYY-MM-DD`, so that they compare as
they stand; an empty date has no end. Sources: 26号令 (experts and their pools); 87号令 47; 财库
〔2016〕198号 16, from memory (三年内 of employment).
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol import limits
from protocol.words import Id

Name = Annotated[str, Meta(min_length=1, max_length=limits.NAME_CHARS_MAX)]
NameOrEmpty = Annotated[str, Meta(max_length=limits.NAME_CHARS_MAX)]
DateOrEmpty = Annotated[str, Meta(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$(?!\n)", max_length=10)]
Date = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)", max_length=10)]
CodeOrEmpty = Annotated[str, Meta(pattern=r"^([0-9A-Z]{18})?$(?!\n)", max_length=18)]
"""统一社会信用代码 (GB 32100), 18 characters, or nothing where it is not known."""


class Post(Struct, frozen=True, forbid_unknown_fields=True):
    """Where somebody works or worked; an empty `until` is until now."""

    employer: Name
    code: CodeOrEmpty = ""
    since: DateOrEmpty = ""
    until: DateOrEmpty = ""


class Kin(Struct, frozen=True, forbid_unknown_fields=True):
    """A near relative (近亲属), and where that person works."""

    name: NameOrEmpty
    relation: NameOrEmpty
    employer: NameOrEmpty
    code: CodeOrEmpty = ""


class Penalty(Struct, frozen=True, forbid_unknown_fields=True):
    """A penalty for conduct in tendering; an empty `until` holds for good (终身禁入)."""

    since: Date
    until: DateOrEmpty
    document: NameOrEmpty


class Leave(Struct, frozen=True, forbid_unknown_fields=True):
    """Days on which somebody cannot be called, both included."""

    since: Date
    until: Date


class Expert(Struct, frozen=True, forbid_unknown_fields=True):
    """A person of the pool of one province; `id` is the pool's own, never an identity number."""

    id: Id
    name: Name
    province: Id
    specialities: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=limits.SPECIALITIES_MAX)]
    posts: Annotated[tuple[Post, ...], Meta(max_length=limits.POSTS_MAX)]
    kin: Annotated[tuple[Kin, ...], Meta(max_length=limits.POSTS_MAX)] = ()
    penalties: Annotated[tuple[Penalty, ...], Meta(max_length=limits.POSTS_MAX)] = ()
    leaves: Annotated[tuple[Leave, ...], Meta(max_length=limits.POSTS_MAX)] = ()


PartyRole = Literal["bidder", "tenderee", "agent", "supervisor", "authority"]
"""A bidder, the tenderee, its agent, a supervising office, the project's authority (主管部门)."""


class Party(Struct, frozen=True, forbid_unknown_fields=True):
    """A party of the tender; `heads` are the names of who leads it (法定代表人, 负责人)."""

    role: PartyRole
    name: Name
    code: CodeOrEmpty = ""
    heads: Annotated[tuple[Name, ...], Meta(max_length=limits.POSTS_MAX)] = ()
