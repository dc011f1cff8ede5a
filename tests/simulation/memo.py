"""Pure work done once: what several machines of one world work out from the very same bytes or state.

Owns a memory for functions of `protocol` whose result is a function of frozen arguments. A state is known
by its identity, bytes by themselves, so two machines share a result only where their arguments are the
same; one that has gone astray works for itself. Signatures are a hash in place of Ed25519 (a run signs and
verifies thousands of times, and what is tested is who checks them, not the curve). Must not remember
anything that reads a machine.
"""

import base64
import functools
import hashlib
import sys
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

import protocol.methods.evaluate
import protocol.projection.alerts
import protocol.projection.awaiting
import protocol.projection.lines
import protocol.projection.project
from protocol import canonical, commands, entry, hidden
from protocol.entry import Entry
from protocol.ledger import tree
from protocol.plan.case import read_case
from protocol.plan.plan import Plan
from protocol.plan.stages import leaves
from protocol.plan.validate import validate_plan
from protocol.projection import visibility
from protocol.projection.alerts import Watched
from protocol.seal import signing
from protocol.session import apply
from protocol.session.apply import EntryRefused
from protocol.session.state import State

FOREVER_MAX = 2_000
"""Results kept from run to run."""


class Memory:
    """What has been worked out: in this run, or by this process."""

    def __init__(self) -> None:
        self.run: dict[Any, Any] = {}
        self.forever: dict[Any, Any] = {}

    def forget(self) -> None:
        """A run is over."""
        self.run.clear()
        if len(self.forever) > FOREVER_MAX:
            self.forever.clear()


MEMORY = Memory()
_real_decode = canonical.decode
_real_entry = entry.decode
_real_parse = commands.parse
_real_holds = hidden.holds
_real_apply_known = apply.apply_known
_real_replay_one = apply.replay_one
_real_work = protocol.methods.evaluate._work
_real_criteria = protocol.projection.project._criteria
_real_of_role = protocol.projection.project.of_role
_real_counts = protocol.projection.project._counts
_real_watch = protocol.projection.alerts.watch
_real_drawn_rates = protocol.projection.project._drawn_rates
_real_lines = protocol.projection.lines.lines
_real_act_view = protocol.projection.awaiting._act_view
_real_append = tree.append
_real_frontier_root = tree.frontier_root
_real_stage = protocol.projection.project._stage
_real_releasable = visibility.releasable
_real_validate_plan = validate_plan
_real_public_text = signing.public_text


def _decode(raw: bytes, as_type: Any, bytes_max: int = 65_535) -> Any:
    raw = bytes(raw)
    memory = MEMORY.forever if as_type is Plan else MEMORY.run
    known = (raw, as_type, bytes_max)
    found = memory.get(known)
    if found is None:
        found = memory[known] = _real_decode(raw, as_type, bytes_max)
    return found


def _by_bytes(real: Callable[[bytes], Any], name: str) -> Callable[[bytes], Any]:
    def once(raw: bytes) -> Any:
        known = (name, raw)
        found = MEMORY.run.get(known)
        if found is None:
            found = MEMORY.run[known] = real(raw)
        return found

    return once


def _holds(one: hidden.Disclosure) -> bool:
    known = ("holds", one.field, one.digest, one.salt, one.value)
    found = MEMORY.run.get(known)
    if found is None:
        found = MEMORY.run[known] = _real_holds(one)
    return bool(found)


def _apply_known(state: State | None, one: Entry, raw: bytes | None = None) -> State:
    if raw is None:
        return _real_apply_known(state, one, raw)
    known = ("apply", id(state), raw)
    found = MEMORY.run.get(known)
    if found is None:
        found = MEMORY.run[known] = (_real_apply_known(state, one, raw), state)
    after: State = found[0]
    return after


def replay_one(state: State | None, one: Entry, raw: bytes | None = None) -> State:
    """As `apply.replay_one`; whoever replays the same bytes on the same state gets the same new state."""
    known = ("replay", id(state), raw)
    found = MEMORY.run.get(known)
    if found is None:
        try:
            found = (_real_replay_one(state, one, raw), state)
        except EntryRefused as refused:
            found = (refused, state)
        MEMORY.run[known] = found
    if isinstance(found[0], EntryRefused):
        raise found[0]
    after: State = found[0]
    return after


