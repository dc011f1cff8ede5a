"""Roll-call pictures in the record: who was called, who was seen, and that it is told whole (SPEC 31.6).

Sources: 12号令 11 (who is present is established before the evaluation), 355号 八, 九 (sound and picture of
the whole process are kept).
"""

from collections.abc import Iterator

from protocol import limits
from protocol.commands_live import RecordRollCall
from protocol.events_live import RollCallRecorded
from protocol.hidden import Field
from protocol.refusals import refuse
from protocol.session.asked import Asked, Decision
from protocol.session.state import State, members


def record(asked: Asked, content: RecordRollCall) -> Decision:
    """A picture that agent or witness took.

    Refused: lists out of order, a seat that is called and in neither of them or in both, one that is not
    called, a room of no venue of the session, one picture too many.
    """
    state = asked.state
    for one in (content.shown, content.missing, content.rooms):
        if one != tuple(sorted(set(one))):
            return refuse(
                "RollCallUnfit",
                zh="席位或会场须按序且各列一次",
                en="seats and rooms stand in order, each once",
            )
    told = (*content.shown, *content.missing)
    if tuple(sorted(told)) != called(state):
        strange = sorted(set(told) ^ set(called(state))) or sorted(set(content.shown) & set(content.missing))
        return refuse("RollCallIncomplete", seat=", ".join(strange[:5]))
    for room in content.rooms:
        if room not in state.venues:
            return refuse("UnknownVenue", venue=room)
    if len(state.live.roll_calls) >= limits.ROLL_CALLS_MAX:
        return refuse("RollCallsFull", limit=limits.ROLL_CALLS_MAX)
    return (
        RollCallRecorded(
            by=asked.who.seat, picture=content.picture, digest=content.digest, octets=content.octets,
            width=content.width, height=content.height, taken_at=content.taken_at, shown=content.shown,
            missing=content.missing, rooms=content.rooms,
        ),
    )  # fmt: skip


def called(state: State) -> tuple[str, ...]:
    """Whom a roll-call calls, ascending: the committee's members, and every seat that is no expert's."""
    others = (seat.seat for seat in state.seats.values() if seat.role != "expert")
    return tuple(sorted({*others, *(seat.seat for seat in members(state))}))


def hidden(state: State) -> Iterator[tuple[Field, bytes]]:
    """The pictures that the state names: field, digest."""
    for one in state.live.roll_calls:
        yield "roll_call", one.picture
