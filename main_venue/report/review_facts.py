"""What a stage's review found (初步评审的记录): marks, votes with dissent, clarifications, corrected prices.

Owns putting the record's acts into plain rows. What people wrote stands as they wrote it, None where it is not
disclosed here. Must not know words or pages. Source: SPEC 16; 12号令 22-27, 条例 51-52, 87号令 44, 50-51, 59.
"""

from collections.abc import Iterator

from msgspec import Struct

from main_venue.report.happened import Happening, at_ms, of, said
from protocol import events_review as ev
from protocol.commands_review import Mark
from protocol.hidden import Disclosed
from protocol.methods.arithmetic_check import Correction
from protocol.plan.grounds import COMPETITION, GROUNDS, LACK_OF_COMPETITION
from protocol.session.review import standing
from protocol.session.review.state import Clarification, Vote
from protocol.session.state import State, Track, members


class ItemFacts(Struct, frozen=True):
    """An item that was reviewed: its id, part, who reviews it, the ground under which a bid fails it."""

    item: str
    part: str
    by: str
    ground: str


class MarkFacts(Struct, frozen=True):
    """A deviation that somebody marked; `seat` is `desk` for the purchaser's or agent's own."""

    bidder: str
    item: str
    seat: str
    mark: str
    reason: str | None


class BlindFacts(Struct, frozen=True):
    """The latest look at a bid's blind part."""

    bidder: str
    result: str
    findings: str | None


class BallotFacts(Struct, frozen=True):
    """One member's vote with its reason."""

    seat: str
    choice: str
    reason: str | None


class VoteFacts(Struct, frozen=True, kw_only=True):
    """A vote on one bid and ground, or with an empty bidder on the lack of competition.

    `result` is `rejected`, `kept`, or empty while it is open; `dissent` are the members on the other side.
    """

    bidder: str
    ground: str
    ground_zh: str
    proposed_by: str
    reason: str | None
    opened_ms: int
    closed_ms: int
    members: int
    yes: int
    no: int
    abstain: int
    missing: int
    result: str
    ballots: tuple[BallotFacts, ...]
    dissent: tuple[str, ...]


class DeskOut(Struct, frozen=True):
    """A bid that the desk's review put out, without a vote (87号令 44)."""

    bidder: str
    ground: str
    ground_zh: str
    reasons: tuple[str | None, ...]


class AskedFacts(Struct, frozen=True, kw_only=True):
    """A clarification; times in ms, 0 where it did not come to that. `result` is empty while it is open."""

    number: int
    bidder: str
    purpose: str
    question: str | None
    asked_by: str
    asked_ms: int
    due_ms: int
    answered_ms: int
    answer: str | None
    refused: bool
    closed_ms: int
    result: str


class StepFacts(Struct, frozen=True):
    """One step of a corrected price."""

    step: str
    line: str
    before: str
    after: str
    working: str


class CorrectedFacts(Struct, frozen=True):
    """An arithmetic correction put to a bidder: `confirmed` once it binds."""

    number: int
    bidder: str
    before: str
    after: str
    steps: tuple[StepFacts, ...]
    confirmed: bool


class ReviewFacts(Struct, frozen=True, kw_only=True):
    """One stage's review. `marks`: bidder → item → seat → mark; `prices_corrected` None: not disclosed."""

    items: tuple[ItemFacts, ...]
    marks: dict[str, dict[str, dict[str, str]]]
    deviations: tuple[MarkFacts, ...]
    blind: tuple[BlindFacts, ...]
    votes: tuple[VoteFacts, ...]
    desk_outs: tuple[DeskOut, ...]
    clarifications: tuple[AskedFacts, ...]
    corrections: tuple[CorrectedFacts, ...]


def ground_zh(code: str, regime: str) -> str:
    """A ground in words; one of another version as its code."""
    if code == COMPETITION:
        return LACK_OF_COMPETITION.zh
    found = GROUNDS[regime].get(code)  # type: ignore[index]
    return found.zh if found is not None else code


def review_facts(
    state: State, track: Track, disclosed: Disclosed, happened: tuple[Happening, ...]
) -> ReviewFacts:
    """What the present round's review of a stage found."""
    here = tuple(
        of(happened, *_KINDS, lot=track.lot, envelope=track.envelope, round=track.round)
    )  # fmt: skip
    review = track.review
    return ReviewFacts(
        items=tuple(ItemFacts(one.item, one.part, one.by, one.ground) for one in review.items),
        marks={
            bidder: {
                item: {who: mark.mark for who, mark in _counting(state, track, item, given)}
                for item, given in row.items()
            }
            for bidder, row in review.marks.items()
        },
        deviations=tuple(_deviations(state, track, disclosed)),
        blind=tuple(
            BlindFacts(bidder, one.result, said(disclosed, one.findings))
            for bidder, one in review.blind_checks.items()
        ),
        votes=tuple(_vote(state, one, disclosed, here) for one in review.votes.values()),
        desk_outs=tuple(_desk_outs(state, track, disclosed)),
        clarifications=tuple(
            _asked(one, disclosed, here) for one in review.clarifications if one.purpose != "correction"
        ),
        corrections=tuple(_corrections(track, disclosed)),
    )


