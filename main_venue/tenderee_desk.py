"""The tenderee's desk (招标人): what it may ask for at the main venue.

Owns the answers to a tenderee's requests for an act. In rules version 1 every act of the tenderee stands in
the phase table and is not available yet (opening, closing the release, failing a session), so each is
answered with the rule's own refusal; the first version that makes one available fills it in here. Must not
sign or decide anything. Sources: 招标投标法 35-36; 实施条例 19, 44.
"""

from protocol.refusals import Refusal, refuse
from protocol.session.decide import unread
from protocol.session.phases import RULES
from protocol.session.state import State
from protocol.wire import Prepare


def prepare(asked: Prepare, state: State) -> Refusal:
    """Why the tenderee cannot have an act prepared: unknown, somebody else's, or not yet available."""
    row = RULES[state.rules_version].acts.get(asked.type)
    if row is not None and "tenderee" not in row.roles:
        allowed = ", ".join(row.roles)
        return refuse("NotAllowed", role="tenderee", type=asked.type, allowed=allowed)
    return unread(state, asked.type)
