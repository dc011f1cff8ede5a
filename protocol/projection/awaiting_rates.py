"""Who is awaited while a rate is drawn (rules version 3, SPEC 17.7): to commit first, then to reveal."""

from collections.abc import Iterator

from protocol.session.state import AGENT_SEAT, State, Track
from protocol.session.turns.rates import ROLES
from protocol.session.turns.state import KDraw
from protocol.views import Awaited

PHASES = ("OPENED", "PRELIM")
"""Where a rate may be drawn."""


def awaited_in_draw(state: State, track: Track) -> Iterator[Awaited]:
    """Whose act the draws of a stage's rates that have begun wait for; nobody twice for one act.

    While a role has nobody who committed, each of its seats is awaited, for any of them will do;
    afterwards everybody who committed and has not revealed.
    """
    if track.phase not in PHASES:
        return
    told: set[tuple[str, str]] = set()
    for rate, found in sorted(track.turns.k_draws.items()):
        if rate in track.draws:
            continue
        for seat, act in _of_draw(state, found):
            if (seat, act) not in told:
                told.add((seat, act))
                yield Awaited(seat, state.seats[seat].role, act, track.lot, track.envelope)


def not_begun(track: Track, undrawn: tuple[str, ...]) -> bool:
    """Whether the plan draws a rate of this stage whose draw the agent has not begun."""
    return any(rate not in track.turns.k_draws for rate in undrawn)


def begins(track: Track) -> Awaited:
    """The agent, who begins a draw."""
    return Awaited(AGENT_SEAT, "agent", "BeginDrawK", track.lot, track.envelope)


def _of_draw(state: State, found: KDraw) -> Iterator[tuple[str, str]]:
    missing = [role for role in ROLES if not any(state.seats[one].role == role for one in found.commitments)]
    if missing:
        for seat in state.seats.values():
            if seat.role in missing and not seat.reserve:
                yield seat.seat, "CommitK"
        return
    yield from ((seat, "RevealK") for seat in sorted(found.commitments.keys() - found.randoms.keys()))
