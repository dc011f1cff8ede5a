"""What a page may be shown of a review and its turns (rules version 3, SPEC 15 to 17).

The nouns of `views` for the acts of version 3. Texts are None where the allow-table does not show them, or
where nothing was written; everything else stands in the public record. Times are ms since 1970 UTC on the
coordinator's clock.
"""

from msgspec import Struct


class ReviewItemView(Struct, frozen=True, forbid_unknown_fields=True):
    """One item that every bid must meet, with its words; a bid that fails it is rejected on `ground`."""

    item: str
    part: str
    by: str
    ground: str
    zh: str
    en: str


class MarkView(Struct, frozen=True, forbid_unknown_fields=True):
    """What a seat found on one item: `pass`, `minor` or `material`."""

    mark: str
    reason: str | None = None


class BlindCheckView(Struct, frozen=True, forbid_unknown_fields=True):
    """The latest look at a bid's blind part; `by` is a seat or a venue."""

    result: str
    by: str
    findings: str | None = None


class ClarificationView(Struct, frozen=True, forbid_unknown_fields=True):
    """A question to a bidder; `seat` is the member who asked, `result` empty while it is open.

    With the purpose `correction` the question is `correction`, the canonical JSON of what the price schedule
    comes to.
    """

    number: int
    seat: str
    bidder: str
    purpose: str
    due_at: int
    answered: bool
    refused: bool
    result: str
    question: str | None = None
    correction: str | None = None
    reply: str | None = None


class BallotView(Struct, frozen=True, forbid_unknown_fields=True):
    """One member's vote: `yes`, `no` or `abstain`."""

    choice: str
    reason: str | None = None


class VoteView(Struct, frozen=True, forbid_unknown_fields=True):
    """A vote on a bid and a ground; with an empty bidder that on competition. `seat` proposed it.

    `sealed` are the seats that have sealed a secret vote; `ballots` fill as those are opened.
    """

    seat: str
    bidder: str
    ground: str
    due_at: int
    closed: bool
    rejected: bool
    ballots: dict[str, BallotView]
    reason: str | None = None
    sealed: tuple[str, ...] = ()


class ReviewView(Struct, frozen=True, forbid_unknown_fields=True):
    """A stage's review: `marks` are bidder → item → seat → mark.

    `home` is PRELIM, DETAILED or SUMMARY, whatever side state the stage is in; `left` the bidders that no
    vote has rejected, `going_on` those of them that the desk has not put out either. `competition` is
    whether the vote of 12号令 27 is called for and not closed. `secret`: votes are sealed until all are in.
    `withheld` are bidders whose blind part experts are not shown; `brands` groups of bids that count as
    one; `shares` what was confirmed of small businesses, bidder → per cent, None where it is not shown.
    """

    items: tuple[ReviewItemView, ...]
    home: str
    left: tuple[str, ...]
    going_on: tuple[str, ...]
    competition: bool
    answer_ms: int
    vote_ms: int
    marks: dict[str, dict[str, dict[str, MarkView]]]
    blind_checks: dict[str, BlindCheckView]
    clarifications: tuple[ClarificationView, ...]
    votes: tuple[VoteView, ...]
    secret: bool = False
    withheld: tuple[str, ...] = ()
    brands: tuple[tuple[str, ...], ...] = ()
    shares: dict[str, str | None] = {}


class ItemOfBid(Struct, frozen=True, forbid_unknown_fields=True):
    """One scored item of one bid."""

    bidder: str
    criterion: str


class CorrectedView(Struct, frozen=True, forbid_unknown_fields=True):
    """Items of a seat's sheet that its member corrected; `scores` are the new points where allowed."""

    seat: str
    ground: str
    items: tuple[ItemOfBid, ...]
    scores: dict[str, dict[str, int]] | None = None


class AbnormalView(Struct, frozen=True, forbid_unknown_fields=True):
    """Points that members `by` hold abnormally high or low; `found` once more than half of them do."""

    seat: str
    bidder: str
    criterion: str
    by: tuple[str, ...]
    found: bool


class ExplainedView(Struct, frozen=True, forbid_unknown_fields=True):
    """A member's written explanation of their own points; an empty `criterion`: of all together."""

    seat: str
    bidder: str
    criterion: str
    text: str | None = None


