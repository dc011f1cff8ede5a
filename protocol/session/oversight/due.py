"""What of the group falls due by itself: an answer that is late (SPEC 34.2)."""

from protocol.commands import Command
from protocol.commands_oversight import NoteAnswerOverdue
from protocol.session.installation import own, sooner
from protocol.session.oversight import reading
from protocol.session.phases import RULES
from protocol.session.state import State
from protocol.words import SESSION_STAGE


def due(state: State, at: int) -> tuple[tuple[Command, ...], int | None]:
    """The installation's commands that are due at a time (ms), and when to ask again at the latest."""
    row = RULES[state.rules_version].acts.get("NoteAnswerOverdue")
    if row is None or state.phase not in row.phases:
        return (), None
    commands: list[Command] = []
    next_at: int | None = None
    for one in reading.unanswered(state):
        if one.overdue:
            continue
        if one.due_at <= at:
            cause = f"overdue {one.number}"
            commands.append(own(state, SESSION_STAGE, NoteAnswerOverdue(one.number), cause, at))
        else:
            next_at = sooner(next_at, one.due_at)
    return tuple(commands), next_at
