"""What went otherwise than straight on (特殊情形): rechecks, explanations, suspensions, drawn rates, dissent.

Owns putting the record's acts into plain rows. What people wrote stands as they wrote it, None where it is not
disclosed here. Points are texts with two decimals at most. Must not know words or pages. Source: SPEC 17;
条例 44, 48, 53; 12号令 27, 43; 87号令 43, 49, 61, 64.
"""

from collections.abc import Iterator

from msgspec import Struct

from main_venue.report.happened import Happening, at_ms, of, said
from protocol import events_turns as ev
from protocol.hidden import CorrectedScores, Disclosed, Opening
from protocol.plan.stages import points_text
from protocol.session.state import State, Track
from protocol.session.turns.sheets import laid_over


class RecheckFacts(Struct, frozen=True):
    """A recheck: what for, who began it."""

    number: int
    ground: str
    seat: str
    at_ms: int


class ItemCorrected(Struct, frozen=True):
    """One item that a member corrected on their own sheet; points are None where not disclosed."""

    seat: str
    bidder: str
    criterion: str
    ground: str
    before: str | None
    after: str | None
    at_ms: int


class AbnormalFacts(Struct, frozen=True):
    """Points that members hold abnormal; `found` once more than half do."""

    seat: str
    bidder: str
    criterion: str
    by: tuple[str, ...]
    found: bool


class ExplainedFacts(Struct, frozen=True):
    """A member's written explanation of own points; an empty criterion: of all together."""

    seat: str
    bidder: str
    criterion: str
    explanation: str | None


class RateFacts(Struct, frozen=True):
    """A rate drawn by all who watch: `value` is empty before it is; `restarts` are (withheld, why)."""

    rate: str
    candidates: tuple[str, ...]
    attempt: int
    parties: tuple[str, ...]
    value: str
    at_ms: int
    restarts: tuple[tuple[tuple[str, ...], str | None], ...]


class ObjectionFacts(Struct, frozen=True):
    """An objection at the opening and what was answered on the spot."""

    number: int
    bidder: str
    objection: str | None
    answer: str | None
    raised_ms: int
    answered_ms: int


class MoreTime(Struct, frozen=True):
    """More time given because members asked for it."""

    at_ms: int
    seat: str
    asked: tuple[str, ...]
    added_ms: int


class StageTurnsFacts(Struct, frozen=True, kw_only=True):
    """Of one stage in its present round; `tallies_set_aside` counts them."""

    rechecks: tuple[RecheckFacts, ...]
    corrected: tuple[ItemCorrected, ...]
    abnormal: tuple[AbnormalFacts, ...]
    explained: tuple[ExplainedFacts, ...]
    tallies_set_aside: int
    rates: tuple[RateFacts, ...]
    objections: tuple[ObjectionFacts, ...]
    more_time: tuple[MoreTime, ...]
    passing: tuple[str, ...]
    failure: str
    failure_statement: str | None


class SuspensionFacts(Struct, frozen=True, kw_only=True):
    """A suspension by the coordinator's clock; `author_ms` is the author's. `reconfirmed` are seats."""

    phase: str
    reason: str
    statement: str | None
    seat: str
    at_ms: int
    author_ms: int
    limit_ms: int
    resumed_ms: int
    suspended_ms: int
    resumed: bool
    reconfirmed: tuple[str, ...]
    size: int
    root: str


class DissentFacts(Struct, frozen=True):
    """A member's dissent with its reasons."""

    seat: str
    at_ms: int
    dissent: str | None


class DeemedFacts(Struct, frozen=True):
    """A member deemed to agree: whether it refused to sign, and the committee's record of it."""

    seat: str
    at_ms: int
    refused: bool
    statement: str | None


class SessionTurnsFacts(Struct, frozen=True):
    """Of the whole session; dissents and deemed agreements are those of the report at hand."""

    suspensions: tuple[SuspensionFacts, ...]
    dissents: tuple[DissentFacts, ...]
    refused: tuple[str, ...]
    deemed: tuple[DeemedFacts, ...]


def session_turns(
    state: State, disclosed: Disclosed, happened: tuple[Happening, ...]
) -> SessionTurnsFacts:  # fmt: skip
    """Suspensions, and how members answered to the report otherwise than by signing."""
    turns = state.turns
    return SessionTurnsFacts(
        suspensions=tuple(_suspensions(disclosed, happened)),
        dissents=tuple(
            DissentFacts(seat, at_ms(happened, ev.DissentRecorded, seat=seat), said(disclosed, digest))
            for seat, digest in sorted(turns.dissents.items())
        ),
        refused=tuple(sorted(turns.refused)),
        deemed=tuple(
            DeemedFacts(
                seat, at_ms(happened, ev.AgreementDeemed, seat=seat), seat in turns.refused,
                said(disclosed, digest),
            )
            for seat, digest in sorted(turns.deemed.items())
        ),
    )  # fmt: skip


