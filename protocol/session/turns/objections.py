"""Objections on the spot at the opening (开标现场异议; SPEC 17.8).

A bidder objects by its own key, or the tenderee enters what one said. Source: 条例 44 (the tenderee answers
on the spot and makes a record).
"""

from protocol import limits
from protocol.commands_turns import AnswerObjection, RaiseObjection
from protocol.events_turns import ObjectionAnswered, ObjectionRaised
from protocol.refusals import refuse
from protocol.session.asked import Asked, Decision


def raise_one(asked: Asked, content: RaiseObjection) -> Decision:
    """A bidder of the stage objects, for itself alone."""
    here, who = asked.here, asked.who
    foreign = who.role == "bidder" and who.seat != content.bidder
    if foreign or content.bidder not in (bid.bidder for bid in here.bids):
        return refuse("UnknownBidder", bidder=content.bidder)
    number = len(here.turns.objections) + 1
    if number > limits.OBJECTIONS_MAX:
        return refuse("TooLarge", size=number, limit=limits.OBJECTIONS_MAX)
    raised = ObjectionRaised(
        lot=here.lot, envelope=here.envelope, number=number, seat=asked.who.seat, bidder=content.bidder,
        objection=content.objection,
    )  # fmt: skip
    return (raised,)


def answer(asked: Asked, content: AnswerObjection) -> Decision:
    """The tenderee answers, each objection once."""
    here = asked.here
    if content.number > len(here.turns.objections):
        return refuse("UnknownObjection", number=content.number)
    if here.turns.objections[content.number - 1].answer:
        return refuse("AlreadyDone")
    answered = ObjectionAnswered(
        lot=here.lot, envelope=here.envelope, number=content.number, seat=asked.who.seat,
        answer=content.answer,
    )  # fmt: skip
    return (answered,)
