"""What is shown of a stage's review and of how it turned (rules version 3, SPEC 16 and 17).

Part of `project`: every text passes `visibility.allowed`, every part of the record `visibility.shows`.
Whoever is shown the desk's review alone (the tenderee, whose it is under GOV_PROC) sees its items and marks.
"""

from collections.abc import Iterable, Iterator

from protocol.commands_review import ItemRef, Mark
from protocol.hidden import CorrectedScores, Deduction, Disclosed, Field
from protocol.plan.conduct import conduct_of, grounds_of
from protocol.plan.plan import Plan
from protocol.plan.review import review_of
from protocol.projection import visibility
from protocol.session.phases import RULES
from protocol.session.review import standing
from protocol.session.review.state import Clarification, Vote
from protocol.session.state import State, Track
from protocol.views_review import (
    AbnormalView,
    BallotView,
    BlindCheckView,
    ClarificationView,
    CorrectedView,
    DrawingView,
    ExplainedView,
    ItemOfBid,
    MarkView,
    ReviewItemView,
    ReviewView,
    StageTurnsView,
    VoteView,
)
from protocol.words import Role


class _Reader:
    """Who looks at a stage, and the texts of it that the table shows to them."""

    def __init__(self, state: State, disclosed: Disclosed, role: Role, track: Track) -> None:
        self.role = role
        self._disclosed = disclosed
        fields: tuple[Field, ...] = (
            "reason",
            "question",
            "reply",
            "blind_findings",
            "price_correction",
            "deduction",
        )
        self._shown = {one: visibility.allowed(state, one, role, track) for one in fields}

    def text(self, field: Field, digest: bytes) -> str | None:
        """A text that somebody wrote; None where it is hidden, unknown here, or there is none."""
        if not digest or not self._shown[field]:
            return None
        found: str | None = self._disclosed.get_value(digest)
        return found

    def share(self, digest: bytes) -> str | None:
        """A confirmed share of small businesses, per cent."""
        if not self._shown["deduction"]:
            return None
        found: Deduction | None = self._disclosed.get_value(digest, Deduction)
        return None if found is None else found.share

    def raw(self, field: Field, digest: bytes) -> str | None:
        """The canonical JSON of a value."""
        if not self._shown[field] or digest not in self._disclosed:
            return None
        return self._disclosed[digest].value


def drawings(track: Track) -> tuple[DrawingView, ...]:
    """How far the draws of rates are; who has committed stands in the record for everybody at the opening."""
    return tuple(
        DrawingView(
            rate, one.candidates, one.round, one.attempt, tuple(sorted(one.commitments)),
            tuple(sorted(one.randoms)),
        )
        for rate, one in sorted(track.turns.k_draws.items())
    )  # fmt: skip


def review_of_stage(
    state: State, disclosed: Disclosed, role: Role, plan: Plan | None, track: Track
) -> ReviewView | None:
    """A stage's review; None before its items are published, and to roles that are shown none of it."""
    whole = visibility.shows("review", role)
    if not track.review.published or not (whole or visibility.shows("desk_review", role)):
        return None
    reader = _Reader(state, disclosed, role, track)
    review = track.review
    items = [item for item in review.items if whole or item.by == "desk"]
    if not items and not whole:
        return None
    names = {item.item for item in items}
    marks = {
        bidder: {item: _marks(reader, given) for item, given in row.items() if item in names}
        for bidder, row in review.marks.items()
        if not names.isdisjoint(row)
    }
    return ReviewView(
        items=tuple(_items(plan, state, items)),
        home=standing.home(track),
        left=standing.left(track),
        going_on=standing.going_on(track),
        competition=whole and standing.competition_open(state, track),
        answer_ms=review.answer_ms,
        vote_ms=review.vote_ms,
        marks=marks,
        blind_checks={
            bidder: BlindCheckView(one.result, one.by, reader.text("blind_findings", one.findings))
            for bidder, one in review.blind_checks.items()
            if whole
        },
        clarifications=tuple(_asked(reader, one) for one in review.clarifications if whole),
        votes=tuple(_vote(reader, one) for one in review.votes.values() if whole),
        secret=plan is not None and review_of(plan.review, state.regime).ballot == "secret",
        withheld=_withheld(track),
        brands=review.brands,
        shares={bidder: reader.share(digest) for bidder, digest in review.deductions.items()},
    )


