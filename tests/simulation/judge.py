"""The judge: what must hold in every run, whatever the weather was.

Owns the verdict: receipts are entries, entries have no gap and no act twice, replicas are one, the outcome
is the undisturbed run's, nobody was shown what the allow-table hides (`secrecy`), nothing failed that says
it is ours, and once nothing goes wrong any more the session ends. Takes nothing from the machines' own
opinion: entries come from the database, receipts from what was sent. Source: DESIGN 9.
"""

import sys
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from protocol import canonical, entry, wire
from protocol.session.apply import EntryRefused
from protocol.session.outcome import OutcomeWithheld, outcome
from protocol.session.state import State
from sub_venue.journal import frames
from sub_venue.journal.journal import Act, read
from tests.simulation import tender
from tests.simulation.memo import replay_one
from tests.simulation.net import Cable

if TYPE_CHECKING:
    from tests.simulation.world import World

EXPECTED_LOGS = frozenset(
    {
        # A disk that is full says so with its traceback; the act was refused.
        "write failed", "fdatasync failed; the file is given up until a restart",
    }
)  # fmt: skip


class Receipt(Struct, frozen=True):
    """A promise that was made to somebody: by which machine, of which act."""

    machine: str
    command_id: str
    status: str
    seq: int
    digest: bytes
    journal_index: int