def _work(plan: Plan, lot: str, inputs: Any) -> Any:
    known = ("work", id(plan), lot, msgspec.json.encode(inputs, order="sorted"))
    found = MEMORY.forever.get(known)
    if found is None:
        found = MEMORY.forever[known] = (_real_work(plan, lot, inputs), plan)
    return found[0]


def _criteria(plan: Plan, track: Any) -> Any:
    known = ("criteria", id(plan), track.lot, track.envelope)
    found = MEMORY.forever.get(known)
    if found is None:
        found = MEMORY.forever[known] = (_real_criteria(plan, track), plan)
    return found[0]


def _leaves(plan: Plan, lot: str, envelope: str) -> Any:
    known = ("leaves", id(plan), lot, envelope)
    found = MEMORY.forever.get(known)
    if found is None:
        found = MEMORY.forever[known] = (leaves(plan, lot, envelope), plan)
    return found[0]


def _validate_plan(plan: Plan) -> Any:
    known = ("plan", id(plan))
    found = MEMORY.forever.get(known)
    if found is None:
        found = MEMORY.forever[known] = (_real_validate_plan(plan), plan)
    return found[0]


def _read_case(text: bytes, *, complete: bool = True) -> Any:
    known = ("case", text, complete)
    found = MEMORY.forever.get(known)
    if found is None:
        found = MEMORY.forever[known] = read_case(text, complete=complete)
    return found


def _public_text(private: Any) -> str:
    known = ("public", id(private))
    found = MEMORY.forever.get(known)
    if found is None:
        found = MEMORY.forever[known] = (_real_public_text(private), private)
    text: str = found[0]
    return text


def _stage(state: State, disclosed: hidden.Disclosed, role: str, plan: Any, track: Any, to: str) -> Any:
    """A stage as a role sees it: the same for every page of the role while none of its parts has changed."""
    parts = (state.path, state.seats, state.roster, plan, track)
    known = ("stage", role, to, _fingerprint(disclosed), *map(id, parts))
    found = MEMORY.run.get(known)
    if found is None:
        found = MEMORY.run[known] = (_real_stage(state, disclosed, role, plan, track, to), parts)  # type: ignore[arg-type]
    return found[0]


def _of_role(
    state: State, disclosed: hidden.Disclosed, role: Any, to: str, watched: Watched | None = None
) -> Any:
    known = ("role", id(state), _fingerprint(disclosed), role, to, id(watched))
    found = MEMORY.run.get(known)
    if found is None:
        view = _real_of_role(state, disclosed, role, to, watched)
        # The same stages are one tuple, so that whoever looks at them sees at once that they are the same.
        name = ("stages", *map(id, view.stages))
        stages = MEMORY.run.setdefault(name, view.stages)
        found = MEMORY.run[known] = (replace(view, stages=stages), state, watched)
    return found[0]


def _counts(state: State, venue: str) -> Any:
    parts = (state.seats, *state.tracks.values())
    known = ("counts", venue, *map(id, parts))
    found = MEMORY.run.get(known)
    if found is None:
        found = MEMORY.run[known] = (_real_counts(state, venue), parts)
    return found[0]


def _watch(before: State | None, one: Entry, watched: Watched) -> Watched:
    """What there is to look at: one object for all who have seen the same until then."""
    known = ("watch", id(before), id(one))
    found = MEMORY.run.get(known)
    if found is not None and (found[0] is watched or found[0] == watched):
        after: Watched = found[1]
        return after
    after = _real_watch(before, one, watched)
    MEMORY.run[known] = (watched, after, before, one)
    return after


def _drawn_rates(plan: Plan, lot: str) -> Any:
    known = ("rates", id(plan), lot)
    found = MEMORY.forever.get(known)
    if found is None:
        found = MEMORY.forever[known] = (_real_drawn_rates(plan, lot), plan)
    return found[0]


