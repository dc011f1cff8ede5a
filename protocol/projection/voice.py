"""What a page is told of its own key's delegation, and an officer of the keys at their venue (SPEC 19.8).

Owns the folding alone; which acts ask for a delegation is `protocol.session.identity`'s.
"""

from typing import Final

from protocol.session.phases import RULES
from protocol.session.state import State
from protocol.views_identity import UnvoicedView, VoiceStanding, VoiceView

_CONFIRM: Final = "ConfirmSeatKey"


def own(state: State, seat: str) -> VoiceView | None:
    """How the key of a seat stands; None under rules without delegations, and where no key is bound."""
    rules = RULES[state.rules_version]
    found = state.seats.get(seat)
    if found is None or not found.key or "DelegateSeatKey" not in rules.acts:
        return None
    stands = standing(state, found.key)
    given = state.identity.delegated.get(found.key)
    # Who is known by another officer's word alone confirms nobody: two codes never make a signature.
    officer = found.role in rules.acts[_CONFIRM].roles and stands == "given"
    confirms = _unvoiced(state, seat) if officer and given is not None and given.means != "desk" else ()
    if given is None:
        return VoiceView(key=found.key, stands=stands)
    return VoiceView(
        key=found.key, stands=stands, means=given.means, until=given.until, by=given.by, confirms=confirms
    )


def bidders(state: State, bidder: str) -> VoiceView | None:
    """How the key of a bidder stands, empty while none is bound; None under rules without delegations."""
    if "DelegateSeatKey" not in RULES[state.rules_version].acts:
        return None
    whose = ("bidder", bidder)
    key = next((key for key, who in state.keys.items() if (who.role, who.seat) == whose), "")
    given = state.identity.delegated.get(key)
    if given is None:
        return VoiceView(key=key, stands="none")
    return VoiceView(key=key, stands=standing(state, key), means=given.means, until=given.until)


def standing(state: State, key: str) -> VoiceStanding:
    """How a key stands as of the state's clock."""
    given = state.identity.delegated.get(key)
    if given is None:
        return "none"
    if given.revoked_seq:
        return "revoked"
    return "given" if state.at < given.until else "ended"


def _unvoiced(state: State, officer: str) -> tuple[UnvoicedView, ...]:
    """The keys at an officer's venue that have no voice in force, bidders' and the officer's own left out."""
    venue = state.seats[officer].venue
    return tuple(
        UnvoicedView(one.seat, one.role, one.key)
        for one in sorted(state.seats.values(), key=lambda seat: (seat.role, seat.seat))
        if one.venue == venue
        and one.key
        and one.seat != officer
        and one.role != "bidder"
        and standing(state, one.key) != "given"
    )