def _withheld(track: Track) -> tuple[str, ...]:
    """Bidders whose blind part experts are not shown, in the order of the opening."""
    if not track.review.blind:
        return ()
    shown = standing.shown_blind(track)
    return tuple(bid.bidder for bid in track.bids if bid.bidder not in shown)


def _items(plan: Plan | None, state: State, items: Iterable[ItemRef]) -> Iterator[ReviewItemView]:
    planned = {} if plan is None else {one.id: one for one in review_of(plan.review, state.regime).items}
    for item in items:
        words = planned.get(item.item)
        zh, en = ("", "") if words is None else (words.zh, words.en)
        yield ReviewItemView(item.item, item.part, item.by, item.ground, zh, en)


def _marks(reader: _Reader, given: dict[str, Mark]) -> dict[str, MarkView]:
    return {seat: MarkView(one.mark, reader.text("reason", one.reason)) for seat, one in given.items()}


def _asked(reader: _Reader, one: Clarification) -> ClarificationView:
    corrects = one.purpose == "correction"
    return ClarificationView(
        number=one.number,
        seat=one.seat,
        bidder=one.bidder,
        purpose=one.purpose,
        due_at=one.due_at,
        answered=one.answered,
        refused=one.refused,
        result=one.result,
        question=None if corrects else reader.text("question", one.question),
        correction=reader.raw("price_correction", one.question) if corrects else None,
        reply=reader.text("reply", one.reply),
    )


def _vote(reader: _Reader, one: Vote) -> VoteView:
    return VoteView(
        seat=one.seat,
        bidder=one.bidder,
        ground=one.ground,
        due_at=one.due_at,
        closed=one.closed,
        rejected=one.rejected,
        ballots={
            seat: BallotView(ballot.choice, reader.text("reason", ballot.reason))
            for seat, ballot in one.ballots.items()
        },
        reason=reader.text("reason", one.reason),
        sealed=tuple(sorted(one.sealed)),
    )


def turns_of_stage(
    state: State, disclosed: Disclosed, role: Role, plan: Plan | None, track: Track
) -> StageTurnsView | None:
    """How a stage has turned; None to roles that are not shown it, and under versions without such turns."""
    if "BeginRecheck" not in RULES[state.rules_version].grown or not visibility.shows("turns", role):
        return None
    turns = track.turns
    values = visibility.allowed(state, "corrected_scores", role, track)
    read = visibility.allowed(state, "explanation", role, track)
    corrections = []
    for one in turns.corrections:
        found: CorrectedScores | None = disclosed.get_value(one.digest, CorrectedScores) if values else None
        items = tuple(ItemOfBid(item.bidder, item.criterion) for item in one.items)
        corrections.append(
            CorrectedView(one.seat, one.ground, items, None if found is None else found.scores)
        )
    conduct = None if plan is None else conduct_of(plan.conduct)
    return StageTurnsView(
        rechecks=turns.rechecks,
        ground=turns.ground,
        grounds=() if conduct is None else grounds_of(state.regime, conduct),
        corrections=tuple(corrections),
        abnormal=tuple(
            AbnormalView(one.seat, one.bidder, one.criterion, one.by, one.found) for one in turns.abnormal
        ),
        asked_time=turns.asked_time,
        added_ms=turns.added_ms,
        scoring_until=_scoring_until(state, track),
        failure=turns.failure,
        passing=turns.passing,
        explanations="" if conduct is None else conduct.explanations,
        decided=turns.decided,
        explained=tuple(
            ExplainedView(
                one.seat, one.bidder, one.criterion, disclosed.get_value(one.digest) if read else None
            )
            for one in turns.explained
        ),
    )


def _scoring_until(state: State, track: Track) -> int:
    """When the time for scoring is over, ms; 0 where none is set, or the stage is not being scored."""
    if track.phase != "DETAILED" or state.scoring_ms == 0:
        return 0
    return track.entered_at + state.scoring_ms + track.turns.added_ms
