"""Which nodes may follow a session, and which roles they seat; read off the state.

Before the roster the node that brought the genesis, as the agent's, and while a draw goes on those of
its parties, who seat nobody and are shown nothing hidden; from the roster on the venues in it and nobody
else but the services of the custodians that were appointed, who replay every entry (SPEC 28.4). Pure. What
a role may hold is the allow-table's (`protocol.projection`).
"""

from protocol.session.ceremony import reading
from protocol.session.state import State
from protocol.words import Role


def node_keys(state: State, home_key: str) -> frozenset[str]:
    """The node keys that follow the session.

    Args:
      state: the session.
      home_key: the key of the node that brought the genesis.
    """
    if state.venues:
        venues = frozenset(venue.node_key for venue in state.venues.values())
        return venues | reading.services(state) if state.ceremony.stages else venues
    frozen = state.drawn.frozen
    if frozen is None:
        return frozenset((home_key,))
    parties = {one.party for one in frozen.parties if one.role == "venue"}
    return frozenset((home_key, *(one.key for one in state.node_keys if one.node in parties)))


def roles_at(state: State, home_key: str, node_key: str) -> frozenset[Role]:
    """The roles seated at a node; none for a node that is not of the session.

    A reserve that was not called in is not seated yet: its node is shown nothing for its sake.
    """
    if not state.venues:
        return frozenset(("agent",)) if node_key == home_key else frozenset()
    if state.ceremony.stages and node_key in reading.services(state):
        return frozenset(("custodian",))
    here = {venue.venue for venue in state.venues.values() if venue.node_key == node_key}
    return frozenset(seat.role for seat in state.seats.values() if seat.venue in here and not seat.reserve)


def province_at(state: State, node_key: str) -> str:
    """The province of a node's venue; empty for a node that is not of the session."""
    return next((venue.province for venue in state.venues.values() if venue.node_key == node_key), "")
