"""The allow-table: which role may see which field, from which phase on. Hidden by default.

A field or part that has no row for a role is not shown to it, ever. What has once been
shown stays shown. A row may reach one province only: who a person is, is for those who watch
in that person's province, and in the main venue's, since the project's place supervises. A
venue's node may hold what the roles seated there may see, and nothing else. The table is
data; every projection and every hand-over of disclosures goes through it. Sources: 招标投标法
37, 38, 44 (secrecy of the committee and of the evaluation); 12号令 13 (scores alone); 355号
八, 十, 十二 (supervision of the whole process, by the project's place); 发改办法规〔2025〕807号
(least use of what is known of experts).
"""
# tidy: long because the whole allow-table stands in one place

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from protocol.hidden import Disclosed, Field
from protocol.reading import Shelf
from protocol.session.ceremony import reading as ceremony
from protocol.session.live import roll_calls
from protocol.session.oversight import reading as oversight
from protocol.session.phases import SESSION_ORDER, STAGE_ORDER
from protocol.session.recognition import accepting
from protocol.session.review import standing
from protocol.session.state import State, Track
from protocol.words import Role


class From(Struct, frozen=True):
    """Shown from a phase on: of the session's track, or of the stage that the field is of.

    With the reach `province`, only in the province that the value is of, and in the main venue's.
    """

    scope: Literal["session", "stage"]
    phase: str
    reach: Literal["everywhere", "province"] = "everywhere"


class Hidden(Struct, frozen=True):
    """A hidden value that a state names: its field, digest, stage, and the province that it is of."""

    field: Field
    digest: bytes
    track: Track | None = None
    province: str = ""


def _session(phase: str, *roles: Role) -> dict[Role, From]:
    return dict.fromkeys(roles, From("session", phase))


def _province(phase: str, *roles: Role) -> dict[Role, From]:
    return dict.fromkeys(roles, From("session", phase, "province"))


def _stage(phase: str, *roles: Role) -> dict[Role, From]:
    return dict.fromkeys(roles, From("stage", phase))


FIELDS: dict[Field, dict[Role, From]] = {
    "plan": {
        **_session("BOOKED", "agent"),
        **_session("DRAWN", "tenderee", "supervisor", "bidder"),
        **_session("CHECKIN", "witness", "expert"),
    },
    "person": {**_session("CHECKIN", "agent"), **_province("CHECKIN", "supervisor", "witness")},
    "certificate": {**_session("SIGNING", "agent"), **_province("SIGNING", "supervisor", "witness")},
    "delegation": {**_session("CHECKIN", "agent"), **_province("CHECKIN", "supervisor", "witness")},
    "committee_source": {**_session("DRAWN", "agent"), **_province("DRAWN", "supervisor")},
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
    "draw_share": _session("CHECKIN", "agent", "witness", "supervisor"),
    "pool": _session("CHECKIN", "agent", "witness", "supervisor"),
    "parties": {**_session("BOOKED", "agent"), **_province("CHECKIN", "supervisor")},
    "facts": _province("CHECKIN", "supervisor"),
    "blind_findings": {**_stage("OPENED", "agent", "supervisor"), **_stage("SUMMARY", "expert")},
    "reason": _stage("OPENED", "agent", "expert", "supervisor"),
    "question": _stage("PRELIM", "agent", "expert", "supervisor", "bidder"),
    "reply": _stage("PRELIM", "agent", "expert", "supervisor", "bidder"),
    "price_correction": {
        **_stage("PRELIM", "agent", "supervisor", "bidder"),
        **_stage("SUMMARY", "expert"),
    },
    "deduction": {**_stage("OPENED", "agent", "tenderee", "supervisor"), **_stage("SUMMARY", "expert")},
    "corrected_scores": _stage("SUMMARY", "agent", "expert", "supervisor"),
    "explanation": _stage("SUMMARY", "agent", "expert", "supervisor"),
    "dissent": _session("SIGNING", "agent", "expert", "tenderee", "supervisor"),
    "intervention": {
        **_session("BOOKED", "agent"),
        **_province("BOOKED", "supervisor", "witness", "keeper", "expert", "tenderee"),
    },
    "intervention_answer": {
        **_session("BOOKED", "agent"),
        **_province("BOOKED", "supervisor", "witness", "keeper", "expert", "tenderee"),
    },
    "roll_call": _session("CHECKIN", "agent", "witness", "supervisor"),
    "statement": _session("DRAWN", "agent", "tenderee", "witness", "supervisor"),
    "objection": _stage("OPENING", "agent", "tenderee", "witness", "supervisor", "bidder"),
    "bid_release": _stage("BIDDERS_RELEASE", "agent", "tenderee", "witness", "supervisor"),
    "sheet_escrow": _stage("DETAILED", "agent", "expert", "witness", "supervisor", "custodian"),
    "escrow_release": _stage("SCORES_SEALED", "agent", "expert", "witness", "supervisor"),
    "custody_release": _stage("CUSTODIANS_RELEASE", "agent", "tenderee", "witness", "supervisor"),
}
"""Hidden field → role → from when. A release is boxes: who holds one learns nothing without a venue's key.

Bidders know the plan from the tender document (招标投标法 19), the opening record from the opening (36), and
the candidates from the publication (条例 54), which DOMAIN places before the archive, and what the committee
asked of the bidder itself (条例 52). What of these a bidder's page shows is less still, of questions and
replies its own alone: see `projection.bidder`.
"""

