"""What the purchaser's desk finds about bids as suppliers: one brand, and small businesses (SPEC 16.5).

Bids whose core product is of one brand count as one supplier, and one of them alone can be a candidate
(87号令 31). What share of the contract small businesses carry is declared by the bid and confirmed here,
with what it rests on; nothing is deducted on a word that nobody looked at (财库〔2020〕46号 11, 12:
中小企业声明函; from memory).
"""

from protocol.commands_review import ConfirmDeduction, NoteSameBrand
from protocol.events import Event
from protocol.events_review import DeductionConfirmed, SameBrandNoted
from protocol.refusals import refuse
from protocol.session.asked import Asked, Decision
from protocol.session.review import standing


def same_brand(asked: Asked, content: NoteSameBrand) -> Decision:
    """Bids of one brand; a bid is of one brand only, and in a tender brands count nothing."""
    here = asked.here
    if asked.state.regime != "GOV_PROC":
        return refuse(
            "GuardUnmet", zh="同品牌规则只适用于政府采购 (87号令 31)",
            en="bids of one brand count as one in purchases alone (87号令 31)",
        )  # fmt: skip
    if standing.begun(here) not in ("OPENED", "PRELIM"):
        return refuse("WrongPhase", phase=here.phase, type="NoteSameBrand", wanted="OPENED, PRELIM")
    known = {bid.bidder for bid in here.bids}
    branded = {bidder for group in here.review.brands for bidder in group}
    for bidder in content.bidders:
        if bidder not in known:
            return refuse("UnknownBidder", bidder=bidder)
        if bidder in branded or content.bidders.count(bidder) > 1:
            return refuse("DuplicateId", id=bidder)
    return (
        SameBrandNoted(
            lot=here.lot, envelope=here.envelope, round=here.round, seat=asked.who.seat,
            bidders=content.bidders, statement=content.statement,
        ),
    )  # fmt: skip


def confirm_deduction(asked: Asked, content: ConfirmDeduction) -> Decision:
    """The share that counts for a bid; a tally that was published on another is set aside."""
    here = asked.here
    if content.bidder not in (bid.bidder for bid in here.bids):
        return refuse("UnknownBidder", bidder=content.bidder)
    if content.bidder not in standing.left(here):
        return refuse("BidRejected", bidder=content.bidder)
    confirmed: Event = DeductionConfirmed(
        lot=here.lot, envelope=here.envelope, round=here.round, seat=asked.who.seat, bidder=content.bidder,
        deduction=content.deduction,
    )  # fmt: skip
    return (confirmed, *standing.aside(here))
