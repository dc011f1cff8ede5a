"""The allow-table: which role may see which field, from which phase on. Hidden by default.

A field or part that has no row for a role is not shown to it, ever. What has once been
shown stays shown. A venue's node may hold what the roles seated there may see, and nothing
else. The table is data; every projection and every hand-over of disclosures goes through
it. Sources: 招标投标法 37, 38, 44 (secrecy of the committee and of the evaluation);
12号令 13 (scores alone); 355号 八, 十二 (supervision of the whole process).
"""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from protocol.hidden import Disclosed, Field
from protocol.session.phases import SESSION_ORDER, STAGE_ORDER
from protocol.session.state import State, Track
from protocol.words import Role


class From(Struct, frozen=True):
    """Shown from a phase on: of the session's track, or of the stage that the field is of."""

    scope: Literal["session", "stage"]
    phase: str


def _session(phase: str, *roles: Role) -> dict[Role, From]:
    return dict.fromkeys(roles, From("session", phase))


def _stage(phase: str, *roles: Role) -> dict[Role, From]:
    return dict.fromkeys(roles, From("stage", phase))


FIELDS: dict[Field, dict[Role, From]] = {
    "plan": {
        **_session("BOOKED", "agent"),
        **_session("DRAWN", "tenderee", "supervisor", "bidder"),
        **_session("CHECKIN", "witness", "expert"),
    },
    "person": _session("CHECKIN", "agent", "supervisor", "witness"),
    "committee_source": _session("DRAWN", "agent", "supervisor"),
    "opening_source": _stage("OPENED", "agent", "tenderee", "supervisor", "bidder"),
    "preliminary_source": _stage("DETAILED", "agent", "supervisor"),
    "bidder_name": {
        **_stage("OPENED", "agent", "tenderee", "witness", "supervisor", "bidder"),
        **_stage("SUMMARY", "expert"),
    },
    "price": {
        **_stage("OPENED", "agent", "tenderee", "witness", "supervisor", "bidder"),
        **_stage("SUMMARY", "expert"),
    },
    "quantities": {
        **_stage("OPENED", "agent", "tenderee", "witness", "supervisor", "bidder"),
        **_stage("SUMMARY", "expert"),
    },
    "sheet": _stage("SUMMARY", "agent", "expert", "supervisor"),
    "tally": {
        **_stage("SUMMARY", "agent", "expert", "supervisor"),
        **_stage("RANKED", "tenderee", "witness"),
        **_session("ARCHIVED", "bidder"),
    },
    "report": _session("SIGNING", "agent", "expert", "tenderee", "witness", "supervisor"),
    "remark": _session("DRAWN", "witness", "supervisor"),
}
"""Hidden field → role → from when.

Bidders know the plan from the tender document (招标投标法 19), the opening record from the opening (36), and
the candidates from the publication (条例 54), which DOMAIN places before the archive. What of these a
bidder's page shows is less still: see `projection.bidder`.
"""

Part = Literal[
    "venues", "seats", "bids", "sheets", "awaited", "acts", "milestones", "refusals", "progress", "validity",
    "evaluation", "observations",
]  # fmt: skip
"""`progress`: how many sheets are sealed of how many. `validity`: which bids passed the preliminary review.
`evaluation`: the tally as a whole, with every member's deviations."""

_INSIDE: frozenset[Role] = frozenset({"agent", "tenderee", "expert", "witness", "supervisor"})
"""Whoever has a seat in the room where it is judged."""

PARTS: dict[Part, frozenset[Role]] = {
    "venues": frozenset({"agent", "tenderee", "expert", "witness", "supervisor", "keeper"}),
    "seats": frozenset({"agent", "expert", "witness", "supervisor", "keeper"}),
    "bids": frozenset({"agent", "tenderee", "expert", "witness", "supervisor", "bidder"}),
    "sheets": frozenset({"agent", "expert", "witness", "supervisor", "keeper"}),
    "awaited": frozenset({"agent", "tenderee", "expert", "witness", "supervisor", "keeper"}),
    "acts": frozenset({"agent", "expert", "tenderee", "witness", "supervisor"}),
    "milestones": frozenset({"agent", "tenderee", "expert", "witness", "supervisor"}),
    "refusals": frozenset({"supervisor", "witness", "agent"}),
    "progress": _INSIDE | {"keeper"},
    "validity": _INSIDE,
    "evaluation": _INSIDE,
    "observations": frozenset({"supervisor", "witness"}),
}
"""Parts of the public record that a role's page shows; a bidder never sees the committee.

What a witness notes is for the other witnesses and for supervisors: it might tell an expert what
is thought of another, and the agent is one of those observed (南华: a witness reports clues).
"""

BIDDER_LINES = frozenset(
    {
        "ImportOpening", "ReadOut", "SignOpeningRecord", "DrawK", "ReachMilestone", "SubmitReport",
        "ArchiveSession",
    }
)  # fmt: skip
"""The kinds of entry that a bidder is told of; of all others only that they exist."""


def allowed(state: State, field: Field, role: Role, track: Track | None = None) -> bool:
    """Whether a role may see a hidden field of the session (or of a stage) now."""
    row = FIELDS[field].get(role)
    if row is None or (field == "bidder_name" and state.names_hidden):
        return False
    if row.scope == "session":
        return _passed(SESSION_ORDER, state.path, row.phase)
    return track is not None and _passed(STAGE_ORDER, track.path, row.phase)


def shows(part: Part, role: Role) -> bool:
    """Whether a role's page has a part of the public record at all."""
    return role in PARTS[part]


def line_shown(type_: str, role: Role) -> bool:
    """Whether a role is told what kind of entry one is, or only that there is one."""
    if role == "bidder":
        return type_ in BIDDER_LINES
    if type_ == "NoteRefusal":
        return shows("refusals", role)
    if type_ == "NoteObservation":
        return shows("observations", role)
    return True


def digests(state: State) -> Iterator[tuple[Field, bytes, Track | None]]:
    """Every hidden value that the state names: its field, digest, and the stage it is of."""
    yield "plan", state.plan, None
    for seat in state.seats.values():
        if seat.person:
            yield "person", seat.person, None
    for track in state.tracks.values():
        for bid in track.bids:
            yield "bidder_name", bid.name, track
            yield "price", bid.price, track
            yield "quantities", bid.quantities, track
        for sheet in track.sheets.values():
            yield "sheet", sheet.commitment, track
        if track.tally:
            yield "tally", track.tally, track
        for kind in ("opening", "preliminary"):
            source = state.sources.get(f"{kind}:{track.name}")
            if source is not None:
                yield ("opening_source" if kind == "opening" else "preliminary_source"), source, track
    if state.report:
        yield "report", state.report, None
    if "committee" in state.sources:
        yield "committee_source", state.sources["committee"], None
    for one in state.observations:
        if one.remark:
            yield "remark", one.remark, None


def releasable(state: State, disclosed: Disclosed, roles: frozenset[Role]) -> Disclosed:
    """The disclosures that a node seating these roles may hold now, by field, role and phase."""
    may: dict[tuple[str, str], bool] = {}
    found = []
    for field, digest, track in digests(state):
        kind = (field, "" if track is None else track.name)
        if kind not in may:
            may[kind] = any(allowed(state, field, role, track) for role in roles)
        if may[kind]:
            found.append(digest)
    return disclosed.only(found)


def _passed(order: tuple[str, ...], path: tuple[str, ...], wanted: str) -> bool:
    """Whether a track has ever been in a phase or one after it on the main line."""
    return any(phase in path for phase in order[order.index(wanted) :])
