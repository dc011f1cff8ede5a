"""What of the group falls due by itself."""

from protocol.commands import Command
from protocol.session.state import State


def due(state: State, at: int) -> tuple[tuple[Command, ...], int | None]:
    """The installation's commands that are due at a time (ms), and when to ask again at the latest."""
    return (), None
