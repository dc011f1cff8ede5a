"""Equal bids that nothing of the plan parts (并列): the tenderee says in which order they stand (SPEC 17.9).

Either the plan has a rule by which the tenderee decides (标准施工招标文件 2007: 由招标人自行确定), or it has
none and equal bids would make more candidates than three (条例 53), or two of one brand (87号令 31). What is
decided is a rule of the next tally; a published one is set aside.
Sources: 标准施工招标文件 (2007) 第三章; 财政部令第87号 31, 57; 实施条例 53.
"""

from protocol.commands_turns import DecideTie
from protocol.events_turns import TieDecided
from protocol.refusals import refuse
from protocol.session.asked import Asked, Decision
from protocol.session.review import standing
from protocol.session.state import is_last

UNPLANNED = "undecided"
"""The name under which an order stands that no rule of the plan asks for."""


def decide_tie(asked: Asked, content: DecideTie) -> Decision:
    """An order of equal bids, in the lot's last envelope, once their tally is published."""
    here = asked.here
    if not is_last(asked.state, here):
        return refuse("WrongEnvelope", envelope=here.envelope, type="ConfirmPassing")
    if not here.tally:
        return refuse("GuardUnmet", zh="尚未汇总", en="the scores are not aggregated yet")
    for bidder in content.order:
        if bidder not in here.valid:
            return refuse("UnknownBidder", bidder=bidder)
        if content.order.count(bidder) > 1:
            return refuse("DuplicateId", id=bidder)
    decided = TieDecided(
        lot=here.lot, envelope=here.envelope, round=here.round, seat=asked.who.seat, of=content.of,
        order=content.order, statement=content.statement,
    )  # fmt: skip
    return (decided, *standing.aside(here))