SHELVES: dict[Shelf, dict[Role, From]] = {
    "tender": {
        **_session("BOOKED", "agent"),
        **_session("DRAWN", "tenderee", "supervisor"),
        **_session("CHECKIN", "expert"),
    },
    "blind": {**_stage("PRELIM", "expert"), **_stage("SUMMARY", "agent", "tenderee", "supervisor")},
    "evidence": {**_stage("PRELIM", "expert"), **_stage("SUMMARY", "agent", "tenderee", "supervisor")},
    "bid": {**_stage("OPENED", "agent", "tenderee", "supervisor"), **_stage("SUMMARY", "expert")},
}
"""Documents at a venue: shelf → role → from when (SPEC 14.2); an expert reads as a member only."""

Part = Literal[
    "venues", "seats", "bids", "sheets", "awaited", "acts", "milestones", "refusals", "progress", "validity",
    "evaluation", "observations", "alerts", "review", "desk_review", "turns", "committee", "suspension",
    "signing", "draw", "ceremony", "interventions",
]  # fmt: skip
"""`progress`: how many sheets are sealed of how many. `validity`: which bids passed the preliminary review.
`evaluation`: the tally as a whole, with every member's deviations. `review`: members' marks, votes and
questions; `desk_review`: what the purchaser's desk reviews. `turns`: rechecks and time asked for.
`ceremony`: who is awaited at an opening and has released, never what. `milestones`: of them a bidder is
shown few, see `projection.cosigned`."""

_INSIDE: frozenset[Role] = frozenset({"agent", "tenderee", "expert", "witness", "supervisor"})
"""Whoever has a seat in the room where it is judged."""

PARTS: dict[Part, frozenset[Role]] = {
    "venues": frozenset({"agent", "tenderee", "expert", "witness", "supervisor", "keeper"}),
    "seats": frozenset({"agent", "expert", "witness", "supervisor", "keeper"}),
    "bids": frozenset({"agent", "tenderee", "expert", "witness", "supervisor", "bidder"}),
    "sheets": frozenset({"agent", "expert", "witness", "supervisor", "keeper"}),
    "awaited": frozenset({"agent", "tenderee", "expert", "witness", "supervisor", "keeper"}),
    "acts": frozenset({"agent", "expert", "tenderee", "witness", "supervisor"}),
    "milestones": _INSIDE | {"bidder", "keeper"},
    "refusals": frozenset({"supervisor", "witness", "agent"}),
    "progress": _INSIDE | {"keeper"},
    "validity": _INSIDE,
    "evaluation": _INSIDE,
    "observations": frozenset({"supervisor", "witness"}),
    "alerts": frozenset({"supervisor", "witness"}),
    "review": frozenset({"agent", "expert", "witness", "supervisor"}),
    "desk_review": _INSIDE,
    "turns": frozenset({"agent", "expert", "witness", "supervisor"}),
    "committee": _INSIDE | {"keeper"},
    "suspension": _INSIDE | {"keeper"},
    "signing": _INSIDE,
    "draw": frozenset({"agent", "tenderee", "witness", "supervisor"}),
    "ceremony": _INSIDE | {"bidder", "keeper"},
    "interventions": _INSIDE | {"keeper"},
}
"""Parts of the public record that a role's page shows; a bidder never sees the committee.

What a witness notes is for the other witnesses and for supervisors: it might tell an expert what
is thought of another, and the agent is one of those observed (南华: a witness reports clues). What members
mark and how they vote is kept from the tenderee while they judge (招标投标法 38: nobody may interfere).
"""

ADDRESSED_ONLY: frozenset[Role] = frozenset({"expert", "tenderee"})
"""Roles that are shown only interventions put to them, and not whose they are (招标投标法 38)."""

WORDS_ADDRESSED_ONLY: frozenset[Role] = ADDRESSED_ONLY | {"keeper"}
"""Roles that are shown the words of those alone."""

OVERSIGHT_LINES = frozenset({"Intervene", "AnswerIntervention", "NoteAnswerOverdue"})

IN_COUNTS: frozenset[Role] = frozenset({"supervisor"})
"""Roles that are shown seats outside their reach as counts alone."""

