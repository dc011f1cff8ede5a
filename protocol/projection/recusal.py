"""Whom a member must think of before judging (回避): bidders' names, without which bid is whose.

A member learns them when the undertaking is signed, not before, and sorted, so that neutral codes stay
neutral in a blind review. Where the plan hides names for good there are none. Sources: 12号令 12;
实施条例 46; DOMAIN 1 (declared at check-in and after names are shown).
"""

from protocol.hidden import Disclosed
from protocol.session.state import State, members


def bidders_to_think_of(state: State, disclosed: Disclosed, seat: str) -> tuple[str, ...]:
    """The names that a member's page shows beside the declaration; none before the undertaking.

    Args:
      state: the session.
      disclosed: whatever the folding node holds; names that it does not hold are left out.
      seat: whose page it is.
    """
    if state.names_hidden or seat in state.drawn.recused:
        return ()
    mine = next((one for one in members(state) if one.seat == seat), None)
    if mine is None or not mine.checked_in:
        return ()
    names = {disclosed.get_value(bid.name) for track in state.tracks.values() for bid in track.bids}
    return tuple(sorted(name for name in names if name))
