"""The inputs of a lot's evaluation, taken from a case (由案例得到评审输入).

Owns: the way from a case's tables to `Inputs`. Must not know: what is expected of the case.
"""

from protocol.methods.evaluation import Inputs
from protocol.plan.case import Case
from protocol.plan.validate_bids import seats, valid_bidders


def inputs_from(case: Case, lot: str) -> Inputs:
    """Return the inputs of one lot: valid bidders, their prices and quantities, all sheets and draws.

    Sheets of reserves and of rejected bidders are left out.
    """
    valid = valid_bidders(case, lot)
    bids = {bid.bidder: bid for bid in case.bids if bid.lot == lot and bid.bidder in valid}
    sitting = seats(case)
    return Inputs(
        valid=valid,
        prices={bidder: bid.price for bidder, bid in bids.items() if bid.price},
        quantities={bidder: dict(bid.quantities) for bidder, bid in bids.items() if bid.quantities},
        sheets={
            seat: {bidder: dict(scores) for bidder, scores in sheet.items() if bidder in valid}
            for seat, sheet in case.sheets.get(lot, {}).items()
            if seat in sitting
        },
        draws=dict(case.draws.get(lot, {})),
    )
