"""The tenderee's desk (招标人): what it may ask for at the main venue.

Owns the contents of the acts by which a tenderee presides at an opening: the next bid to be read out, and
the opening record to be signed. Acts that stand in the phase table and are not available yet (an opening
of its own, closing the release, failing a session) are answered with the rule's own refusal. Must not sign
or decide anything. Sources: 招标投标法 35-36; 实施条例 19, 44; 20号令 29.
"""

from protocol import canonical
from protocol.commands import ReadOut
from protocol.refusals import Refusal, refuse
from protocol.session.decide import unread
from protocol.session.phases import RULES
from protocol.session.state import State, track
from protocol.wire import Prepare, Prepared
from sub_venue.seats import own_acts


def prepare(asked: Prepare, state: State) -> Prepared | Refusal:
    """The content of the tenderee's act.

    Refuses acts that are unknown, somebody else's or not yet available, a stage that there is not, and
    `AlreadyDone` when all is read out.
    """
    row = RULES[state.rules_version].acts.get(asked.type)
    if row is not None and "tenderee" not in row.roles:
        allowed = ", ".join(row.roles)
        return refuse("NotAllowed", role="tenderee", type=asked.type, allowed=allowed)
    if row is None or not row.available:
        return unread(state, asked.type)
    if asked.type == "SignOpeningRecord":
        return own_acts.opening_record(asked, state)
    here = track(state, asked.stage)
    if here is None:
        return refuse("UnknownStage", stage=f"{asked.stage.lot}/{asked.stage.envelope}")
    following = next((bid.bidder for bid in here.bids if bid.bidder not in here.read_out), None)
    if following is None:
        return refuse("AlreadyDone")
    content = canonical.encode(ReadOut(following)).decode()
    return Prepared(asked.type, asked.stage, content, ())