def _act_view(state: State, track: Any, act: Any) -> Any:
    """An act as every seat that may do it is shown it."""
    known = ("act", id(state), id(track), act.type)
    found = MEMORY.run.get(known)
    if found is None:
        found = MEMORY.run[known] = (_real_act_view(state, track, act), state)
    return found[0]


def _lines(state: State, one: Entry, leaf: bytes, roles: Any) -> Any:
    known = ("lines", id(state), leaf, roles)
    found = MEMORY.run.get(known)
    if found is None:
        found = MEMORY.run[known] = (_real_lines(state, one, leaf, roles), state)
    return found[0]


def _append(frontier: tree.Frontier, leaf: bytes) -> tree.Frontier:
    known = (frontier.hashes, leaf)
    found: tree.Frontier | None = MEMORY.run.get(known)
    if found is None:
        found = MEMORY.run[known] = _real_append(frontier, leaf)
    return found


def _frontier_root(frontier: tree.Frontier) -> bytes:
    known = frontier.hashes
    found: bytes | None = MEMORY.run.get(known)
    if found is None:
        found = MEMORY.run[known] = _real_frontier_root(frontier)
    return found


def _releasable(state: State, disclosed: hidden.Disclosed, roles: frozenset[Any], province: str) -> Any:
    known = ("releasable", id(state), id(disclosed), tuple(sorted(roles)), province)
    found = MEMORY.run.get(known)
    if found is None:
        found = MEMORY.run[known] = (_real_releasable(state, disclosed, roles, province), state, disclosed)
    return found[0]


def _fingerprint(disclosed: hidden.Disclosed) -> int:
    """Which disclosures there are: their digests name their values."""
    known = ("fingerprint", id(disclosed))
    found = MEMORY.run.get(known)
    if found is None:
        digests = frozenset(disclosed)
        number = MEMORY.run.setdefault(("digests", digests), len(MEMORY.run))
        found = MEMORY.run[known] = (number, disclosed)
    number_: int = found[0]
    return number_


def _no_inspection(_value: Any, _depth: int) -> None:
    """What a run makes is made by code whose canonical form other tests hold."""


def _signature(key: str, message: bytes) -> str:
    return "ed25519:" + base64.b64encode(hashlib.sha512(key.encode() + message).digest()).decode()


def _sign(private: Any, message: bytes) -> str:
    return _signature(_public_text(private), message)


def _verify(key: str, message: bytes, sig: str) -> bool:
    return signing.is_key(key) and sig == _signature(key, message)


_ONCE: tuple[tuple[Any, Any], ...] = (
    (_real_decode, _decode),
    (_real_entry, _by_bytes(_real_entry, "entry")),
    (_real_parse, _by_bytes(_real_parse, "command")),
    (_real_holds, _holds),
    (_real_apply_known, _apply_known),
    (_real_replay_one, replay_one),
    (_real_work, _work),
    (_real_criteria, _criteria),
    (_real_stage, _stage),
    (_real_of_role, _of_role),
    (_real_lines, _lines),
    (_real_counts, _counts),
    (_real_watch, _watch),
    (_real_drawn_rates, _drawn_rates),
    (_real_act_view, _act_view),
    (_real_append, _append),
    (_real_frontier_root, _frontier_root),
    (tree.leaf_hash, _by_bytes(tree.leaf_hash, "leaf")),
    (_real_releasable, _releasable),
    (canonical._inspect, _no_inspection),
    (leaves, _leaves),
    (_real_validate_plan, _validate_plan),
    (read_case, _read_case),
    (signing.sign, _sign),
    (signing.verify, _verify),
    (_real_public_text, _public_text),
)
"""(a function, the same with a memory)."""

_PACKAGES = ("protocol", "server", "sub_venue", "main_venue", "ops")


@functools.cache
def stand_ins() -> tuple[tuple[Any, str, Any], ...]:
    """(room, name, the same with a memory), wherever a room has imported one of them by name."""
    rooms = [room for name, room in sorted(sys.modules.items()) if name.partition(".")[0] in _PACKAGES]
    return tuple(
        (room, name, with_memory)
        for room in rooms
        for name, real in sorted(vars(room).items())
        for known, with_memory in _ONCE
        if real is known
    )
