"""Roll-call pictures as a role is told of them (SPEC 31.6); their bytes are asked for one by one."""

from protocol.projection import visibility
from protocol.session.live import roll_calls as calling
from protocol.session.phases import RULES
from protocol.session.state import State
from protocol.views import RollCallView
from protocol.words import Role


def roll_calls(state: State, role: Role) -> tuple[RollCallView, ...]:
    """All of the session, in order of number, to whom the table shows them."""
    if not visibility.allowed(state, "roll_call", role):
        return ()
    return tuple(
        RollCallView(
            number, one.seq, one.at, one.taken_at, one.by, one.digest, one.octets, one.width, one.height,
            one.shown, one.missing, one.rooms,
        )
        for number, one in enumerate(state.live.roll_calls, 1)
    )  # fmt: skip


def called_now(state: State, role: Role) -> tuple[str, ...]:
    """Whom a roll-call would call now, to a role that may take one."""
    row = RULES[state.rules_version].acts.get("RecordRollCall")
    if row is None or not row.available or role not in row.roles or state.phase not in row.phases:
        return ()
    return calling.called(state)