_KINDS = (
    ev.ClarificationAsked, ev.ClarificationAnswered, ev.ClarificationClosed, ev.VoteOpened, ev.VoteClosed,
)  # fmt: skip


def _counting(
    state: State, track: Track, item: str, given: dict[str, Mark]
) -> Iterator[tuple[str, Mark]]:  # fmt: skip
    """The marks that count: those of members, or the desk's one."""
    desk = {one.item for one in track.review.items if one.by == "desk"}
    seats = {one.seat for one in members(state)}
    for seat, mark in sorted(given.items()):
        if item in desk:
            yield "desk", mark
        elif seat in seats:
            yield seat, mark


def _deviations(state: State, track: Track, disclosed: Disclosed) -> Iterator[MarkFacts]:
    for bid in track.bids:
        for one in track.review.items:
            given = track.review.marks.get(bid.bidder, {}).get(one.item, {})
            for who, mark in _counting(state, track, one.item, given):
                if mark.mark != "pass":
                    yield MarkFacts(bid.bidder, one.item, who, mark.mark, said(disclosed, mark.reason))


def _vote(state: State, vote: Vote, disclosed: Disclosed, here: tuple[Happening, ...]) -> VoteFacts:
    counts = standing.counts(state, vote)
    seats = {one.seat for one in members(state)}
    ballots = tuple(
        BallotFacts(seat, one.choice, said(disclosed, one.reason))
        for seat, one in sorted(vote.ballots.items())
        if seat in seats
    )
    result = "" if not vote.closed else "rejected" if vote.rejected else "kept"
    other = "no" if vote.rejected else "yes"
    named = {"bidder": vote.bidder, "ground": vote.ground}
    return VoteFacts(
        bidder=vote.bidder,
        ground=vote.ground,
        ground_zh=ground_zh(vote.ground, state.regime),
        proposed_by=vote.seat,
        reason=said(disclosed, vote.reason),
        opened_ms=at_ms(here, ev.VoteOpened, **named),
        closed_ms=at_ms(here, ev.VoteClosed, **named) if vote.closed else 0,
        members=counts["members"],
        yes=counts["yes"],
        no=counts["no"],
        abstain=counts["abstain"],
        missing=counts["members"] - counts["yes"] - counts["no"] - counts["abstain"],
        result=result,
        ballots=ballots,
        dissent=tuple(one.seat for one in ballots if vote.closed and one.choice == other),
    )


def _desk_outs(state: State, track: Track, disclosed: Disclosed) -> Iterator[DeskOut]:
    """Bids out on the desk's finding: those that are rejected on a ground that nobody voted on."""
    voted = {(one.bidder, one.ground) for one in track.review.votes.values() if one.rejected}
    desk = {one.item: one.ground for one in track.review.items if one.by == "desk"}
    for out in track.rejected:
        if (out.bidder, out.ground) in voted:
            continue
        marks = track.review.marks.get(out.bidder, {})
        reasons = tuple(
            said(disclosed, mark.reason)
            for item, given in marks.items()
            if item in desk
            for mark in given.values()
            if mark.mark == "material"
        )
        yield DeskOut(out.bidder, out.ground, ground_zh(out.ground, state.regime), reasons)


def _asked(one: Clarification, disclosed: Disclosed, here: tuple[Happening, ...]) -> AskedFacts:
    return AskedFacts(
        number=one.number,
        bidder=one.bidder,
        purpose=one.purpose,
        question=said(disclosed, one.question),
        asked_by=one.seat,
        asked_ms=at_ms(here, ev.ClarificationAsked, number=one.number),
        due_ms=one.due_at,
        answered_ms=at_ms(here, ev.ClarificationAnswered, number=one.number),
        answer=said(disclosed, one.reply),
        refused=one.refused,
        closed_ms=at_ms(here, ev.ClarificationClosed, number=one.number),
        result=one.result,
    )


def _corrections(track: Track, disclosed: Disclosed) -> Iterator[CorrectedFacts]:
    """Every correction that was put to a bidder; one whose contents are not disclosed has no prices."""
    for one in track.review.clarifications:
        if one.purpose != "correction":
            continue
        found: Correction | None = disclosed.get_value(one.question, Correction)
        confirmed = track.review.corrected.get(one.bidder) == one.question and one.result == "answered"
        if found is None:
            yield CorrectedFacts(one.number, one.bidder, "", "", (), confirmed)
            continue
        steps = tuple(
            StepFacts(step.step, step.line, step.before, step.after, step.working) for step in found.proposals
        )
        yield CorrectedFacts(
            one.number, one.bidder, found.schedule.read_out, found.corrected, steps, confirmed
        )  # fmt: skip