BIDDER_LINES = frozenset(
    {
        "ImportOpening", "ReadOut", "SignOpeningRecord", "DrawK", "ReachMilestone", "SubmitReport",
        "ArchiveSession", "BeginDrawK", "CommitK", "RevealK", "RestartDrawK", "RaiseObjection",
        "AnswerObjection", "BeginOpening", "ReceiveBids", "ReleaseBid", "CloseRelease", "ReleaseCustody",
        "ReportDecryption", "OpenBids", "RecordBidFailure",
    }
)  # fmt: skip
"""The kinds of entry that a bidder is told of; of all others only that they exist."""


def _from(order: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """Phase → itself and those after it on the main line: whoever has been in one of them has passed it."""
    return {phase: frozenset(order[place:]) for place, phase in enumerate(order)}


_SESSION_FROM, _STAGE_FROM = _from(SESSION_ORDER), _from(STAGE_ORDER)


def allowed(
    state: State, field: Field, role: Role, track: Track | None = None, *, of: str = "", to: str = ""
) -> bool:
    """Whether a role may see a hidden field of the session (or of a stage) now.

    Args:
      state: the session.
      field: the field.
      role: who looks.
      track: the stage that the value is of, where it is of one.
      of: the province that the value is of, where its row reaches one province only.
      to: the province of whoever looks.
    """
    row = FIELDS[field].get(role)
    if row is None or (field == "bidder_name" and state.names_hidden):
        return False
    if row.reach == "province" and not reaches(state, of, to):
        return False
    return _passed(row, state, track)


def reaches(state: State, of: str, to: str) -> bool:
    """Whether what is of one province is shown in another: in its own, and in the main venue's."""
    return to != "" and to in (of, host_province(state))


def host_province(state: State) -> str:
    """The main venue's province, where the project is; empty while no venue is known."""
    return next((venue.province for venue in state.venues.values() if venue.role == "main"), "")


def province_of(state: State, seat: str) -> str:
    """The province where a seat stands; empty for one that stands nowhere yet."""
    found = state.seats.get(seat)
    venue = None if found is None else state.venues.get(found.venue)
    return "" if venue is None else venue.province


def opens(state: State, shelf: Shelf, role: Role) -> From | None:
    """From when a role may read a shelf of documents; None where it never may."""
    return None if shelf == "bid" and state.names_hidden else SHELVES[shelf].get(role)


def readable(state: State, shelf: Shelf, role: Role, track: Track | None = None) -> bool:
    """Whether a role may read a shelf of documents now; `track` is the stage that the documents are of."""
    row = opens(state, shelf, role)
    return row is not None and _passed(row, state, track)


def withheld(shelf: Shelf, code: str, role: Role, track: Track | None) -> bool:
    """Whether a document is kept from experts because its bid's blind part is not clean (SPEC 14.2, 16.1).

    Args:
      shelf: where the document stands; only blind parts are withheld.
      code: the bid's neutral code, empty where the document is of no bid.
      role: who would read.
      track: the stage that the document is of.
    """
    if shelf != "blind" or role != "expert" or track is None or not track.review.blind or not code:
        return False
    shown = standing.shown_blind(track)
    return all(bid.code != code or bid.bidder not in shown for bid in track.bids)


def shows(part: Part, role: Role) -> bool:
    """Whether a role's page has a part of the public record at all."""
    return role in PARTS[part]


def line_shown(type_: str, role: Role) -> bool:
    """Whether a role is told what kind of entry one is, or only that there is one."""
    if role == "bidder":
        return type_ in BIDDER_LINES
    if type_ == "NoteRefusal":
        return shows("refusals", role)
    if type_ in ("NoteObservation", "AcceptWitnessRecord"):
        return shows("observations", role)
    if type_ in OVERSIGHT_LINES:
        return shows("interventions", role) and role not in ADDRESSED_ONLY
    return True


def digests(state: State) -> Iterator[Hidden]:
    """Every hidden value that the state names."""
    yield Hidden("plan", state.plan)
    for seat in state.seats.values():
        if seat.person:
            yield Hidden("person", seat.person, province=province_of(state, seat.seat))
    for seat_id, paper in state.signatures.signed.items():
        yield Hidden("certificate", paper.certificate, province=province_of(state, seat_id))
    for delegated in state.identity.delegated.values():
        yield Hidden("delegation", delegated.evidence, province=province_of(state, delegated.seat))
    for track in state.tracks.values():
        for bid in track.bids:
            yield Hidden("bidder_name", bid.name, track)
            yield Hidden("price", bid.price, track)
            yield Hidden("quantities", bid.quantities, track)
        for sheet in track.sheets.values():
            yield Hidden("sheet", sheet.commitment, track)
        if track.tally:
            yield Hidden("tally", track.tally, track)
        yield from _of_review(track)
        for kind in ("opening", "preliminary"):
            source = state.sources.get(f"{kind}:{track.name}")
            if source is not None:
                field: Field = "opening_source" if kind == "opening" else "preliminary_source"
                yield Hidden(field, source, track)
    yield from _of_turns(state)
    yield from (Hidden(*one) for one in ceremony.hidden(state))
    yield from (Hidden(*one) for one in oversight.hidden(state))
    yield from (Hidden(*one) for one in roll_calls.hidden(state))
    if state.report:
        yield Hidden("report", state.report)
    if "committee" in state.sources:
        yield Hidden("committee_source", state.sources["committee"], province=host_province(state))
    for one in state.observations:
        if one.remark:
            yield Hidden("remark", one.remark)
    for digest in accepting.remarks(state):
        yield Hidden("remark", digest)
    yield from _of_draw(state)


def _of_draw(state: State) -> Iterator[Hidden]:
    """The hidden values of a draw; facts of an expert are of the expert's province."""
    drawn = state.drawn
    for commitment in drawn.commitments.values():
        yield Hidden("draw_share", commitment)
    if drawn.frozen is not None:
        yield Hidden("pool", drawn.frozen.pool)
        yield Hidden("parties", drawn.frozen.sieved_by, province=host_province(state))
    for remark in drawn.remarks:
        yield Hidden("remark", remark)
    for taken in drawn.taken.values():
        yield Hidden("facts", taken.leaf.facts, province=taken.leaf.province)


def _of_review(track: Track) -> Iterator[Hidden]:
    review = track.review
    for row in review.marks.values():
        for given in row.values():
            yield from (Hidden("reason", one.reason, track) for one in given.values() if one.reason)
    yield from (Hidden("reason", digest, track) for digest in review.withdrawn)
    yield from (Hidden("statement", digest, track) for digest in review.statements)
    yield from (Hidden("blind_findings", digest, track) for digest in review.looked_before)
    for digest in (*review.deductions.values(), *review.deducted_before):
        yield Hidden("deduction", digest, track)
    for check in review.blind_checks.values():
        if check.findings:
            yield Hidden("blind_findings", check.findings, track)
    for asked in review.clarifications:
        yield Hidden(
            "price_correction" if asked.purpose == "correction" else "question", asked.question, track
        )
        if asked.reply:
            yield Hidden("reply", asked.reply, track)
    for vote in review.votes.values():
        yield Hidden("reason", vote.reason, track)
        yield from (Hidden("reason", one.reason, track) for one in vote.ballots.values() if one.reason)


def _of_turns(state: State) -> Iterator[Hidden]:
    """What people wrote and corrected in the lawful turns; nothing of a void committee's round."""
    turns = state.turns
    for track in state.tracks.values():
        for drawing in track.turns.k_draws.values():
            yield from (Hidden("statement", digest, track) for digest in drawing.restarts)
        for correction in track.turns.corrections:
            yield Hidden("corrected_scores", correction.digest, track)
        for explained in track.turns.explained:
            yield Hidden("explanation", explained.digest, track)
        for objection in track.turns.objections:
            yield Hidden("objection", objection.objection, track)
            if objection.answer:
                yield Hidden("objection", objection.answer, track)
    for dissents in (turns.dissents, *(one.dissents for one in turns.reevaluations)):
        yield from (Hidden("dissent", dissent) for dissent in dissents.values())
    yield from (Hidden("report", one.report) for one in turns.reevaluations if one.report)
    if turns.suspension is not None:
        yield Hidden("statement", turns.suspension.statement)
    for statement in (*turns.statements, *turns.deemed.values()):
        yield Hidden("statement", statement)


def releasable(state: State, disclosed: Disclosed, roles: frozenset[Role], province: str) -> Disclosed:
    """The disclosures that a node seating these roles may hold now, by field, role, phase and province.

    Args:
      state: the session.
      disclosed: everything there is.
      roles: who sits at the node.
      province: where the node stands; empty before any venue is known.
    """
    may: dict[tuple[str, int, str], bool] = {}
    found = []
    for one in digests(state):
        kind = (one.field, id(one.track), one.province)
        known = may.get(kind)
        if known is None:
            known = may[kind] = any(
                allowed(state, one.field, role, one.track, of=one.province, to=province) for role in roles
            )
        if known:
            found.append(one.digest)
    return disclosed.only(found)


def _passed(row: From, state: State, track: Track | None) -> bool:
    """Whether the session (or the stage) has ever been in a row's phase or one after it on the main line."""
    if row.scope == "session":
        return not _SESSION_FROM[row.phase].isdisjoint(state.path)
    return track is not None and not _STAGE_FROM[row.phase].isdisjoint(track.path)
