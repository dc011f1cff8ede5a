"""Rules of the group on hidden inputs, by the form of the act's content."""

from protocol import commands_review as cmd
from protocol import limits
from protocol.hidden import Deduction, Disclosed
from protocol.methods.arithmetic_check import Correction, correction
from protocol.methods.capital_amounts import NotAnAmount
from protocol.plan.case import PriceOrEmpty
from protocol.plan.numbers import number
from protocol.plan.plan import Plan
from protocol.plan.review import items_of, review_of
from protocol.plan.stages import leaves, scheme_of
from protocol.refusals import refuse
from protocol.session.asked import Checking, Findings
from protocol.session.disclosing import read, the_plan, written
from protocol.session.state import State, Track, is_last


def rates_drawn(state: State, track: Track | None, disclosed: Disclosed) -> Findings:
    """Scoring of a lot's last envelope does not begin before the rates that the plan draws are drawn."""
    assert track is not None
    if not is_last(state, track):
        return ()
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    missing = [
        rate.zh for rate in scheme_of(plan, track.lot).rates if rate.candidates and rate.id not in track.draws
    ]
    if missing:
        names = ", ".join(missing)
        return (refuse("GuardUnmet", zh=f"{names} 尚未抽取", en=f"not drawn yet: {names}"),)
    return ()


def planned(plan: Plan, lot: str, envelope: str) -> cmd.PublishItems:
    """What the agent publishes for a stage: the plan's items of this envelope, its limits, and blindness."""
    review = review_of(plan.review, plan.regime)
    first = min(scheme_of(plan, lot).envelopes, key=lambda one: one.order).id
    return cmd.PublishItems(
        items=tuple(
            cmd.ItemRef(item.id, item.part, item.by, item.ground)
            for item in items_of(review, envelope, first)
        ),
        answer_ms=review.answer_ms,
        vote_ms=review.vote_ms,
        blind=any(leaf.blind for leaf in leaves(plan, lot, envelope)),
    )


def _publish(state: State, track: Track | None, content: cmd.PublishItems, disclosed: Disclosed) -> Findings:
    assert track is not None
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    due = planned(plan, track.lot, track.envelope)
    names = ("items", "answer_ms", "vote_ms", "blind")
    return tuple(
        refuse("PlanMismatch", field=name) for name in names if getattr(content, name) != getattr(due, name)
    )


def _mark(state: State, track: Track | None, content: cmd.MarkItem, disclosed: Disclosed) -> Findings:
    return tuple(
        fault
        for mark in content.marks
        if mark.reason
        for fault in written(disclosed, "reason", mark.reason, limits.REASON_CHARS_MAX)
    )


def _blind(state: State, track: Track | None, content: cmd.CheckBlindPart, disclosed: Disclosed) -> Findings:
    if not content.findings:
        return ()
    return written(disclosed, "blind_findings", content.findings, limits.REASON_CHARS_MAX)


def _ask(state: State, track: Track | None, content: cmd.AskClarification, disclosed: Disclosed) -> Findings:
    return written(disclosed, "question", content.question, limits.REASON_CHARS_MAX)


def _answer(
    state: State, track: Track | None, content: cmd.AnswerClarification, disclosed: Disclosed
) -> Findings:
    return written(disclosed, "reply", content.answer, limits.REASON_CHARS_MAX) if content.answer else ()


def _reason(
    state: State,
    track: Track | None,
    content: cmd.ProposeRejection | cmd.VoteCompetition | cmd.CastVote | cmd.OpenVote,
    disclosed: Disclosed,
) -> Findings:
    return written(disclosed, "reason", content.reason, limits.REASON_CHARS_MAX) if content.reason else ()


def _vote(state: State, track: Track | None, content: cmd.CastVote, disclosed: Disclosed) -> Findings:
    """An open vote where the plan has votes open, with its reasons."""
    return _ballot(state, disclosed, "open") or _reason(state, track, content, disclosed)


def _secret(state: State, track: Track | None, content: cmd.CastSecretVote, disclosed: Disclosed) -> Findings:
    return _ballot(state, disclosed, "secret")


def _ballot(state: State, disclosed: Disclosed, way: str) -> Findings:
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    planned_way = review_of(plan.review, plan.regime).ballot
    if planned_way == way:
        return ()
    return (refuse("BallotSecret"),) if planned_way == "secret" else (refuse("PlanMismatch", field="ballot"),)


def _brand(state: State, track: Track | None, content: cmd.NoteSameBrand, disclosed: Disclosed) -> Findings:
    return written(disclosed, "statement", content.statement, limits.STATEMENT_CHARS_MAX)


def _share(
    state: State, track: Track | None, content: cmd.ConfirmDeduction, disclosed: Disclosed
) -> Findings:
    """A share from 0 to 100, where the plan deducts for small businesses, and what it rests on."""
    assert track is not None
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    if not scheme_of(plan, track.lot).small_business:
        return (refuse("PlanMismatch", field="small_business"),)
    found = read(disclosed, "deduction", content.deduction, Deduction)
    if isinstance(found, tuple):
        return found
    if not 0 <= number(found.share) <= 100:
        return (refuse("ShareUnfit", share=found.share),)
    if not 0 < len(found.basis) <= limits.STATEMENT_CHARS_MAX:
        return (refuse("TextLength", field="deduction", limit=limits.STATEMENT_CHARS_MAX),)
    return ()


def _correction(
    state: State, track: Track | None, content: cmd.ProposeCorrection, disclosed: Disclosed
) -> Findings:
    """The proposal is what the schedule comes to, and the schedule is of the price that was opened."""
    assert track is not None
    given = read(disclosed, "price_correction", content.correction, Correction)
    if not isinstance(given, Correction):
        return tuple(given)
    opened = next(bid.price for bid in track.bids if bid.bidder == content.bidder)
    price = read(disclosed, "price", opened, PriceOrEmpty)
    if isinstance(price, tuple):
        return price
    try:
        due = correction(given.schedule, state.regime)
    except NotAnAmount:
        return (refuse("CorrectionMismatch", bidder=content.bidder),)
    same = price and number(price) == number(given.schedule.read_out)
    if given != due or not due.proposals or not same:
        return (refuse("CorrectionMismatch", bidder=content.bidder),)
    return ()


def _conclude(
    state: State, track: Track | None, content: cmd.ConcludePreliminary, disclosed: Disclosed
) -> Findings:
    return rates_drawn(state, track, disclosed)


CHECKS: dict[type, Checking] = {
    cmd.PublishItems: _publish,
    cmd.MarkItem: _mark,
    cmd.CheckBlindPart: _blind,
    cmd.AskClarification: _ask,
    cmd.AnswerClarification: _answer,
    cmd.ProposeRejection: _reason,
    cmd.VoteCompetition: _reason,
    cmd.CastVote: _vote,
    cmd.CastSecretVote: _secret,
    cmd.OpenVote: _reason,
    cmd.NoteSameBrand: _brand,
    cmd.ConfirmDeduction: _share,
    cmd.ProposeCorrection: _correction,
    cmd.ConcludePreliminary: _conclude,
}
