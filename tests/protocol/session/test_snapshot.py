"""A state as bytes and back is the same state, at every entry of whole sessions."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import entry
from protocol.plan.case import Case
from protocol.session import snapshot
from protocol.session.apply import apply_known
from protocol.session.state import State
from tests.protocol.world import World


@pytest.fixture(scope="module")
def states(case: Case) -> tuple[list[State], list[bytes]]:
    """The states after each entry of a played session, and its entries."""
    world = World(case)
    world.to_archived()
    found: list[State] = []
    state: State | None = None
    for raw in world.entries:
        state = apply_known(state, entry.decode(raw), raw)
        found.append(state)
    return found, world.entries


def test_every_state_comes_back_as_it_was(states: tuple[list[State], list[bytes]]) -> None:
    for state in states[0]:
        back = snapshot.decode(snapshot.encode(state))
        assert back == state
        assert snapshot.encode(back) == snapshot.encode(state)


def test_what_follows_is_the_same_from_a_state_that_came_back(
    states: tuple[list[State], list[bytes]],
) -> None:
    found, entries = states
    for seq, raw in enumerate(entries[1:], 1):
        back = snapshot.decode(snapshot.encode(found[seq - 1]))
        assert apply_known(back, entry.decode(raw), raw) == found[seq]


@given(data=st.data())
def test_bytes_that_are_no_state_are_refused(
    states: tuple[list[State], list[bytes]], data: st.DataObject
) -> None:
    raw = snapshot.encode(states[0][data.draw(st.integers(0, len(states[0]) - 1))])
    for wrong in (raw[: data.draw(st.integers(0, len(raw) - 1))], raw + b"\0", data.draw(st.binary())):
        with pytest.raises(snapshot.NotASnapshot):
            snapshot.decode(wrong)


def test_the_schema_names_every_field_however_deep() -> None:
    class Other(State, frozen=True, kw_only=True):
        more: int = 0

    schema = msgspec.json.encode(msgspec.json.schema(State))
    for name in (b"refusals_noted", b"overrun_raised", b"entered_at", b"hashes", b"commitment"):
        assert b'"' + name + b'"' in schema
    assert msgspec.json.schema(Other) != msgspec.json.schema(State)
    assert len(bytes.fromhex(snapshot.SCHEMA)) == 32
