"""What of the group falls due by itself: the bidders' window ends."""

from protocol.commands import Command
from protocol.commands_ceremony import CloseRelease
from protocol.session.ceremony import reading
from protocol.session.installation import own, sooner, stage_of
from protocol.session.state import State, is_reached


def due(state: State, at: int) -> tuple[tuple[Command, ...], int | None]:
    """The installation's commands that are due at a time (ms), and when to ask again at the latest.

    The window closes when it is over, or when every bid was released; where nothing was, people decide.
    """
    commands = []
    next_at: int | None = None
    for name, found in state.ceremony.stages.items():
        here = state.tracks[name]
        if here.phase != "BIDDERS_RELEASE" or not found.released:
            continue
        if not is_reached(state, "bids_received", here.lot, here.envelope):
            continue
        over_at = reading.until(state, here) + 1
        if at >= over_at or len(found.released) == len(found.received):
            stage = stage_of(state, here.lot, here.envelope)
            commands.append(own(state, stage, CloseRelease(), f"release closed {name} {here.round}", at))
        else:
            next_at = sooner(next_at, over_at)
    return tuple(commands), next_at