def stage_turns(track: Track, disclosed: Disclosed, happened: tuple[Happening, ...]) -> StageTurnsFacts:
    """The turns that one stage took in its present round."""
    stage = {"lot": track.lot, "envelope": track.envelope}
    here = tuple(of(happened, *_IN_ROUND, **stage, round=track.round))
    turns = track.turns
    failed = next(of(here, ev.StageFailed), None)
    return StageTurnsFacts(
        rechecks=tuple(
            RecheckFacts(one.event.number, one.event.ground, one.event.seat, one.at_ms)
            for one in of(here, ev.RecheckBegun)
        ),
        corrected=tuple(_corrected(track, disclosed, here)),
        abnormal=tuple(
            AbnormalFacts(one.seat, one.bidder, one.criterion, one.by, one.found) for one in turns.abnormal
        ),
        explained=tuple(
            ExplainedFacts(one.seat, one.bidder, one.criterion, said(disclosed, one.digest))
            for one in turns.explained
        ),
        tallies_set_aside=len(turns.aside),
        rates=tuple(_rates(track, disclosed, tuple(of(happened, *_OF_RATES, **stage)))),
        objections=tuple(_objections(track, disclosed, tuple(of(happened, *_OF_OBJECTIONS, **stage)))),
        more_time=tuple(
            MoreTime(one.at_ms, one.event.seat, one.event.seats, one.event.added_ms)
            for one in of(here, ev.TimeExtended)
        ),
        passing=turns.passing,
        failure=turns.failure,
        failure_statement="" if failed is None else said(disclosed, failed.event.statement),
    )  # fmt: skip


_IN_ROUND = (ev.RecheckBegun, ev.ItemCorrected, ev.TimeExtended, ev.StageFailed)
_OF_RATES = (ev.KDrawBegun, ev.KRevealed, ev.KDrawRestarted)
_OF_OBJECTIONS = (ev.ObjectionRaised, ev.ObjectionAnswered)


def _corrected(track: Track, disclosed: Disclosed, here: tuple[Happening, ...]) -> Iterator[ItemCorrected]:
    """Item by item, each held against the sheet as it counted before."""
    sheets: dict[str, dict[str, dict[str, int]] | None] = {}
    for one in of(here, ev.ItemCorrected):
        event = one.event
        if event.seat not in sheets:
            sheet = track.sheets.get(event.seat)
            opening = None if sheet is None else disclosed.get_value(sheet.commitment, Opening)
            sheets[event.seat] = None if opening is None else opening.scores
        now: CorrectedScores | None = disclosed.get_value(event.correction, CorrectedScores)
        was = sheets[event.seat]
        for item in event.items:
            yield ItemCorrected(
                event.seat, item.bidder, item.criterion, event.ground,
                None if was is None else points_text(was[item.bidder][item.criterion]),
                None if now is None else points_text(now.scores[item.bidder][item.criterion]),
                one.at_ms,
            )  # fmt: skip
        sheets[event.seat] = None if was is None or now is None else laid_over(was, now.scores)


def _rates(track: Track, disclosed: Disclosed, here: tuple[Happening, ...]) -> Iterator[RateFacts]:
    for rate, one in track.turns.k_draws.items():
        value = track.draws.get(rate, "")
        again = tuple(
            (event.event.withheld, said(disclosed, event.event.statement))
            for event in of(here, ev.KDrawRestarted, rate=rate)
        )
        yield RateFacts(
            rate, one.candidates, one.attempt, tuple(sorted(one.randoms)), value,
            at_ms(here, ev.KRevealed, rate=rate) if value else 0, again,
        )  # fmt: skip


def _objections(track: Track, disclosed: Disclosed, here: tuple[Happening, ...]) -> Iterator[ObjectionFacts]:
    for number, one in enumerate(track.turns.objections, 1):
        yield ObjectionFacts(
            number, one.bidder, said(disclosed, one.objection), said(disclosed, one.answer),
            at_ms(here, ev.ObjectionRaised, number=number), at_ms(here, ev.ObjectionAnswered, number=number),
        )  # fmt: skip


def _suspensions(disclosed: Disclosed, happened: tuple[Happening, ...]) -> Iterator[SuspensionFacts]:
    """Each with what ended it: resumed, or a void committee, or failure."""
    ends = (ev.SessionResumed, ev.CommitteeVoided, ev.SessionFailed)
    for begun in of(happened, ev.SessionSuspended):
        event = begun.event
        later = tuple(one for one in happened if one.seq > begun.seq)
        end = next(of(later, *ends), None)
        resumed = end is not None and isinstance(end.event, ev.SessionResumed)
        until = later if end is None else tuple(one for one in later if one.seq < end.seq)
        yield SuspensionFacts(
            phase=event.phase,
            reason=event.reason,
            statement=said(disclosed, event.statement),
            seat=event.seat,
            at_ms=begun.at_ms,
            author_ms=event.author_at,
            limit_ms=event.limit_ms,
            resumed_ms=end.at_ms if end is not None and resumed else 0,
            suspended_ms=end.at_ms - begun.at_ms if end is not None else 0,
            resumed=resumed,
            reconfirmed=tuple(one.event.seat for one in of(until, ev.SeatReconfirmed)),
            size=event.size,
            root=event.root.hex(),
        )
