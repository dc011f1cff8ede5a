"""Clarification in writing, asked by the committee only; corrections that bidders confirm (SPEC 16.2, 16.3).

Sources: 招标投标法 39; 实施条例 52 (no hint, nothing unasked); 20号令 33; 12号令 19, 21; 87号令 51, 59.
"""

from typing import Literal

from protocol import limits
from protocol.commands_review import (
    AnswerClarification,
    AskClarification,
    CloseClarification,
    ProposeCorrection,
    Purpose,
)
from protocol.events import Event
from protocol.events_review import ClarificationAnswered, ClarificationAsked, ClarificationClosed
from protocol.refusals import Refusal, refuse
from protocol.session import moves
from protocol.session.asked import Asked, Decision
from protocol.session.review import standing
from protocol.session.review.preliminary import bid_fault
from protocol.session.review.state import Clarification


def ask(asked: Asked, content: AskClarification) -> Decision:
    """A member puts the committee's question to one bidder."""
    return _ask(asked, content.bidder, content.purpose, content.question)


def propose_correction(asked: Asked, content: ProposeCorrection) -> Decision:
    """What a price schedule comes to is put to its bidder; one at a time for each bid."""
    waiting = standing.open_clarifications(asked.here)
    if any(one.purpose == "correction" and one.bidder == content.bidder for one in waiting):
        return refuse("AlreadyProposed", bidder=content.bidder, ground="-")
    return _ask(asked, content.bidder, "correction", content.correction)


def answer(asked: Asked, content: AnswerClarification) -> Decision:
    """The bidder's one answer to what it was asked; there is no other way for a bidder to say anything."""
    here, who = asked.here, asked.who
    one = _found(asked, content.number)
    if one is None or (who.role == "bidder" and who.seat != one.bidder):
        return refuse("UnknownClarification", number=content.number)
    if one.result or asked.at > one.due_at:
        return refuse("ClarificationOver", number=content.number)
    if one.answered:
        return refuse("AlreadyAnswered", number=content.number)
    if len(content.answer) != 32 and (content.answer or not content.refused):
        return refuse("Malformed", why="answer")
    return (
        ClarificationAnswered(
            lot=here.lot, envelope=here.envelope, round=here.round, number=content.number, by=who.seat,
            answer=content.answer, refused=content.refused,
        ),
    )  # fmt: skip


def close(asked: Asked, content: CloseClarification) -> Decision:
    """A member closes what was answered or refused, the installation what is overdue."""
    here, who = asked.here, asked.who
    one = _found(asked, content.number)
    if one is None:
        return refuse("UnknownClarification", number=content.number)
    if one.result:
        return refuse("AlreadyDone")
    if who.role == "expert" and who.seat not in asked.state.roster:
        return refuse("NotCheckedIn", seat=who.seat)
    due = _result(one, asked.at, by_clock=who.role == "installation")
    if due != content.result:
        return refuse("StillOpen", number=content.number)
    closed = ClarificationClosed(
        lot=here.lot, envelope=here.envelope, round=here.round, number=content.number, result=content.result
    )
    corrected = one.purpose == "correction" and content.result == "answered"
    out: tuple[Event, ...] = (closed, *(standing.aside(here) if corrected else ()))
    others = any(other.number != content.number for other in standing.open_clarifications(here))
    target = standing.back_to(here, bool(standing.open_votes(here)), others)
    if target == here.phase:
        return out
    moved = moves.move(asked.state, here, "CloseClarification", target)
    return moved if isinstance(moved, Refusal) else (*out, *moved)


def _ask(asked: Asked, bidder: str, purpose: Purpose | Literal["correction"], question: bytes) -> Decision:
    here, who = asked.here, asked.who
    fault = bid_fault(asked, bidder)
    if fault is not None:
        return fault
    if who.seat not in asked.state.roster:
        return refuse("NotCheckedIn", seat=who.seat)
    number = len(here.review.clarifications) + 1
    if number > limits.CLARIFICATIONS_PER_STAGE_MAX:
        return refuse("ClarificationsFull", limit=limits.CLARIFICATIONS_PER_STAGE_MAX)
    one = ClarificationAsked(
        lot=here.lot, envelope=here.envelope, round=here.round, number=number, seat=who.seat, bidder=bidder,
        purpose=purpose, question=question, due_at=asked.at + here.review.answer_ms,
    )  # fmt: skip
    if moves.find(asked.state, here, asked.command.type) is None:
        return (one,)
    moved = moves.move(asked.state, here, asked.command.type)
    return moved if isinstance(moved, Refusal) else (one, *moved)


def _found(asked: Asked, number: int) -> Clarification | None:
    known = asked.here.review.clarifications
    return known[number - 1] if 1 <= number <= len(known) else None


def _result(one: Clarification, at: int, *, by_clock: bool) -> str:
    """How a clarification may be closed now, empty for not yet."""
    if one.answered:
        return "" if by_clock else "refused" if one.refused else "answered"
    return "overdue" if by_clock and at >= one.due_at else ""
