"""The case (案例): a plan together with who came, what they bid and what every member gave.

Owns: the form of a case file, versioned by `v`, and reading one. `expected` stands apart from all the rest,
so that an engine can be handed a copy without it. Must not know: how a ranking is worked out, or where
files lie.

A case file is JSON written by people: members in any order, white space free, fields with a default may be
left out. What is read is frozen and can be encoded canonically.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from protocol.plan import locate, shape
from protocol.plan.findings import Finding, errors_among, finding, with_lines
from protocol.plan.formulas import Points, Price, Title, TitleOrEmpty
from protocol.plan.plan import Plan
from protocol.plan.validate import validate_case
from protocol.words import DecimalText, Id, IdOrEmpty, Millis, MomentKind, Text, VenueRole

CASE_BYTES_MAX: Final = 8_388_608
"""Largest case file that is read."""

CASE_VERSION: Final = 1

MOMENTS_MAX: Final = 320
"""Most moments in a timetable: every kind for each of the most lots."""

PriceOrEmpty = Annotated[str, Meta(pattern=r"^((0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?)?$(?!\n)", max_length=28)]
Scores = dict[Id, Points]
"""criterion → points_centi, of one member for one bidder."""


class Source(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a case comes from, and how far it can be trusted.

    `contradicts` says where the source is at odds with itself or with this file, `partial` what it leaves
    out; both are shown beside every ranking of the case.
    """

    text: Text
    urls: tuple[Annotated[str, Meta(max_length=500)], ...] = ()
    notes: Text = ""
    contradicts: Text = ""
    partial: Text = ""