class Judge:
    """Listens to one world, and says in the end what was wrong."""

    def __init__(self, world: "World", undisturbed: bytes | None) -> None:
        """Judge a world; `undisturbed` is the outcome to compare with, None for the first run of all."""
        self._world = world
        self._undisturbed = undisturbed
        self.outcome = b""
        self._drafts: dict[tuple[str, ...], int] = {}
        self.receipts: dict[Receipt, float] = {}
        self._disks: dict[str, frozenset[bytes]] = {}
        world.taps.append(self)

    # --- what was promised --------------------------------------------------------------------

    def told(self, cable: Cable, event: str, data: Any, asked: Any) -> None:
        """Something was sent by a server; a receipt is noted."""
        if event in (wire.ACT, wire.SUBMIT, wire.ANSWER) and isinstance(data, dict) and "status" in data:
            answer = msgspec.convert(data, wire.Answer)
            machine = cable.ends[1].life.machine
            kept = answer.kept
            if answer.status == "accepted" or kept is not None:
                receipt = Receipt(
                    machine, answer.command_id, answer.status, answer.seq,
                    b"" if kept is None else kept.command_digest, 0 if kept is None else kept.journal_index,
                )  # fmt: skip
                self.receipts.setdefault(receipt, self._world.loop.now_s)

        elif event in (wire.DRAFT_PUT, wire.DRAFT_GET) and isinstance(data, dict) and "revision" in data:
            self._draft(event, data["revision"], asked)

    def logged(self, method: str, event: dict[str, Any]) -> None:
        """A shell has logged that something of its own failed."""
        if (method in ("exception", "critical") or "exc_info" in event) and event.get(
            "event"
        ) not in EXPECTED_LOGS:
            self._world.found(f"logged: {event!r} {sys.exc_info()[1]!r}"[:400])

    def _draft(self, event: str, revision: int, asked: dict[str, Any]) -> None:
        """A draft that was kept is given back, or a newer one."""
        place = (asked["seat"], *asked["stage"].values())
        kept = self._drafts.get(place, 0)
        if event == wire.DRAFT_PUT:
            self._drafts[place] = max(kept, revision)
        elif revision < kept:
            self._world.found(f"draft {kept} of {place} was kept, and draft {revision} is given back")

    # --- the verdict --------------------------------------------------------------------------

    def verdict(self, *, settled: bool) -> list[str]:
        """Everything that is wrong; nothing when all is well.

        Where the world has not `settled`, nothing need be done and nobody need hold everything: promises,
        the record's own order and equal copies as far as they go are judged all the same.
        """
        world = self._world
        for fault in world.loop.unheard():
            world.found(f"nobody heard: {fault}")
        for fault in world.loop.faults:
            world.found(fault)
        rows = world.database.sessions.get(tender.SESSION)
        if rows is None:
            if settled or any(receipt.status == "accepted" for receipt in self.receipts):
                world.found("there is no session")
            return world.findings
        states = self._replayed(tuple(rows.entries))
        if states:
            self._once(rows.entries)
            self._promises(rows.entries, settled=settled)
            self._replicas(states, settled=settled)
            if settled or states[-1].phase == "ARCHIVED":
                self._outcome(states[-1], settled=settled)
        if world.database.stale:
            world.found(f"{world.database.stale} batches were decided under a stale lease and are durable")
        return world.findings

    def _replayed(self, entries: tuple[bytes, ...]) -> list[State]:
        """The state after each durable entry, each in its place and lawful; or None."""
        states: list[State] = []
        for seq, raw in enumerate(entries):
            try:
                one = entry.decode(raw)
                if one.seq != seq:
                    self._world.found(f"entry {seq} says it is {one.seq}")
                    return []
                states.append(replay_one(states[-1] if states else None, one, raw))
            except (EntryRefused, canonical.NotCanonical) as error:
                self._world.found(f"the record does not replay: {error}")
                return []
        return states

    def _once(self, entries: list[bytes]) -> None:
        """No command stands twice in the record."""
        seen: dict[tuple[str, str], int] = {}
        for seq, raw in enumerate(entries):
            command = entry.decode(raw).command
            name = (command.author_key, command.command_id)
            if name in seen:
                self._world.found(f"command {command.command_id} is entry {seen[name]} and entry {seq}")
            seen[name] = seq

    def _promises(self, entries: list[bytes], *, settled: bool) -> None:
        """Accepted is an entry at its place; kept is accepted or refused with its reason by now."""
        world = self._world
        for receipt in self.receipts:
            if receipt.status == "accepted":
                if not 0 <= receipt.seq < len(entries):
                    world.found(f"accepted, but there is no entry {receipt.seq}: {receipt.command_id}")
                    continue
                one = entry.decode(entries[receipt.seq])
                if one.command.command_id != receipt.command_id:
                    world.found(f"accepted as {receipt.seq}, where another act stands: {receipt.command_id}")
            if receipt.journal_index:
                self._kept(receipt, entries, settled=settled)

    def _kept(self, receipt: Receipt, entries: list[bytes], *, settled: bool) -> None:
        world = self._world
        if receipt.digest not in self._on_disk(receipt.machine):
            world.found(f"kept at {receipt.machine}, and not safe on its disk: {receipt.command_id}")
        if not settled and not world.lives[receipt.machine].alive:
            return
        journal = world.nodes[receipt.machine].journal
        found = next(
            (
                one
                for one in journal._acts.values()
                if (one.index, one.command_id) == (receipt.journal_index, receipt.command_id)
            ),
            None,
        )
        if found is None or found.digest != receipt.digest:
            world.found(f"kept at {receipt.machine}, and not in its journal: {receipt.command_id}")
        elif found.answer is None:
            if not settled:
                return
            world.found(f"kept at {receipt.machine}, and never answered: {receipt.command_id}")
        elif found.answer.status == "accepted":
            if not 0 <= found.answer.seq < len(entries):
                world.found(f"kept, accepted, and no entry: {receipt.command_id}")
        elif found.answer.refused is None:
            world.found(f"kept, and refused without a reason: {receipt.command_id}")

    def _on_disk(self, machine: str) -> frozenset[bytes]:
        """The digests of all acts in a venue's journal as a power cut would leave it."""
        found = self._disks.get(machine)
        if found is None:
            raw = self._world.volumes[machine].safe("data", "journal.log")
            try:
                records = tuple(read(one.payload) for one in frames.scan(raw).frames)
            except frames.DamagedFile as error:
                self._world.found(f"the journal of {machine}: {error}")
                records = ()
            found = frozenset(one.digest for one in records if isinstance(one, Act))
            self._disks[machine] = found
        return found

    def _replicas(self, states: list[State], *, settled: bool) -> None:
        """Every venue of the session holds the same session, as far as it has come; in full once settled."""
        state = states[-1]
        for name, node in self._world.nodes.items():
            life = self._world.lives[name]
            if not life.alive:
                continue
            replica = life.context.run(node.copies.get, tender.SESSION)
            if replica is None or replica.state is None:
                if settled:
                    self._world.found(f"{name} has no copy")
            elif replica.fault is not None:
                self._world.found(f"{name}'s copy has stopped: {replica.fault.code} at {replica.fault.seq}")
            elif replica.state.size > state.size or (settled and replica.state.size != state.size):
                self._world.found(f"{name}'s copy has {replica.state.size} of {state.size} entries")
            elif replica.state != states[replica.state.size - 1]:
                self._world.found(f"{name}'s copy is of another state")

        for name, house in self._world.houses.items():
            published = house.registry.awake(tender.SESSION) if self._world.lives[name].alive else None
            if published is None:
                continue
            if published.state.size > state.size or published.state != states[published.state.size - 1]:
                self._world.found(f"{name} has another state in memory")

    def _outcome(self, state: State, *, settled: bool) -> None:
        """What the evaluation came to is what it comes to without any weather."""
        life = self._world.lives["hefei"]
        replica = (
            life.context.run(self._world.nodes["hefei"].copies.get, tender.SESSION) if life.alive else None
        )
        if replica is None or (not settled and replica.size < state.size):
            return
        if state.phase != "ARCHIVED":
            self._world.found(f"the session stands at {state.phase}")
        try:
            found = outcome(state, replica.disclosed)
        except OutcomeWithheld as withheld:
            if not settled:
                return
            self._world.found(f"the outcome is not disclosed: {withheld}")
            return
        self.outcome = found
        if self._undisturbed is not None and found != self._undisturbed:
            self._world.found("the outcome is another than the undisturbed run's")