class StageTurnsView(Struct, frozen=True, forbid_unknown_fields=True):
    """How a stage has turned: rechecks and what they were for, corrections, findings, time asked for.

    `grounds` are those on which points may be corrected; `asked_time` the seats that ask for more time and
    are not answered; `added_ms` what the scoring time grew by; `scoring_until` when it is over, 0 for never;
    `failure` why the stage failed; `passing` who goes on to the next envelope; `decided` the orders of equal
    bids, by the name of the rule.
    """

    rechecks: int
    ground: str
    grounds: tuple[str, ...]
    corrections: tuple[CorrectedView, ...]
    abnormal: tuple[AbnormalView, ...]
    asked_time: tuple[str, ...]
    added_ms: int
    scoring_until: int
    failure: str
    passing: tuple[str, ...]
    explanations: str
    explained: tuple[ExplainedView, ...]
    decided: dict[str, str] = {}


class DrawingView(Struct, frozen=True, forbid_unknown_fields=True):
    """A rate that is being drawn by all who watch (SPEC 17.7): seats that have committed, and revealed.

    `round` is the stage's when it began; with `attempt` and `candidates` it is what a share is bound to.
    """

    rate: str
    candidates: tuple[str, ...]
    round: int
    attempt: int
    committed: tuple[str, ...]
    revealed: tuple[str, ...]


class BallotOfChair(Struct, frozen=True, forbid_unknown_fields=True):
    """The ballot on the chair: who has voted, and of opened votes for whom (seat → candidate).

    `number` counts ballots from 1 and is 0 before the first; `candidates` are who may be elected.
    """

    number: int
    secret: bool
    voted: tuple[str, ...]
    votes: dict[str, str]
    candidates: tuple[str, ...]


class CommitteeView(Struct, frozen=True, forbid_unknown_fields=True):
    """Who sits and who leads: `recused` are seat → ground, `replaced` seat → successor.

    `drawn` is whether it was drawn here, so that members are identified before they check in; `identified`
    are those who were.
    """

    drawn: bool
    chair: str
    named: bool
    ballot: BallotOfChair
    identified: tuple[str, ...]
    recused: dict[str, str]
    replaced: dict[str, str]


class SuspensionView(Struct, frozen=True, forbid_unknown_fields=True):
    """A suspension that goes on: both clocks, the phase left, how long it may last, whom it waits for.

    `at` is the coordinator's clock, `author_at` that of `seat`, who suspended; `size` is how many entries
    were sealed; `waiting` are members who have not been looked at again.
    """

    phase: str
    reason: str
    seat: str
    venue: str
    at: int
    author_at: int
    limit_ms: int
    size: int
    waiting: tuple[str, ...]
    reconfirmed: tuple[str, ...]
    statement: str | None = None


class ObjectionView(Struct, frozen=True, forbid_unknown_fields=True):
    """An objection at the opening (开标异议); no answer yet is None, as is a text that is not shown."""

    number: int
    bidder: str
    answered: bool
    objection: str | None = None
    answer: str | None = None


class LimitsView(Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of the plan that acts carry, ms: of a suspension in this phase, of waiting for a signer."""

    suspension_ms: int
    signing_ms: int


class StratumView(Struct, frozen=True, forbid_unknown_fields=True):
    """A province and speciality of the frozen roll: how many may be drawn, how many the filter left out."""

    province: str
    speciality: str
    eligible: int
    left: int


class PartyView(Struct, frozen=True, forbid_unknown_fields=True):
    """Who gives a share of the randomness, and how far it is."""

    party: str
    province: str
    role: str
    committed: bool
    revealed: bool


class DrawView(Struct, frozen=True, forbid_unknown_fields=True):
    """The draw of experts as far as anybody may know (两随机四不知): counts and parties, no place, no person.

    `left_out` counts reasons once the roll is shown; `seed` is empty before the draw is published, `places`
    are how many seats it takes, `subs` how many sub-venues are drawn; `withheld` parties of a draw before.
    """

    draw: str
    root: bytes
    strata: tuple[StratumView, ...]
    parties: tuple[PartyView, ...]
    withheld: tuple[str, ...]
    places: int
    subs: int
    venues_drawn: bool
    drawn: bool
    seed: bytes
    left_out: dict[str, int] | None = None
    subject: bytes = b""
    """What a party's share is bound to (SPEC 15.3)."""
    seats: tuple[str, ...] = ()
    """For the agent: the seats that somebody was taken for, that whoever follows can be called."""


class VoidView(Struct, frozen=True, forbid_unknown_fields=True):
    """A committee whose conclusions are void and kept."""

    number: int
    reason: str
    roster: tuple[str, ...]
    statement: str | None = None


class SigningView(Struct, frozen=True, forbid_unknown_fields=True):
    """Who did not simply sign: `dissents` are seat → text, None where it is not shown.

    `until` is when a member who says nothing may be recorded as agreeing.
    """

    report: bytes
    until: int
    dissents: dict[str, str | None]
    refused: tuple[str, ...]
    deemed: tuple[str, ...]