class Venue(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A place (会场); `province` is an identifier such as `anhui`."""

    id: Id
    zh: Title
    province: Id
    role: VenueRole
    en: TitleOrEmpty = ""


class Member(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A member of the committee at a venue; a reserve sits only when called in."""

    seat: Id
    venue: Id
    kind: Literal["tenderee_rep", "expert"]
    speciality: TitleOrEmpty = ""
    name: TitleOrEmpty = ""
    reserve: bool = False


class Bidder(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A bidder (投标人): `code` is the short mark that pages show, 甲 for one."""

    id: Id
    code: Annotated[str, Meta(min_length=1, max_length=8)]
    name: Title
    name_en: TitleOrEmpty = ""


class Bid(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One bid for one lot: its price in the lot's unit (empty: not known) and its other quantities."""

    lot: Id
    bidder: Id
    price: PriceOrEmpty = ""
    quantities: dict[Id, DecimalText] = {}


class Rejection(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A bid that did not pass the preliminary review (初步评审): it is not evaluated further."""

    lot: Id
    bidder: Id
    ground_zh: Text
    ground_en: Text = ""


class Unknown(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A score that the source does not tell, but which cannot be above `at_most_centi`."""

    lot: Id
    bidder: Id
    criterion: Id
    at_most_centi: Points
    why: Text


class Turn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that happens on the way in a demonstration; a plain run leaves turns out.

    `first_entry`: the seat first enters `points_centi` and corrects it later.
    `explain`: the seat explains its deviation with `text_zh`.
    """

    kind: Literal["first_entry", "explain"]
    lot: Id
    seat: Id
    bidder: Id
    criterion: Id
    points_centi: Points = 0
    text_zh: Text = ""
    text_en: Text = ""


class Moment(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A public moment of the tender: `at` is ms since 1970 UTC, an empty `lot` means every lot."""

    kind: MomentKind
    at: Millis
    lot: IdOrEmpty = ""


class DrawnSeat(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A seat to be drawn for: `place` is `main`, or `sub-1`, `sub-2` …; `speciality` the pools' own code."""

    seat: Id
    place: Id
    speciality: Id


class Drawing(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the committee is drawn (抽取) where it is not imported: from the pools, at `subs` sub-venues.

    `concerned` are those whom a member must have nothing to do with, beside the bidders; the filter looks at
    the `day` of the evaluation (`YYYY-MM-DD`). Members of the case who are experts are then only those as
    whom the drawn seats score in a demonstration.
    """

    subs: Annotated[int, Meta(ge=0, le=64)]
    day: Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)", max_length=10)]
    seats: Annotated[tuple[DrawnSeat, ...], Meta(min_length=1, max_length=31)]
    concerned: dict[Literal["tenderee", "agent", "supervisor", "authority"], Title] = {}


class ExpectedLot(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the source publishes, or what was worked out independently, for one lot.

    `ranking` holds bidders' ids, best first, as far as the source allows; `tolerance` is the largest
    difference of a total that still counts as equal.
    """

    lot: Id
    ranking: tuple[Id, ...]
    totals: dict[Id, DecimalText] = {}
    parts: dict[Id, dict[Id, DecimalText]] = {}
    """bidder → top criterion → points."""
    upper_bounds: dict[Id, DecimalText] = {}
    tolerance: Price = "0"
    mean_price: PriceOrEmpty = ""
    base_price: PriceOrEmpty = ""
    winner: IdOrEmpty = ""
    notes: Text = ""


class Expected(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that is expected of a case, apart from the case itself."""

    lots: tuple[ExpectedLot, ...]


class Case(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole case: `sheets` lot → seat → bidder → criterion → points_centi, `draws` lot → name → result.

    `timetable` stands in the tender's public notice and is no part of the plan: it judges nothing. `rules` is
    the version of the rules that a session of it is booked under; the current one where it is not given.
    With a `drawing` (rules version 3) the committee is drawn here, else it is imported. `officers` names by
    seat whoever sits there and is no member: `agent`, `tenderee`, and of each venue `witness-<venue>`,
    `supervisor-<venue>`, `keeper-<venue>`; a certificate is held against that name.
    """

    v: Literal[1]
    id: Id
    kind: Literal["real", "textbook", "fictional"]
    source: Source
    plan: Plan
    venues: tuple[Venue, ...]
    members: tuple[Member, ...]
    bidders: tuple[Bidder, ...]
    bids: tuple[Bid, ...]
    sheets: dict[Id, dict[Id, dict[Id, Scores]]]
    draws: dict[Id, dict[Id, Title]] = {}
    rejections: tuple[Rejection, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    turns: tuple[Turn, ...] = ()
    timetable: Annotated[tuple[Moment, ...], Meta(max_length=MOMENTS_MAX)] = ()
    expected: Expected | None = None
    rules: Literal["2", "3", "4"] | UnsetType = UNSET
    drawing: Drawing | UnsetType = UNSET
    officers: dict[Id, Title] | UnsetType = UNSET


def read_case(text: bytes, *, complete: bool = True) -> Case | tuple[Finding, ...]:
    """Read a case file.

    Args:
        text: the file's bytes, UTF-8 JSON, with or without a byte order mark.
        complete: whether every sheet and draw must be there, as for a ranking; a session that is still to
            be held has none.

    Returns:
        The case when nothing forbids it (`validate_case` still tells its warnings), else the findings in
        order of their lines, warnings among them.
    """
    if len(text) > CASE_BYTES_MAX:
        return (finding("TooLarge", "", size=str(len(text)), limit=str(CASE_BYTES_MAX)),)
    located = locate.parse(text)
    if isinstance(located, Finding):
        return (located,)
    wrong = _wrong_version(located.value)
    if wrong is not None:
        return with_lines((wrong,), located.lines)
    found = (*located.duplicates, *shape.check(located.value, Case))
    if found:
        return with_lines(found, located.lines)
    case = msgspec.convert(located.value, Case)
    judged = validate_case(case, text, complete=complete)
    return judged if errors_among(judged) else case


def without_expected(case: Case) -> Case:
    """Return the case as an engine may see it: without what is expected of it."""
    return msgspec.structs.replace(case, expected=None)


def _wrong_version(value: object) -> Finding | None:
    """A file of another version is not read further: its form is not ours to judge."""
    if not isinstance(value, dict) or "v" not in value:
        return None
    version = value["v"]
    if type(version) is int and version == CASE_VERSION:
        return None
    return finding("VersionUnknown", "/v", given=str(version), known=str(CASE_VERSION))
