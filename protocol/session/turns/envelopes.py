"""Two envelopes (双信封; SPEC 17.6): the next is opened for those who pass, and for no others.

Sources: 条例 30 (two stages); 公路工程标准施工招标文件 (2018), 双信封形式; DOMAIN 3.9.
"""

from protocol.commands import BidRef, ConfirmRanking, ImportOpening
from protocol.commands_turns import ConfirmPassing
from protocol.events_turns import PassingConfirmed
from protocol.refusals import Refusal, refuse
from protocol.session import moves, opening
from protocol.session.asked import Asked, Decision
from protocol.session.state import Track, earlier, is_last


def import_opening(asked: Asked, content: ImportOpening) -> Decision:
    """A first envelope as ever; a later one with exactly the bidders that passed, under their codes."""
    state, here = asked.state, asked.here
    before = earlier(state, here)
    if not before:
        return opening.import_opening(state, here, content)
    last = before[-1]
    if last.phase == "RANKED":
        fault = _not_those(last, content.bids)
        if fault is not None:
            return fault
    return opening.import_opening(state, here, content, bids_min=1)


def confirm_passing(asked: Asked, content: ConfirmPassing) -> Decision:
    """Who goes on to the next envelope, in the order of the bids."""
    state, here = asked.state, asked.here
    if is_last(state, here):
        return refuse("WrongEnvelope", envelope=here.envelope, type="ConfirmRanking")
    stranger = next((bidder for bidder in content.passing if bidder not in here.valid), None)
    if stranger is not None:
        return refuse("UnknownBidder", bidder=stranger)
    if content.passing != tuple(bid.bidder for bid in here.bids if bid.bidder in content.passing):
        return refuse("Malformed", why="passing")
    moved = moves.move(state, here, "ConfirmPassing")
    if isinstance(moved, Refusal):
        return moved
    passing = PassingConfirmed(
        lot=here.lot, envelope=here.envelope, round=here.round, passing=content.passing
    )
    return (passing, *moved)


def confirm_ranking(asked: Asked, content: ConfirmRanking) -> Decision:  # noqa: ARG001 - an act without particulars
    """The ranking of a lot, in its last envelope."""
    if not is_last(asked.state, asked.here):
        return refuse("WrongEnvelope", envelope=asked.here.envelope, type="ConfirmPassing")
    return moves.move(asked.state, asked.here, "ConfirmRanking")


def _not_those(last: Track, bids: tuple[BidRef, ...]) -> Refusal | None:
    codes = {bid.bidder: bid.code for bid in last.bids if bid.bidder in last.turns.passing}
    given = {bid.bidder: bid.code for bid in bids}
    if given == codes:
        return None
    differing = sorted(name for name in codes.keys() | given.keys() if codes.get(name) != given.get(name))
    return refuse("NotPassing", bidders=", ".join(differing))
